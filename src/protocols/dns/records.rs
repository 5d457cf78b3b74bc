//! Questions and records: what they have in common, and which reader knows a record's data.

use super::fields::*;
use super::{Facts, Name, Reading, classic, code, dnssec, edns, keys, note_name, svcb};
use crate::bytes::{Cursor, Field, Stop, Value};

/// Type and class behind a question's name.
const QUESTION_TAIL: usize = 4;
/// Type, class, time to live and length of data behind a record's name.
pub(super) const TAIL: usize = 10;
/// In mDNS the uppermost bit of a class is a flag.
const MULTICAST_CLASS: u16 = 0x7fff;

/// What stands before a record's data.
pub(super) struct Record<'a> {
    /// Its owner.
    pub(super) name: Name<'a>,
    /// Its type.
    pub(super) kind: u16,
    /// Its class, without the flag of mDNS.
    pub(super) class: u16,
}

/// What reads the data of one type.
type Data = fn(&Reading, &mut Cursor<'_>) -> Result<(), Stop>;

impl Reading {
    /// RFC 1035, section 4.1.2. A question is shown when it is here whole.
    pub(super) fn question<'a>(&self, c: &mut Cursor<'a>, facts: &mut Facts<'a>) -> Result<(), Stop> {
        let name = self.peek_name(c, &QRY_NAME)?;
        fits(c, name.size.saturating_add(QUESTION_TAIL), &QRY_NAME)?;
        c.group(&QUESTION, |c| {
            let start = c.offset();
            c.pass(name.size)?;
            note_question(c, &name);
            let evidence = start..c.offset();
            let kind = c.u16(&QRY_TYPE)?;
            self.class(c, &QRY_CLASS, &QRY_QU)?;
            facts.question(c, name, kind, evidence);
            Ok(())
        })
    }

    /// RFC 1035, section 4.1.3. A record is shown when it is here whole.
    pub(super) fn record<'a>(&self, c: &mut Cursor<'a>, facts: &mut Facts<'a>, answer: bool) -> Result<(), Stop> {
        let name = self.peek_name(c, &RESP_NAME)?;
        let head = name.size.saturating_add(TAIL);
        fits(c, head, &RESP_NAME)?;
        if let [.., high, low] = c.peek(head) {
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            fits(c, head.saturating_add(length), &RESP_LEN)?;
        }
        c.group(&RECORD, |c| {
            let (record, length) = self.head(c, name)?;
            if length == 0 {
                return Ok(());
            }
            let at = c.position();
            let data = reader(record.kind);
            // What is wrong within the data of one record does not concern the next.
            if let Err(stop) = c.inside(length, |c| data(self, c)) {
                c.stopped(&stop);
            }
            facts.record(self, c, &record, (at, length), answer);
            Ok(())
        })
    }

    fn head<'a>(&self, c: &mut Cursor<'a>, name: Name<'a>) -> Result<(Record<'a>, usize), Stop> {
        c.pass(name.size)?;
        // The type decides what the other fields mean.
        let kind = match c.peek(2) {
            [high, low] => u16::from_be_bytes([*high, *low]),
            _ => 0,
        };
        if c.listens() {
            note_owner(c, &name, kind);
        }
        c.u16(&RESP_TYPE)?;
        let class = if kind == code::OPT {
            self.extended(c)?
        } else {
            let class = self.class(c, &RESP_CLASS, &RESP_CACHE_FLUSH)?;
            c.u32(&RESP_TTL)?;
            class
        };
        let length = c.u16(&RESP_LEN)?;
        Ok((Record { name, kind, class }, length.into()))
    }

    /// RFC 6891, section 6.1.2: what class and time to live are in an OPT record.
    fn extended(&self, c: &mut Cursor<'_>) -> Result<u16, Stop> {
        let size = self.class(c, &RR_UDP_PAYLOAD_SIZE, &RESP_CACHE_FLUSH)?;
        c.u8(&RESP_EXT_RCODE)?;
        c.u8(&RESP_EDNS0_VERSION)?;
        let flags = c.u16(&RESP_Z)?;
        c.bits(&RESP_Z_DO, flags, 15, 1);
        c.bits(&RESP_Z_RESERVED, flags, 0, 0x7fff);
        Ok(size)
    }

    /// A class, and in mDNS the flag in its uppermost bit.
    fn class(&self, c: &mut Cursor<'_>, field: &'static Field, flag: &'static Field) -> Result<u16, Stop> {
        if !self.multicast {
            return c.u16(field);
        }
        let both = match c.pass(2)? {
            [high, low] => u16::from_be_bytes([*high, *low]),
            _ => 0,
        };
        c.bits(field, both, 0, MULTICAST_CLASS.into());
        c.bits(flag, both, 15, 1);
        Ok(both & MULTICAST_CLASS)
    }
}

fn fits(c: &Cursor<'_>, needed: usize, field: &'static Field) -> Result<(), Stop> {
    if c.remaining() < needed { Err(c.short(needed, Some(field))) } else { Ok(()) }
}

/// A question's name, its length as text, and its labels as the dots in it tell them.
fn note_question(c: &mut Cursor<'_>, name: &Name<'_>) {
    if !c.listens() {
        return;
    }
    let text = name.text();
    let (length, labels) = match text.len() {
        0 | 1 => (0, 0),
        length => (length, text.split(|byte| *byte == b'.').count()),
    };
    c.part(&QRY_NAME, Value::Bytes(text.into()));
    c.part(&QRY_NAME_LENGTH, Value::Number(length as u64));
    c.part(&COUNT_LABELS, Value::Number(labels as u64));
}

/// An owner's name; that of an SRV record tells service, protocol and name (RFC 2782).
fn note_owner(c: &mut Cursor<'_>, name: &Name<'_>, kind: u16) {
    if kind != code::SRV {
        return note_name(c, &RESP_NAME, name);
    }
    let text = name.text();
    let parts = text.splitn(3, |byte| *byte == b'.');
    for (field, part) in [&SRV_SERVICE, &SRV_PROTO, &SRV_NAME].into_iter().zip(parts) {
        c.part(field, Value::Bytes(part.into()));
    }
}

/// Who reads the data of records of this type.
fn reader(kind: u16) -> Data {
    match kind {
        code::A => |_, c| c.ipv4(&A).map(drop),
        code::NS => |m, c| m.name(c, &NS).map(drop),
        3 => |m, c| m.name(c, &MD).map(drop),
        4 => |m, c| m.name(c, &MF).map(drop),
        code::CNAME => |m, c| m.name(c, &CNAME).map(drop),
        code::SOA => classic::start_of_authority,
        7 => |m, c| m.name(c, &MB).map(drop),
        8 => |m, c| m.name(c, &MG).map(drop),
        9 => |m, c| m.name(c, &MR).map(drop),
        10 => |_, c| classic::rest(c, &NULL),
        11 => classic::well_known_services,
        code::PTR => |m, c| m.name(c, &PTR_DOMAIN_NAME).map(drop),
        13 => |_, c| classic::strings(c, &[(&HINFO_CPU_LENGTH, &HINFO_CPU), (&HINFO_OS_LENGTH, &HINFO_OS)]),
        14 => |m, c| classic::names(m, c, &[&MINFO_R, &MINFO_E]),
        code::MX => |m, c| classic::preferred(m, c, &MX_PREFERENCE, &MX_MAIL_EXCHANGE),
        code::TXT => |_, c| classic::text(c, &TXT_LENGTH, &TXT),
        17 => |m, c| classic::names(m, c, &[&RP_MAILBOX, &RP_TXT_RR]),
        18 => |m, c| classic::preferred(m, c, &AFSDB_SUBTYPE, &AFSDB_HOSTNAME),
        19 => |_, c| classic::strings(c, &[(&X25_LENGTH, &X25_PSDN_ADDRESS)]),
        20 => classic::isdn,
        21 => |m, c| classic::preferred(m, c, &RT_SUBTYPE, &RT_INTERMEDIATE_HOST),
        22 => |_, c| classic::rest(c, &NSAP_RDATA),
        23 => |m, c| m.name(c, &NSAP_PTR_OWNER).map(drop),
        24 | 46 => dnssec::signature,
        25 => dnssec::key,
        26 => classic::mail_mapping,
        27 => classic::position,
        code::AAAA => |_, c| c.ipv6(&AAAA).map(drop),
        29 => classic::location,
        30 => dnssec::next,
        code::SRV => classic::service,
        35 => classic::naming_authority,
        36 => |m, c| classic::preferred(m, c, &KX_PREFERENCE, &KX_KEY_EXCHANGE),
        37 => keys::certificate,
        38 => classic::address_with_prefix,
        code::DNAME => |m, c| m.name(c, &DNAME).map(drop),
        code::OPT => edns::options,
        42 => classic::address_prefixes,
        43 | 59 | 32769 => dnssec::delegation_signer,
        44 => keys::ssh_fingerprint,
        45 => keys::ipsec_key,
        47 => dnssec::next_secure,
        48 | 60 => dnssec::public_key,
        49 => |_, c| classic::rest(c, &DHCID_RDATA),
        50 => dnssec::next_secure_hashed,
        51 => dnssec::hash_parameters,
        52 | 53 => keys::tls_association,
        55 => keys::host_identity,
        61 => |_, c| classic::rest(c, &OPENPGPKEY),
        62 => dnssec::child_to_parent,
        63 => dnssec::zone_digest,
        code::SVCB | code::HTTPS => svcb::binding,
        99 => |_, c| classic::text(c, &SPF_LENGTH, &SPF),
        104 => |_, c| classic::locator(c, &ILNP_NID_PREFERENCE, &ILNP_NID),
        105 => |_, c| c.u16(&ILNP_L32_PREFERENCE).and_then(|_| c.ipv4(&ILNP_L32)).map(drop),
        106 => |_, c| classic::locator(c, &ILNP_L64_PREFERENCE, &ILNP_L64),
        107 => |m, c| classic::preferred(m, c, &ILNP_LP_PREFERENCE, &ILNP_LP),
        108 => |_, c| c.bytes(&EUI48, 6).map(drop),
        109 => |_, c| c.bytes(&EUI64, 8).map(drop),
        249 => keys::transaction_key,
        250 => keys::transaction_signature,
        257 => keys::certification_authority,
        65281 => classic::wins,
        65282 => classic::wins_reverse,
        65422 => classic::forwarded,
        _ => |_, c| classic::rest(c, &DATA),
    }
}
