//! The quick way through the messages that are most of all, taken where no tree listens.
//!
//! ```text
//! header ─► one question ─► records that are addresses, or empty (an OPT without options) ─► the end of the message
//! ```
//!
//! Only what is whole goes this way: every name can be told, every length is the right one, nothing stands behind the
//! last record. Everything else is read field by field. What is stated and claimed is the same on both ways; a test
//! holds that on messages that were tampered with.

use smallvec::SmallVec;

use super::facts::{Facts, INTERNET, Stated};
use super::names::{self, Name};
use super::records::TAIL;
use super::{HEADER, code, decode_header};
use crate::bytes::{Class, Cursor};

/// Records looked at; few resolvers give more addresses.
const MOST_RECORDS: u16 = 16;

/// A message that goes this way.
pub(super) struct Plain<'a> {
    pub(super) header: dns_parser::Header,
    name: Name<'a>,
    kind: u16,
    addresses: SmallVec<[Address<'a>; 4]>,
}

/// A record that is an address, and where that begins.
struct Address<'a> {
    owner: Name<'a>,
    kind: u16,
    at: usize,
    answers: bool,
}

impl Address<'_> {
    const fn length(&self) -> usize {
        if self.kind == code::A { 4 } else { 16 }
    }
}

/// The message, if it is one that goes this way.
pub(super) fn recognise(message: &[u8]) -> Option<Plain<'_>> {
    /// Opcode 0, whatever the other flags.
    const OPCODE: u8 = 0x78;
    let (head, _) = message.split_first_chunk::<HEADER>()?;
    let [_, _, flags, _, 0, 1, ..] = *head else { return None };
    if flags & OPCODE != 0 {
        return None;
    }
    let header = decode_header(head)?;
    let name = names::read(message, HEADER).ok().filter(Name::is_name)?;
    let mut at = HEADER.checked_add(name.size)?;
    let [k1, k2, _, _] = *message.get(at..)?.first_chunk()?;
    at = at.checked_add(4)?;
    let records = header.answers.checked_add(header.nameservers)?.checked_add(header.additional)?;
    if records > MOST_RECORDS {
        return None;
    }
    let mut addresses = SmallVec::new();
    for place in 0..records {
        let owner = names::read(message, at).ok().filter(Name::is_name)?;
        at = at.checked_add(owner.size)?;
        let [t1, t2, c1, c2, _, _, _, _, l1, l2] = *message.get(at..)?.first_chunk::<TAIL>()?;
        at = at.checked_add(TAIL)?;
        let (kind, length) = (u16::from_be_bytes([t1, t2]), usize::from(u16::from_be_bytes([l1, l2])));
        match (kind, length) {
            (_, 0) => continue,
            (code::A, 4) | (code::AAAA, 16) if u16::from_be_bytes([c1, c2]) == INTERNET => {}
            _ => return None,
        }
        addresses.push(Address { owner, kind, at, answers: place < header.answers });
        at = at.checked_add(length)?;
    }
    (at == message.len()).then_some(Plain { header, name, kind: u16::from_be_bytes([k1, k2]), addresses })
}

impl<'a> Plain<'a> {
    /// States what the message tells, and claims it; the cursor stands at its first byte, and nothing is behind it.
    pub(super) fn read(&self, c: &mut Cursor<'a>, facts: &mut Facts<'a>) {
        let message = c.rest();
        let offset = |at: usize| c.offset().saturating_add(at as u32);
        let question = offset(HEADER)..offset(HEADER.saturating_add(self.name.size));
        let base = offset(0);
        c.pass_rest(Class::Metadata);
        facts.question(c, self.name, self.kind, question);
        for address in &self.addresses {
            let end = address.at.saturating_add(address.length());
            let (from, to) = (base.saturating_add(address.at as u32), base.saturating_add(end as u32));
            let stated = Stated { owner: address.owner, kind: address.kind, evidence: from..to };
            facts.plain_address(c, &stated, message.get(address.at..end).unwrap_or(&[]), address.answers);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};
    use crate::protocols::dns::{Variant, conversation};
    use crate::protocols::{Side, Start, Transport};
    use proptest::prelude::*;

    /// What is found of a message, read by the quick way if it can be, or field by field.
    fn told(message: &[u8], listens: bool) -> String {
        let start = Start { transport: Transport::Udp, client_port: 4000, server_port: 53 };
        let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
        let mut dialogue = conversation(Variant::Unicast, &start);
        let mut c = Cursor::new(message, 42, 0, &mut findings, listens.then_some(&mut tree));
        let message = dialogue.read(Side::Client, &mut c).map(|message| message.what);
        let claims = (findings.claims.ranges(), findings.claims.ledger);
        format!("{message:?} {claims:?} {:?} {} {:?}", findings.facts, findings.subject, findings.pairing)
    }

    /// A question; an answer with an alias of the name before the addresses; one with an OPT that says nothing.
    fn messages() -> Vec<Vec<u8>> {
        let question = b"\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04shop\x07example\x00\x00\x01\x00\x01";
        let answer = [
            &b"\x00\x07\x81\x80\x00\x01\x00\x02\x00\x01\x00\x01\x04shop\x07example\x00\x00\x01\x00\x01"[..],
            b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04\xc0\x00\x02\x01",
            b"\xc0\x0c\x00\x1c\x00\x01\x00\x00\x00\x05\x00\x10\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01",
            b"\x02ns\xc0\x11\x00\x01\x00\x01\x00\x00\x00\x05\x00\x04\x0a\x0b\x6f\x07",
            b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00\x00\x00",
        ];
        vec![question.to_vec(), answer.concat()]
    }

    #[test]
    fn questions_and_addresses_go_the_quick_way_and_say_the_same() {
        for message in messages() {
            assert!(recognise(&message).is_some());
            assert_eq!(told(&message, false), told(&message, true));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_goes_the_quick_way_says_the_same(
            which in 0usize..2,
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            grow in -3i32..4,
        ) {
            let mut message = messages().swap_remove(which);
            for (at, byte) in changes {
                let at = at.index(message.len());
                message[at] = byte;
            }
            message.resize(message.len().saturating_add_signed(grow as isize), 0);
            prop_assert_eq!(told(&message, false), told(&message, true));
        }
    }
}
