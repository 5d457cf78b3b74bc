//! DNS that is encrypted, and by what it is known: a client's hello says enough, or the port does.

use crate::bytes::Confidence;
use crate::protocols::{Start, Transport};

/// The port of DNS over TLS (RFC 7858, section 3.1) and of DNS over QUIC (RFC 9250, section 4.1.1).
const PORT: u16 = 853;

/// Names under which public resolvers answer DNS over HTTPS (RFC 8484), as their operators publish them: Google,
/// Cloudflare, Quad9, AdGuard, OpenDNS, NextDNS, CleanBrowsing, Mullvad, Control D, DNS.SB, Apple, Alibaba, DNSPod.
const RESOLVERS: [&str; 22] = [
    "dns.google",
    "dns64.dns.google",
    "cloudflare-dns.com",
    "mozilla.cloudflare-dns.com",
    "chrome.cloudflare-dns.com",
    "one.one.one.one",
    "security.cloudflare-dns.com",
    "family.cloudflare-dns.com",
    "dns.quad9.net",
    "dns11.quad9.net",
    "dns.adguard-dns.com",
    "unfiltered.adguard-dns.com",
    "family.adguard-dns.com",
    "doh.opendns.com",
    "dns.nextdns.io",
    "doh.cleanbrowsing.org",
    "dns.mullvad.net",
    "freedns.controld.com",
    "doh.dns.sb",
    "doh.dns.apple.com",
    "dns.alidns.com",
    "doh.pub",
];

/// What a client's hello tells of it: in words, with the reason, and how sure that is.
///
/// An application protocol that is registered for DNS is certain; the port alone is not, for anything may be spoken
/// there; a resolver's name neither, because what is asked of it over HTTPS looks like any other request.
pub(super) fn judge(extensions: &[u8], start: Option<Start>) -> Option<(&'static str, Confidence)> {
    let asked = Asked::read(extensions);
    let quic = start.is_some_and(|start| start.transport == Transport::Udp);
    let ported = start.is_some_and(|start| start.server_port == PORT);
    Some(match asked {
        Asked { dot: true, .. } => ("DNS over TLS, by its application protocol", Confidence::Certain),
        Asked { doq: true, .. } => ("DNS over QUIC, by its application protocol", Confidence::Certain),
        _ if ported && quic => ("DNS over QUIC, by its port", Confidence::Inferred),
        _ if ported => ("DNS over TLS, by its port", Confidence::Inferred),
        Asked { resolver: true, .. } => ("DNS over HTTPS, by the resolver's name", Confidence::Inferred),
        _ => return None,
    })
}

/// What of a hello's extensions matters here.
#[derive(Default)]
struct Asked {
    dot: bool,
    doq: bool,
    resolver: bool,
}

impl Asked {
    fn read(mut extensions: &[u8]) -> Asked {
        const SERVER_NAME: u16 = 0;
        const APPLICATION_PROTOCOLS: u16 = 16;
        let mut asked = Asked::default();
        while let Some((kind, behind)) = number(extensions)
            && let Some((body, behind)) = vector(behind)
        {
            match kind {
                // A list of one: its length, a type, the name's length (RFC 6066, section 3).
                SERVER_NAME => {
                    let name = vector(body).and_then(|(list, _)| vector(list.get(1..)?)).map_or(&[][..], |(name, _)| name);
                    asked.resolver = RESOLVERS.iter().any(|known| name.eq_ignore_ascii_case(known.as_bytes()));
                }
                APPLICATION_PROTOCOLS => {
                    let mut names = vector(body).map_or(&[][..], |(list, _)| list);
                    while let Some((length, rest)) = names.split_first()
                        && let Some((name, rest)) = rest.split_at_checked(usize::from(*length))
                    {
                        asked.dot |= name == b"dot";
                        // Drafts had a number behind it.
                        asked.doq |= name == b"doq" || name.starts_with(b"doq-i");
                        names = rest;
                    }
                }
                _ => {}
            }
            extensions = behind;
        }
        asked
    }
}

fn number(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (number, behind) = bytes.split_first_chunk()?;
    Some((u16::from_be_bytes(*number), behind))
}

/// Bytes with their length in two octets before them.
fn vector(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, behind) = number(bytes)?;
    behind.split_at_checked(length.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(transport: Transport, server_port: u16) -> Start {
        Start { transport, client_port: 50000, server_port }
    }

    const DOT: &[u8] = b"\0\x10\0\x06\0\x04\x03dot";
    const GOOGLE: &[u8] = b"\0\0\0\x0f\0\x0d\0\0\x0aDNS.google";

    #[test]
    fn each_with_its_reason() {
        let judged = |extensions, start| judge(extensions, start).map(|(what, confidence)| (&what[..14], confidence));
        assert_eq!(judged(DOT, Some(start(Transport::Tcp, 443))), Some(("DNS over TLS, ", Confidence::Certain)));
        assert_eq!(judged(b"", Some(start(Transport::Tcp, 853))), Some(("DNS over TLS, ", Confidence::Inferred)));
        assert_eq!(judged(b"", Some(start(Transport::Udp, 853))), Some(("DNS over QUIC,", Confidence::Inferred)));
        assert_eq!(judged(GOOGLE, Some(start(Transport::Tcp, 443))), Some(("DNS over HTTPS", Confidence::Inferred)));
        assert_eq!(judged(b"", None), None);
    }

    #[test]
    fn lists_that_lie_tell_nothing() {
        for cut in 0..DOT.len() {
            assert_eq!(judge(&DOT[..cut], None), None);
        }
        for cut in 0..GOOGLE.len() {
            assert_eq!(judge(&GOOGLE[..cut], None), None);
        }
    }
}
