//! SDP (RFC 8866): where a conversation's media go, and in which coding, as SIP and RTSP carry it.
//!
//! ```text
//! v=0 ... c=IN IP4 192.0.2.7 ... m=audio 49170 RTP/AVP 0 ... a=rtcp:49171
//! ```

use std::net::IpAddr;

use super::{Protocol, Read, head, heading, rtcp, rtp};
use crate::bytes::{Announced, Class, Cursor, Field, Stop, Whose};
use crate::fields;

/// The Session Description Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("sdp", "Session Description Protocol", Class::Content, "RFC 8866"),
    fields: FIELDS,
    under: &[],
    read: Read::Noted,
};

fields! { class Content, "RFC 8866, section 5";
    VERSION: Text "sdp.version" "Session Description Protocol Version (v)";
    OWNER: Text "sdp.owner" "Owner/Creator, Session Id (o)";
    NAME: Text "sdp.session_name" "Session Name (s)";
    INFORMATION: Text "sdp.session_info" "Session Information (i)";
    CONNECTION: Text "sdp.connection_info" "Connection Information (c)";
    TIME: Text "sdp.time" "Time Description, active time (t)";
    MEDIA: Text "sdp.media" "Media Description, name and address (m)";
    ATTRIBUTE: Text "husk.sdp.attribute" "Attribute (a)";
    OTHER: Text "husk.sdp.other" "Other line";
}

/// UDP's IP protocol number.
const UDP: u8 = 17;

/// What is known while the lines are read: where media go that do not say it themselves, and where the latest go.
#[derive(Default)]
struct Lines {
    session: Option<IpAddr>,
    media: Option<Media>,
}

/// One `m=` line and what follows it.
#[derive(Clone, Copy)]
struct Media {
    port: u16,
    address: Option<IpAddr>,
    /// Where its reports go, if not to the next port (RFC 3605).
    reports: Option<u16>,
}

/// Reads a description: what is left of the window.
pub(super) fn read(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.class(Class::Content);
    c.group(&PROTOCOL.heading, |c| {
        let mut lines = Lines::default();
        // Each turn passes a byte or stops.
        while !c.is_empty() {
            let rest = c.rest();
            let line = head::line(rest).unwrap_or(head::Line { text: rest.len(), whole: rest.len() });
            one_line(c, line.text, &mut lines)?;
            c.pass(line.whole.saturating_sub(line.text))?;
        }
        lines.announce(c);
        Ok(())
    })
}

fn one_line(c: &mut Cursor<'_>, length: usize, lines: &mut Lines) -> Result<(), Stop> {
    let field: &'static Field = match c.peek(2) {
        b"v=" => &VERSION,
        b"o=" => &OWNER,
        b"s=" => &NAME,
        b"i=" => &INFORMATION,
        b"c=" => &CONNECTION,
        b"t=" => &TIME,
        b"m=" => &MEDIA,
        b"a=" => &ATTRIBUTE,
        _ if length == 0 => return Ok(()),
        _ => return c.bytes(&OTHER, length).map(drop),
    };
    c.pass(2.min(length))?;
    let value = if length > 2 { c.bytes(field, length.saturating_sub(2))? } else { &[] };
    let text = std::str::from_utf8(value).unwrap_or_default();
    if field == &CONNECTION {
        lines.connection(text);
    } else if field == &MEDIA {
        lines.announce(c);
        lines.media(text);
    } else if field == &ATTRIBUTE {
        lines.attribute(text);
    }
    Ok(())
}

impl Lines {
    /// `IN IP4 224.2.36.42/127`, for the session or for one of its media.
    fn connection(&mut self, text: &str) {
        let address = text.split_ascii_whitespace().nth(2).and_then(|word| word.split('/').next()?.parse().ok());
        match &mut self.media {
            Some(media) => media.address = address,
            None => self.session = address,
        }
    }

    /// `audio 49170/2 RTP/AVP 0 8`; port 0 refuses it (RFC 3264, section 6).
    fn media(&mut self, text: &str) {
        let mut words = text.split_ascii_whitespace().skip(1);
        let port = words.next().and_then(|word| word.split('/').next()?.parse().ok()).filter(|port| *port != 0);
        let is_rtp = words.next().is_some_and(|profile| profile.contains("RTP/"));
        self.media = port.filter(|_| is_rtp).map(|port| Media { port, address: None, reports: None });
    }

    /// `rtcp:53020 IN IP6 ...` (RFC 3605, section 2.1).
    fn attribute(&mut self, text: &str) {
        if let (Some(media), Some(value)) = (&mut self.media, text.strip_prefix("rtcp:")) {
            media.reports = value.split_ascii_whitespace().next().and_then(|port| port.parse().ok());
        }
    }

    /// The media described last will come to the endpoint that it named.
    fn announce(&mut self, c: &mut Cursor<'_>) {
        let Some(media) = self.media.take() else { return };
        let address = media.address.or(self.session).map_or(Whose::Sender, Whose::Address);
        let reports = media.reports.or(media.port.checked_add(1));
        announce(c, address, media.port, reports);
    }
}

/// Media of RTP will come to a port, and their reports to another.
pub(super) fn announce(c: &mut Cursor<'_>, address: Whose, port: u16, reports: Option<u16>) {
    c.announce(Announced { address, port, ip_number: UDP, heading: &rtp::PROTOCOL.heading });
    if let Some(port) = reports.filter(|reports| *reports != port) {
        c.announce(Announced { address, port, ip_number: UDP, heading: &rtcp::PROTOCOL.heading });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};

    fn announced(text: &str) -> Vec<(Whose, u16, &'static str)> {
        let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
        let mut c = Cursor::new(text.as_bytes(), 0, 0, &mut findings, Some(&mut tree));
        read(&mut c).unwrap();
        assert!(c.is_empty());
        findings.announced.iter().map(|one| (one.address, one.port, one.heading.name)).collect()
    }

    #[test]
    fn media_go_where_they_say_or_where_the_session_says() {
        let text = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\nc=IN IP4 192.0.2.7/127\r\nm=audio 4000 RTP/AVP 0\r\n\
            m=video 4002/2 RTP/SAVP 96\r\nc=IN IP6 2001:db8::1\r\na=rtcp:5000 IN IP4 192.0.2.9\r\n";
        let v4 = Whose::Address("192.0.2.7".parse().unwrap());
        let v6 = Whose::Address("2001:db8::1".parse().unwrap());
        assert_eq!(announced(text), [(v4, 4000, "rtp"), (v4, 4001, "rtcp"), (v6, 4002, "rtp"), (v6, 5000, "rtcp")]);
    }

    #[test]
    fn what_is_refused_or_no_rtp_is_not_announced() {
        assert!(announced("m=audio 0 RTP/AVP 0\nm=message 2855 TCP/MSRP *\nm=audio\nm=\nx\n\n").is_empty());
        assert_eq!(announced("m=audio 65535 RTP/AVP 0"), [(Whose::Sender, 65535, "rtp")]);
    }
}
