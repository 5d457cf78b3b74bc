//! Routes: prefixes as long as they need (RFC 4271, section 4.3), with path identifiers (RFC 7911), labels
//! (RFC 8277) and route distinguishers (RFC 4364).

use std::fmt::Write as _;

use super::fields::*;
use crate::bytes::{Confidence, Cursor, Field, Stop, Value};

/// How routes of one kind are read and noted.
pub(super) struct Routes {
    prefix: &'static Field,
    /// Bits of an address.
    longest: u8,
    labelled: bool,
    distinguished: bool,
    withdrawn: bool,
}

const fn plain(prefix: &'static Field, longest: u8, withdrawn: bool) -> Routes {
    Routes { prefix, longest, labelled: false, distinguished: false, withdrawn }
}

pub(super) static WITHDRAWN_IPV4: Routes = plain(&WITHDRAWN_PREFIX, 32, true);
pub(super) static REACHABLE_IPV4: Routes = plain(&NLRI, 32, false);

impl Routes {
    /// How the routes of a family are read, if it is one of prefixes (RFC 4760; IANA).
    pub(super) fn of(family: u16, subsequent: u8, withdrawn: bool) -> Option<Routes> {
        let (prefix, longest) = match (family, withdrawn) {
            (1, false) => (&REACH_IPV4, 32),
            (1, true) => (&UNREACH_IPV4, 32),
            (2, false) => (&REACH_IPV6, 128),
            (2, true) => (&UNREACH_IPV6, 128),
            _ => return None,
        };
        let (labelled, distinguished) = match subsequent {
            1 | 2 => (false, false),
            4 => (true, false),
            128 => (true, true),
            _ => return None,
        };
        Some(Routes { prefix, longest, labelled, distinguished, withdrawn })
    }

    /// Whether `bytes` are such routes, to the last byte.
    fn fit(&self, mut bytes: &[u8], identified: bool) -> bool {
        /// A stack of labels may be longer than one, as far as the length octet goes.
        const LONGEST: u16 = 255;
        let longest = match (self.labelled, self.distinguished) {
            (false, false) => u16::from(self.longest),
            _ => LONGEST,
        };
        while !bytes.is_empty() {
            let Some([length, prefix @ ..]) = bytes.get(if identified { 4 } else { 0 }..) else { return false };
            let Some(rest) = prefix.get(usize::from(length.div_ceil(8))..).filter(|_| u16::from(*length) <= longest)
            else {
                return false;
            };
            bytes = rest;
        }
        true
    }
}

/// Reads routes to the end of the window. Whether each has an identifier was agreed on when the session began,
/// which was perhaps not seen: they have, if only so they end where the window ends, or if they would else begin
/// with a route to everything and go on, as the zeros of a small identifier look.
pub(super) fn read(c: &mut Cursor<'_>, routes: &Routes) -> Result<(), Stop> {
    let doubtful = matches!(c.rest(), [0, _, ..]) || !routes.fit(c.rest(), false);
    let identified = doubtful && routes.fit(c.rest(), true);
    let (start, mut told) = (c.offset(), String::new());
    let read = read_all(c, routes, identified, &mut told);
    if !told.is_empty() {
        c.fact_at(routes.prefix, told.as_bytes(), start, c.offset(), Confidence::Certain);
        let first = told.split(' ').next().unwrap_or_default();
        let more = told.bytes().filter(|byte| *byte == b' ').count();
        let sign = if routes.withdrawn { '-' } else { '+' };
        c.subject(&if more > 0 { format!("{sign}{first} and {more} more") } else { format!("{sign}{first}") });
    }
    read
}

fn read_all(c: &mut Cursor<'_>, routes: &Routes, identified: bool, told: &mut String) -> Result<(), Stop> {
    while !c.is_empty() {
        if identified {
            c.u32(&PATH_ID)?;
        }
        let mut bits = c.u8(&PREFIX_LENGTH)?;
        if routes.labelled {
            labels(c, &mut bits)?;
        }
        if routes.distinguished {
            bits = bits.checked_sub(64).ok_or_else(|| c.malformed("the prefix is shorter than its distinguisher"))?;
            let distinguisher = c.pass(8)?;
            c.part(&ROUTE_DISTINGUISHER, Value::Text(distinguisher_text(distinguisher).into()));
        }
        if bits > routes.longest {
            return Err(c.malformed("the prefix is longer than an address"));
        }
        let mut address = [0_u8; 16];
        let octets = c.pass(bits.div_ceil(8).into())?;
        address.iter_mut().zip(octets).for_each(|(to, from)| *to = *from);
        if !told.is_empty() {
            told.push(' ');
        }
        // Writing to a String cannot fail.
        if routes.longest == 32 {
            let octets = address.first_chunk().copied().unwrap_or_default();
            c.part(routes.prefix, Value::Ipv4(octets));
            let _ = write!(told, "{}/{bits}", std::net::Ipv4Addr::from(octets));
        } else {
            c.part(routes.prefix, Value::Ipv6(address));
            let _ = write!(told, "{}/{bits}", std::net::Ipv6Addr::from(address));
        }
    }
    Ok(())
}

/// Labels of 24 bits each, up to the one at the bottom of the stack (RFC 8277, section 2.1); they count as
/// part of the prefix. A withdrawn route has one that says so.
fn labels(c: &mut Cursor<'_>, bits: &mut u8) -> Result<(), Stop> {
    const BOTTOM: u64 = 1;
    const WITHDRAWN_LABELS: [u64; 2] = [0x80_0000, 0];
    let (start, mut text) = (c.offset(), String::new());
    loop {
        *bits = bits.checked_sub(24).ok_or_else(|| c.malformed("the prefix is shorter than its labels"))?;
        let label = c.octets(3)?;
        let withdrawn = WITHDRAWN_LABELS.contains(&label);
        let end = if withdrawn {
            " (withdrawn)"
        } else if label & BOTTOM != 0 {
            " (bottom)"
        } else {
            ","
        };
        let _ = write!(text, "{}{end}", label >> 4);
        if withdrawn || label & BOTTOM != 0 {
            break;
        }
    }
    c.note(&LABELS, Value::Text(text.into()), start, c.offset());
    Ok(())
}

/// RFC 4364, section 4.2: a number of whoever administers it, and one that he assigned.
pub(super) fn distinguisher_text(distinguisher: &[u8]) -> String {
    let number = |octets: &[u8]| octets.iter().fold(0_u64, |number, octet| number << 8 | u64::from(*octet));
    match distinguisher {
        [0, 0, administrator @ .., _, _, _, _] => {
            format!("{}:{}", number(administrator), number(distinguisher.get(4..).unwrap_or(&[])))
        }
        [0, 1, address @ .., _, _] => {
            let address: [u8; 4] = address.try_into().unwrap_or_default();
            format!("{}:{}", std::net::Ipv4Addr::from(address), number(distinguisher.get(6..).unwrap_or(&[])))
        }
        [0, 2, administrator @ .., _, _] => {
            format!("{}:{}", number(administrator), number(distinguisher.get(6..).unwrap_or(&[])))
        }
        _ => "unknown".to_owned(),
    }
}
