//! What an observer learns from a message, and what the message is about in a few words.
//!
//! | field of the fact | value |
//! |---|---|
//! | `dns.qry.name` | the name asked for |
//! | `dns.a`, `dns.aaaa` | name, space, address: the name is the one asked for if the record answers it, be it by aliases |
//! | `dns.cname`, `dns.dname`, `dns.ptr.domain_name` | owner, space, name that it stands for |
//! | `dns.srv.target` | owner, space, target, colon, port |
//! | `dns.svcb.targetname` | owner, space, target: there is an SVCB or HTTPS record |
//! | `dns.svcb.svcparam.echconfig` | owner, space, the octets of the ECHConfigList |
//! | `dns.opt.client.addr4`, `…addr6` | for which network a resolver asks: address, slash, prefix length |
//!
//! In values with two parts a space within a name is written `\032` and a backslash `\\`, as in master files
//! (RFC 1035, section 5.1), so that the first space ends the first part. The root is `<Root>`.
//!
//! The records' data is decoded by libraries: dns-parser, and what it does not know or refuses, domain.
//! Names are our own [`names`]: what dns-parser prints of a name is neither bounded nor escaped.

use std::io::Write as _;
use std::net::IpAddr;
use std::ops::Range;

use domain::base::iana::{Rtype, SvcParamKey};
use domain::base::name::ParsedName;
use domain::base::rdata::ParseAnyRecordData as _;
use domain::dep::octseq::parse::Parser;
use domain::rdata::AllRecordData;
use domain::rdata::svcb::SvcParams;

use super::fields::*;
use super::names::{self, Name};
use super::records::Record;
use super::{Reading, code, types};
use crate::bytes::{Confidence, Cursor, Field};

/// Questions or answers of which a message's subject speaks.
const MOST_TOLD: usize = 4;

/// The class of the internet.
pub(super) const INTERNET: u16 = 1;

/// What has been learned of a message so far.
pub(super) struct Facts<'a> {
    query: bool,
    /// Whether to tell what is asked: in queries, and in responses whose query was not seen.
    tell_question: bool,
    /// Whether answers will say what the message is about.
    answers: bool,
    /// The name asked for.
    asked: Option<Name<'a>>,
    /// What it stands for, as far as the aliases read so far tell.
    canonical: Option<Name<'a>>,
    told: usize,
    /// Of the record being told: the owner, a space, what it stands for. The memory is kept for the next message.
    pub(super) value: Vec<u8>,
    /// Where in `value` that begins.
    what: usize,
}

/// A record's data, as the library that knows the type decodes it.
enum Data<'a> {
    /// An address, and its field.
    Address(&'static Field, IpAddr),
    Classic(dns_parser::RData<'a>),
    Modern(AllRecordData<&'a [u8], ParsedName<&'a [u8]>>),
    Neither,
}

/// A record that is an address, and where that stands.
pub(super) struct Stated<'a> {
    pub(super) owner: Name<'a>,
    pub(super) kind: u16,
    pub(super) evidence: Range<u32>,
}

/// Where a record's data lies in its message, and in what was captured.
struct Place<'a> {
    message: &'a [u8],
    at: usize,
    evidence: Range<u32>,
}

impl<'a> Facts<'a> {
    /// Nothing yet. `asked`: the query was seen; `value`: memory to use.
    pub(super) fn new(header: &dns_parser::Header, asked: bool, value: Vec<u8>) -> Facts<'a> {
        Facts {
            query: header.query,
            tell_question: header.query || !asked,
            answers: !header.query && header.answers > 0,
            asked: None,
            canonical: None,
            told: 0,
            value,
            what: 0,
        }
    }

    /// A question was read; its name stands in the bytes `evidence`.
    pub(super) fn question(&mut self, c: &mut Cursor<'a>, name: Name<'a>, kind: u16, evidence: Range<u32>) {
        let tells = !self.answers && self.told < MOST_TOLD;
        let states = self.tell_question && name.is_name() && !name.is_root();
        if tells || states {
            self.value.clear();
            name.write(&mut self.value);
        }
        if tells {
            Facts::tell(c, kind, "? ", &self.value);
            self.told = self.told.saturating_add(1);
        }
        if states {
            c.fact_at(&QRY_NAME, &self.value, evidence.start, evidence.end, Confidence::Certain);
        }
        if name.is_name() {
            self.canonical = Some(name);
            self.asked = Some(name);
        }
    }

    /// A record was read: its data are the `length` octets from `at` on, which end where the cursor stands.
    pub(super) fn record(
        &mut self,
        reading: &Reading,
        c: &mut Cursor<'a>,
        record: &Record<'a>,
        (at, length): (usize, usize),
        answer: bool,
    ) {
        let answer = answer && !self.query;
        self.value.clear();
        self.what = 0;
        if record.class == INTERNET && record.name.is_name() && tells(record.kind) {
            let place = Place {
                message: c.whole().get(reading.start..).unwrap_or(&[]),
                at: at.saturating_sub(reading.start),
                evidence: c.offset().saturating_sub(length as u32)..c.offset(),
            };
            self.data(c, record, &place, decode(place.message, record.kind, place.at, length), answer);
        }
        self.tell_record(c, record.kind, answer);
    }

    /// A record that is an address, which are these octets, was read by the quick way.
    pub(super) fn plain_address(&mut self, c: &mut Cursor<'a>, of: &Stated<'a>, octets: &[u8], answer: bool) {
        let answer = answer && !self.query;
        if let Data::Address(field, address) = address(of.kind, octets) {
            self.address(c, of, (field, address), answer);
        }
        self.tell_record(c, of.kind, answer);
    }

    /// A record that answers says what the message is about.
    fn tell_record(&mut self, c: &mut Cursor<'a>, kind: u16, answer: bool) {
        if answer && self.told < MOST_TOLD {
            self.told = self.told.saturating_add(1);
            Facts::tell(c, kind, " ", self.value.get(self.what..).unwrap_or(&[]));
        }
    }

    fn data(&mut self, c: &mut Cursor<'a>, record: &Record<'a>, place: &Place<'a>, data: Data<'a>, answer: bool) {
        match data {
            Data::Address(field, address) => {
                let stated = Stated { owner: record.name, kind: record.kind, evidence: place.evidence.clone() };
                self.address(c, &stated, (field, address), answer);
            }
            Data::Classic(dns_parser::RData::SRV(srv)) => self.service(c, record, place, srv.port),
            Data::Modern(AllRecordData::Srv(srv)) => self.service(c, record, place, srv.port()),
            Data::Modern(AllRecordData::Svcb(svcb)) => self.binding(c, record, place, svcb.params()),
            Data::Modern(AllRecordData::Https(https)) => self.binding(c, record, place, https.params()),
            Data::Classic(_) | Data::Modern(_) => self.stands_for(c, record, place),
            Data::Neither => {}
        }
    }

    /// An address: of the name asked for, if the record answers it, else of the record's owner.
    fn address(
        &mut self,
        c: &mut Cursor<'a>,
        of: &Stated<'a>,
        (field, address): (&'static Field, IpAddr),
        answer: bool,
    ) {
        let answers = |name: &Option<Name<'a>>| name.filter(|name| answer && name.is(&of.owner));
        let owner = answers(&self.asked).or_else(|| answers(&self.canonical).and(self.asked)).unwrap_or(of.owner);
        self.begin(&owner);
        write_address(&mut self.value, address);
        c.fact_at(field, &self.value, of.evidence.start, of.evidence.end, Confidence::Certain);
    }

    /// A name that stands for another one.
    fn stands_for(&mut self, c: &mut Cursor<'a>, record: &Record<'a>, place: &Place<'a>) {
        let field = match record.kind {
            code::CNAME => &CNAME,
            code::DNAME => &DNAME,
            _ => &PTR_DOMAIN_NAME,
        };
        let Ok(target) = names::read(place.message, place.at) else { return };
        self.begin(&record.name);
        target.write(&mut self.value);
        self.state(c, field, place);
        if record.kind == code::CNAME && self.canonical.is_some_and(|name| name.is(&record.name)) {
            self.canonical = Some(target);
        }
    }

    fn service(&mut self, c: &mut Cursor<'a>, record: &Record<'a>, place: &Place<'a>, port: u16) {
        const TARGET: usize = 6;
        let Ok(target) = names::read(place.message, place.at.saturating_add(TARGET)) else { return };
        self.begin(&record.name);
        target.write(&mut self.value);
        let _ = write!(self.value, ":{port}");
        self.state(c, &SRV_TARGET, place);
    }

    fn binding(
        &mut self,
        c: &mut Cursor<'a>,
        record: &Record<'a>,
        place: &Place<'a>,
        parameters: &SvcParams<&'a [u8]>,
    ) {
        const TARGET: usize = 2;
        let Ok(target) = names::read(place.message, place.at.saturating_add(TARGET)) else { return };
        self.begin(&record.name);
        target.write(&mut self.value);
        self.state(c, &SVCB_TARGETNAME, place);
        // The root stands for the owner (RFC 9460, section 2.5.2): said so where the message is told.
        if self.value.get(self.what..) == Some(names::ROOT) {
            self.value.truncate(self.what);
            record.name.write(&mut self.value);
        }
        for parameter in parameters.iter_raw().filter(|parameter| parameter.key() == SvcParamKey::ECH) {
            self.begin(&record.name);
            self.value.extend_from_slice(parameter.as_slice());
            self.state(c, &SVCB_SVCPARAM_ECHCONFIG, place);
            self.begin(&record.name);
            self.value.extend_from_slice(b"with ech");
        }
    }

    /// Begins a value: the owner, and a space that ends it.
    fn begin(&mut self, owner: &Name<'_>) {
        self.value.clear();
        owner.write(&mut self.value);
        if self.value.iter().fold(false, |found, byte| found | matches!(byte, b' ' | b'\\')) {
            self.value = self.value.iter().fold(Vec::new(), |mut escaped, byte| {
                match byte {
                    b' ' => escaped.extend_from_slice(b"\\032"),
                    b'\\' => escaped.extend_from_slice(b"\\\\"),
                    byte => escaped.push(*byte),
                }
                escaped
            });
        }
        self.value.push(b' ');
        self.what = self.value.len();
    }

    fn state(&self, c: &mut Cursor<'a>, field: &'static Field, place: &Place<'a>) {
        c.fact_at(field, &self.value, place.evidence.start, place.evidence.end, Confidence::Certain);
    }

    /// Says in words what a question or a record of this type is about.
    fn tell(c: &mut Cursor<'a>, kind: u16, between: &str, what: &[u8]) {
        let number;
        let kind = if let Some(name) = types::record_type(kind.into()) {
            name
        } else {
            number = format!("TYPE{kind}");
            &number
        };
        c.subject_of(&[kind, if what.is_empty() { "" } else { between }], what);
    }
}

/// Writes an address as text.
fn write_address(out: &mut Vec<u8>, address: IpAddr) {
    match address {
        IpAddr::V4(address) => {
            for (place, octet) in address.octets().into_iter().enumerate() {
                let [hundreds, tens, ones] = [octet / 100, octet / 10 % 10, octet % 10].map(|digit| digit | b'0');
                let digits = [b'.', hundreds, tens, ones];
                let dot = usize::from(place == 0);
                match octet {
                    0..10 => out.extend_from_slice([b'.', ones].get(dot..).unwrap_or(&[])),
                    10..100 => out.extend_from_slice([b'.', tens, ones].get(dot..).unwrap_or(&[])),
                    100.. => out.extend_from_slice(digits.get(dot..).unwrap_or(&[])),
                }
            }
        }
        // Writing to a Vec cannot fail.
        IpAddr::V6(address) => drop(write!(out, "{address}")),
    }
}

/// Whether records of this type tell an observer more than their type.
fn tells(kind: u16) -> bool {
    matches!(
        kind,
        code::A | code::AAAA | code::CNAME | code::DNAME | code::PTR | code::SRV | code::SVCB | code::HTTPS
    )
}

/// Decodes the `length` octets at `at`. The names in them were read by [`names`] before: they are bounded.
fn decode(message: &[u8], kind: u16, at: usize, length: usize) -> Data<'_> {
    let Some(data) = message.get(at..at.saturating_add(length)) else { return Data::Neither };
    // Most records are addresses, and need no library.
    if let address @ Data::Address(..) = address(kind, data) {
        return address;
    }
    if let Ok(classic) = dns_parser::Type::parse(kind)
        && let Ok(data) = dns_parser::RData::parse(classic, data, message)
        && !matches!(data, dns_parser::RData::Unknown(_))
    {
        return Data::Classic(data);
    }
    modern(message, kind, at, length).map_or(Data::Neither, Data::Modern)
}

/// Data that is an address.
fn address(kind: u16, data: &[u8]) -> Data<'_> {
    let (field, address) = match (kind, <[u8; 4]>::try_from(data), <[u8; 16]>::try_from(data)) {
        (code::A, Ok(four), _) => (&A, four.into()),
        (code::AAAA, _, Ok(sixteen)) => (&AAAA, sixteen.into()),
        _ => return Data::Neither,
    };
    Data::Address(field, address)
}

fn modern(
    message: &[u8],
    kind: u16,
    at: usize,
    length: usize,
) -> Option<AllRecordData<&[u8], ParsedName<&[u8]>>> {
    let mut parser = Parser::from_ref(message);
    parser.seek(at).ok()?;
    let mut data = parser.parse_parser(length).ok()?;
    AllRecordData::parse_any_rdata(Rtype::from_int(kind), &mut data).ok()
}
