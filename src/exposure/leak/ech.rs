//! Whether an encrypted hello (ECH, RFC 9849) was a real one: a ladder of seven verdicts, each with what it rests on.
//!
//! A browser that has no key sends the extension with random bytes (GREASE), so that nobody can tell who has one. The
//! verdict is therefore never yes or no, but what can be known, how surely, and why.

use std::collections::BTreeMap;

use super::Evidence;
use crate::bytes::Confidence;

/// What can be said of an encrypted hello.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// The keys of the capture belong to the hello inside.
    Accepted,
    /// It was repeated byte for byte: only a fake is (RFC 9849, section 6.2.1).
    Grease,
    /// The server chose TLS 1.2, which has none.
    NotUsed,
    /// It was made with a key that the capture shows being handed out.
    LikelyReal,
    /// The name in clear is one that providers put there for others.
    PossiblyReal,
    /// The name in clear is an ordinary one, whose DNS records hold no key.
    LikelyGrease,
    /// Nothing tells: that is what it is made for.
    Unknown,
}

impl Verdict {
    /// As values of leaks have it.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Accepted => "accepted",
            Verdict::Grease => "GREASE",
            Verdict::NotUsed => "not used",
            Verdict::LikelyReal => "real, likely",
            Verdict::PossiblyReal => "real, possible",
            Verdict::LikelyGrease => "GREASE, likely",
            Verdict::Unknown => "cannot tell",
        }
    }

    /// How sure it is.
    pub const fn confidence(self) -> Confidence {
        match self {
            Verdict::Accepted | Verdict::LikelyReal | Verdict::LikelyGrease => Confidence::Inferred,
            Verdict::Grease | Verdict::NotUsed => Confidence::Certain,
            Verdict::PossiblyReal | Verdict::Unknown => Confidence::Guess,
        }
    }
}

/// A key for encrypted hellos, as DNS hands it out (RFC 9849, section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Its number.
    pub id: u8,
    /// The suites that may be used with it: KDF and AEAD.
    pub suites: Vec<(u16, u16)>,
    /// The name that stands in clear.
    pub public_name: Vec<u8>,
}

/// The configurations of a list that this version of ECH can use; what lies is left out.
pub(super) fn configs(list: &[u8]) -> Vec<Config> {
    const VERSION: u16 = 0xfe0d;
    let mut found = Vec::new();
    let Some((mut rest, _)) = vector(list, 2) else { return found };
    while let Some((version, behind)) = number(rest, 2)
        && let Some((body, behind)) = vector(behind, 2)
    {
        if version == u64::from(VERSION) {
            found.extend(config(body));
        }
        rest = behind;
    }
    found
}

fn config(body: &[u8]) -> Option<Config> {
    let (id, rest) = number(body, 1)?;
    let (_kem, rest) = number(rest, 2)?;
    let (_key, rest) = vector(rest, 2)?;
    let (suites, rest) = vector(rest, 2)?;
    let (_longest, rest) = number(rest, 1)?;
    let (public_name, _) = vector(rest, 1)?;
    let suites = suites.chunks_exact(4).filter_map(|suite| {
        let (kdf, rest) = number(suite, 2)?;
        Some((kdf as u16, number(rest, 2)?.0 as u16))
    });
    Some(Config { id: id as u8, suites: suites.collect(), public_name: public_name.to_vec() })
}

fn number(bytes: &[u8], width: usize) -> Option<(u64, &[u8])> {
    let (number, rest) = bytes.split_at_checked(width)?;
    Some((number.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)), rest))
}

fn vector(bytes: &[u8], width: usize) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes, width)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}

/// One hello with the extension.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    /// The extension's body.
    pub(super) body: Vec<u8>,
    /// Where it stands.
    pub(super) at: Vec<Evidence>,
    /// The name in clear beside it, in lower case.
    pub(super) name: Option<Vec<u8>>,
}

impl Offer {
    /// KDF, AEAD and the key's number, of an outer hello.
    fn head(&self) -> Option<(u16, u16, u8)> {
        let (kind, rest) = number(&self.body, 1)?;
        let (kdf, rest) = number(rest, 2)?;
        let (aead, rest) = number(rest, 2)?;
        let (id, _) = number(rest, 1)?;
        (kind == 0).then_some((kdf as u16, aead as u16, id as u8))
    }

    /// How long the ciphertext is.
    pub(super) fn payload(&self) -> Option<usize> {
        const HEAD: usize = 6;
        let (_enc, rest) = vector(self.body.get(HEAD..)?, 2)?;
        vector(rest, 2).map(|(payload, _)| payload.len())
    }
}

/// What the capture tells of names and keys.
#[derive(Default)]
pub(super) struct Known {
    /// Keys handed out by DNS, and where.
    pub(super) configs: Vec<(Config, Evidence)>,
    /// Names asked for in clear, and where.
    pub(super) asked: BTreeMap<Vec<u8>, Evidence>,
    /// Names whose records hold a key.
    pub(super) keyed: Vec<Vec<u8>>,
    /// Names that have an HTTPS record, and where.
    pub(super) bound: BTreeMap<Vec<u8>, Evidence>,
}

/// What is known of a flow whose client offered it.
pub(super) struct Case<'a> {
    /// The hellos with it, in order.
    pub(super) offers: &'a [Offer],
    /// Whether a HelloRetryRequest stood between the first two.
    pub(super) retried: bool,
    /// The version that the server chose, in words, and where.
    pub(super) version: Option<(&'a [u8], Evidence)>,
    /// What the keys beside the capture tell.
    pub(super) keys: Keys,
}

/// What a key log tells of a hello.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Keys {
    /// It has secrets of the hello in clear.
    pub(super) of_outer: bool,
    /// It says with which key the hello inside was sealed, or has secrets of a hello that nobody saw.
    pub(super) of_inner: bool,
}

/// Names that providers put in clear for all their sites.
const PROVIDERS: [&str; 2] = ["cloudflare-ech.com", "public.tls-ech.dev"];

/// A verdict that holds: what it is, why, and what shows it.
pub(super) type Reason = (Verdict, String, Vec<Evidence>);

/// All verdicts that hold, the one that counts first. Never empty.
pub(super) fn judge(case: &Case<'_>, known: &Known) -> Vec<Reason> {
    let mut holds: Vec<Reason> = Vec::new();
    let Some(first) = case.offers.first() else { return holds };
    if case.keys.of_inner && !case.keys.of_outer {
        let why = "the keys beside the capture belong to a hello that nobody saw";
        holds.push((Verdict::Accepted, why.to_owned(), first.at.clone()));
    }
    if let Some(second) = case.offers.get(1).filter(|second| case.retried && second.body == first.body) {
        let why = "the second hello repeats it byte for byte, which only a fake does (RFC 9849, section 6.2.1)";
        let at = [first.at.as_slice(), second.at.as_slice()].concat();
        holds.push((Verdict::Grease, why.to_owned(), at));
    }
    if let Some((version, at)) = case.version.filter(|(version, _)| is_before_13(version)) {
        let why = format!("the server chose {}, which has no encrypted hello", String::from_utf8_lossy(version));
        holds.push((Verdict::NotUsed, why, vec![at]));
    }
    if let Some(name) = &first.name {
        by_name(first, name, known, &mut holds);
    }
    if holds.is_empty() {
        let why = "a fake and a real one look the same: that is what it is made for (RFC 9849, section 6.2)";
        holds.push((Verdict::Unknown, why.to_owned(), first.at.clone()));
    }
    holds
}

fn is_before_13(version: &[u8]) -> bool {
    ["SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2"].iter().any(|old| version == old.as_bytes())
}

fn by_name(first: &Offer, name: &[u8], known: &Known, holds: &mut Vec<Reason>) {
    let shown = crate::bytes::escape_bytes(name).into_owned();
    let used = known.configs.iter().find(|(config, _)| {
        config.public_name.eq_ignore_ascii_case(name)
            && first.head().is_some_and(|(kdf, aead, id)| id == config.id && config.suites.contains(&(kdf, aead)))
    });
    if let Some((config, at)) = used {
        let why = format!("DNS handed out key {} for {shown}, and the hello names both", config.id);
        holds.push((Verdict::LikelyReal, why, [first.at.as_slice(), &[*at]].concat()));
    }
    if PROVIDERS.iter().any(|provider| provider.as_bytes() == name) {
        let why = format!("{shown} is the name that a provider puts in clear for all its sites");
        holds.push((Verdict::PossiblyReal, why, first.at.clone()));
    }
    let asked = known.asked.get(name).filter(|_| !known.keyed.iter().any(|keyed| keyed == name));
    if let (Some(asked), Some(bound)) = (asked, known.bound.get(name)) {
        let why = format!("{shown} was asked for by its own name, and its HTTPS record holds no key");
        holds.push((Verdict::LikelyGrease, why, [first.at.as_slice(), &[*asked, *bound]].concat()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    const NOWHERE: Evidence = Evidence { packet: 1, from: 0, to: 1 };

    #[test]
    fn a_published_configuration_is_read() {
        let list = "AEX+DQBBHgAgACBGL2e9TiFwjK/w1Zg9AmRm7mgXHz3PjffP0mTFNMxmDQAEAAEAAQASY2xvdWRmbGFyZS1lY2guY29tAAA=";
        let list = base64::engine::general_purpose::STANDARD.decode(list).unwrap();
        let expected = Config { id: 0x1e, suites: vec![(1, 1)], public_name: b"cloudflare-ech.com".to_vec() };
        assert_eq!(configs(&list), [expected]);
        for cut in 0..list.len() {
            assert!(configs(&list[..cut]).is_empty());
        }
    }

    fn offer(id: u8, name: &str) -> Offer {
        let body = [&[0, 0, 1, 0, 1, id, 0, 1, 9, 0, 2, 7, 7][..]].concat();
        Offer { body, at: vec![NOWHERE], name: Some(name.as_bytes().to_vec()) }
    }

    fn verdicts(offers: &[Offer], version: &str, known: &Known) -> Vec<Verdict> {
        let version = Some((version.as_bytes(), NOWHERE));
        let case = Case { offers, retried: offers.len() > 1, version, keys: Keys::default() };
        judge(&case, known).into_iter().map(|(verdict, ..)| verdict).collect()
    }

    #[test]
    fn the_ladder_is_climbed_in_order() {
        let nothing = Known::default();
        let one = offer(30, "shop.example");
        assert_eq!(one.payload(), Some(2));
        assert_eq!(verdicts(std::slice::from_ref(&one), "TLS 1.3", &nothing), [Verdict::Unknown]);
        assert_eq!(verdicts(std::slice::from_ref(&one), "TLS 1.2", &nothing), [Verdict::NotUsed]);
        assert_eq!(verdicts(&[one.clone(), one.clone()], "TLS 1.3", &nothing), [Verdict::Grease]);
        assert_eq!(verdicts(&[one.clone(), offer(31, "shop.example")], "TLS 1.3", &nothing), [Verdict::Unknown]);
        assert_eq!(verdicts(&[offer(1, "cloudflare-ech.com")], "TLS 1.3", &nothing), [Verdict::PossiblyReal]);
        let config = |id| Config { id, suites: vec![(1, 1)], public_name: b"Shop.example".to_vec() };
        let known = Known { configs: vec![(config(30), NOWHERE)], ..Known::default() };
        assert_eq!(verdicts(std::slice::from_ref(&one), "TLS 1.3", &known), [Verdict::LikelyReal]);
        let known = Known { configs: vec![(config(29), NOWHERE)], ..Known::default() };
        assert_eq!(verdicts(std::slice::from_ref(&one), "TLS 1.3", &known), [Verdict::Unknown]);
        let name = || b"shop.example".to_vec();
        let mut known = Known::default();
        known.asked.insert(name(), NOWHERE);
        known.bound.insert(name(), NOWHERE);
        assert_eq!(verdicts(std::slice::from_ref(&one), "TLS 1.3", &known), [Verdict::LikelyGrease]);
        known.keyed.push(name());
        assert_eq!(verdicts(std::slice::from_ref(&one), "TLS 1.3", &known), [Verdict::Unknown]);
        let keys = Keys { of_outer: false, of_inner: true };
        let case = Case { offers: &[one], retried: false, version: None, keys };
        assert_eq!(judge(&case, &Known::default())[0].0, Verdict::Accepted);
    }
}
