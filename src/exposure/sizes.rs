//! How much is behind the encryption: the length of the plaintext as an observer infers it, record by record and in
//! bursts. It rests on one assumption, which is always said: nobody pads more than the cipher needs.

use tls_parser::{TlsCipherEncMode, TlsCipherSuite};

use crate::bytes::Confidence;
use crate::flow::MessageRow;
use crate::protocols::tls::fields as tls;
use crate::protocols::tls::{layout, names};
use crate::protocols::{self, Side};
use crate::trace::Trace;

/// The assumption behind every size.
pub const ASSUMPTION: &str = "if nothing is padded more than the cipher needs";

/// A length that is known between two bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interval {
    /// It is not less.
    pub min: u64,
    /// It is not more.
    pub max: u64,
}

impl Interval {
    /// Whether a length lies in it.
    pub const fn holds(self, length: u64) -> bool {
        self.min <= length && length <= self.max
    }

    /// In words: `1,278` or `1,272 to 1,287`.
    pub fn text(self) -> String {
        if self.min == self.max { self.max.to_string() } else { format!("{} to {}", self.min, self.max) }
    }
}

impl std::ops::Add for Interval {
    type Output = Interval;
    fn add(self, other: Interval) -> Interval {
        Interval { min: self.min + other.min, max: self.max + other.max }
    }
}

/// How records of a session are sealed, as its hello in clear tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sealing {
    version: u16,
    suite: &'static TlsCipherSuite,
}

impl Sealing {
    /// By version and suite in words, as facts have them; `None` if one is not known.
    fn named(version: &[u8], suite: &[u8]) -> Option<Sealing> {
        let version = [0x0300, 0x0301, 0x0302, 0x0303, 0x0304, 0xfeff, 0xfefd, 0xfefc]
            .into_iter()
            .find(|number| names::version(u64::from(*number)).is_some_and(|name| name.as_bytes() == version))?;
        let suite = TlsCipherSuite::from_name(std::str::from_utf8(suite).ok()?)?;
        Some(Sealing { version: names::as_tls(version), suite })
    }

    /// The plaintext of a record whose payload is `length` bytes (RFC 8446, section 5.2; RFC 5246, section 6.2.3).
    pub fn plaintext(self, length: u64) -> Interval {
        /// The type of what is sealed, which stands behind it.
        const HIDDEN_TYPE: u64 = 1;
        /// The length of CBC's padding stands behind it.
        const PADDING_LENGTH: u64 = 1;
        let layout = layout(self.version, Some(self.suite.id.0));
        let overhead = (layout.nonce + layout.tag) as u64;
        let exactly = |overhead: u64| {
            let plain = length.saturating_sub(overhead);
            Interval { min: plain, max: plain }
        };
        if names::is_13(self.version) {
            return exactly(overhead + HIDDEN_TYPE);
        }
        match self.suite.enc_mode {
            TlsCipherEncMode::Cbc => {
                // Whether the MAC is within the ciphertext or behind it (RFC 7366), the sum is the same.
                let most = exactly(overhead + self.suite.mac_length() as u64 + PADDING_LENGTH).max;
                Interval { min: most.saturating_sub(self.suite.enc_block_size() as u64 - 1), max: most }
            }
            // A stream cipher adds only its MAC.
            _ if layout.tag == 0 => exactly(self.suite.mac_length() as u64),
            _ => exactly(overhead),
        }
    }
}

/// Sealed records of one side, one behind the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burst {
    /// Who sent them.
    pub side: Side,
    /// How many.
    pub records: u32,
    /// Their plaintexts together.
    pub plaintext: Interval,
    /// The packet that brought the first byte.
    pub first: u32,
    /// The packet that brought the last.
    pub last: u32,
}

/// How the records of each flow are sealed, by its number.
pub fn sealings(trace: &Trace) -> Vec<Option<Sealing>> {
    let mut told: Vec<(Option<u32>, Option<Sealing>)> = vec![(None, None); trace.flows().all().len()];
    for fact in trace.facts() {
        let Some((version, sealing)) = told.get_mut(fact.flow as usize) else { continue };
        if fact.confidence != Confidence::Certain {
            continue;
        }
        if fact.field == &tls::VERSION_CHOSEN {
            *version = Some(fact.value);
        } else if fact.field == &tls::SUITE_CHOSEN
            && let Some(version) = *version
        {
            *sealing = Sealing::named(trace.words().at(version), trace.words().at(fact.value));
        }
    }
    told.into_iter().map(|(_, sealing)| sealing).collect()
}

/// The payload of a sealed record of TLS over TCP; nothing for other messages.
pub fn record(message: &MessageRow) -> Option<u64> {
    const HEADER: u64 = 5;
    let is_tls = protocols::at(message.protocol).is_some_and(|of| of.name() == "tls");
    (is_tls && message.what.starts_with("sealed")).then(|| u64::from(message.length).saturating_sub(HEADER))
}

/// How many bytes of what is sealed are hidden types of records: TLS 1.3 puts one into each (RFC 8446, section 5.2). Of
/// the records that the packets `only` complete, if packets are given.
pub fn hidden_types(trace: &Trace, only: Option<&[u32]>) -> u64 {
    let sealings = sealings(trace);
    let is_13 = |flow: u32| matches!(sealings.get(flow as usize), Some(Some(of)) if names::is_13(of.version));
    let counts = |packet: &u32| only.is_none_or(|only| only.binary_search(packet).is_ok());
    let records = trace.messages().iter().filter(|message| record(message).is_some() && is_13(message.flow));
    records.filter(|message| counts(&message.last)).count() as u64
}

/// What both sides of each flow said under encryption, in turns; by the flow's number. The records that end the
/// handshake of TLS 1.3 are left out: the client's first, and everything before it.
pub fn bursts(trace: &Trace) -> Vec<Vec<Burst>> {
    let sealings = sealings(trace);
    let mut all: Vec<Vec<Burst>> = vec![Vec::new(); sealings.len()];
    let mut begun = vec![false; sealings.len()];
    for message in trace.messages() {
        let at = message.flow as usize;
        let (Some(length), Some(Some(sealing))) = (record(&message), sealings.get(at)) else { continue };
        let (Some(bursts), Some(begun)) = (all.get_mut(at), begun.get_mut(at)) else { continue };
        if !*begun && (names::is_13(sealing.version) || message.what != "sealed") {
            *begun = message.side == Side::Client;
            continue;
        }
        let plaintext = sealing.plaintext(length);
        match bursts.last_mut().filter(|burst| burst.side == message.side) {
            Some(burst) => {
                burst.records += 1;
                burst.plaintext = burst.plaintext + plaintext;
                burst.last = message.last;
            }
            None => bursts.push(Burst {
                side: message.side,
                records: 1,
                plaintext,
                first: message.first,
                last: message.last,
            }),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_suite_has_its_overhead() {
        let of = |version: &str, suite: &str, length| {
            let interval = Sealing::named(version.as_bytes(), suite.as_bytes()).unwrap().plaintext(length);
            (interval.min, interval.max)
        };
        assert_eq!(of("TLS 1.3", "TLS_AES_256_GCM_SHA384", 21), (4, 4), "as measured: a ping of four bytes");
        assert_eq!(of("TLS 1.3", "TLS_AES_128_GCM_SHA256", 468), (451, 451));
        assert_eq!(of("TLS 1.3", "TLS_AES_128_CCM_8_SHA256", 13), (4, 4));
        assert_eq!(of("TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 28), (4, 4));
        assert_eq!(of("TLS 1.2", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 20), (4, 4));
        assert_eq!(of("TLS 1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", 20), (4, 4));
        // Four bytes, 20 of MAC, padding to 32, and 16 of IV before.
        assert_eq!(of("TLS 1.2", "TLS_RSA_WITH_AES_128_CBC_SHA", 48), (0, 11));
        assert_eq!(of("TLS 1.2", "TLS_RSA_WITH_AES_128_CBC_SHA", 64), (12, 27));
        assert_eq!(of("TLS 1.0", "TLS_RSA_WITH_AES_128_CBC_SHA", 48), (12, 27), "no IV");
        assert_eq!(of("TLS 1.0", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", 32), (4, 11));
        assert_eq!(of("TLS 1.0", "TLS_RSA_WITH_RC4_128_SHA", 24), (4, 4));
        assert_eq!(of("TLS 1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256", 3), (0, 0), "shorter than its overhead");
    }
}
