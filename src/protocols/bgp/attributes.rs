//! Path attributes (RFC 4271, section 5, and later documents).

use std::fmt::Write as _;

use super::fields::*;
use super::routes::{self, Routes, distinguisher_text};
use crate::bytes::{Confidence, Cursor, Field, Stop, Value};

const EXTENDED_LENGTH: u8 = 0x10;
const ROUTE_TARGET: u8 = 132;

/// Reads path attributes to the end of the window.
pub(super) fn read(c: &mut Cursor<'_>) -> Result<(), Stop> {
    nested(c, 0)
}

fn nested(c: &mut Cursor<'_>, depth: u8) -> Result<(), Stop> {
    repeat(c, |c| c.group(&ATTRIBUTE, |c| attribute(c, depth)))
}

fn attribute(c: &mut Cursor<'_>, depth: u8) -> Result<(), Stop> {
    let flags = c.u8(&FLAGS)?;
    c.bits(&FLAGS_OPTIONAL, flags, 7, 1);
    c.bits(&FLAGS_TRANSITIVE, flags, 6, 1);
    c.bits(&FLAGS_PARTIAL, flags, 5, 1);
    c.bits(&FLAGS_EXTENDED_LENGTH, flags, 4, 1);
    c.bits(&FLAGS_UNUSED, flags, 0, 0xf);
    let kind = c.u8(&ATTRIBUTE_TYPE)?;
    let length = c.number(&ATTRIBUTE_LENGTH, if flags & EXTENDED_LENGTH == 0 { 1 } else { 2 })? as usize;
    let here = length <= c.remaining();
    match c.inside(length, |c| value(c, kind, depth)) {
        // What is wrong within one does not concern the next.
        Err(stop) if here => {
            c.stopped(&stop);
            Ok(())
        }
        read => read,
    }
}

fn value(c: &mut Cursor<'_>, kind: u8, depth: u8) -> Result<(), Stop> {
    /// A set of attributes holds the attributes of a customer's route, who has none in turn (RFC 6368, section 5).
    const DEEPEST: u8 = 2;
    match kind {
        1 => c.u8(&ORIGIN).map(drop)?,
        2 => as_path(c, None)?,
        3 => c.ipv4(&NEXT_HOP).map(drop)?,
        4 => c.u32(&MULTI_EXIT).map(drop)?,
        5 => c.u32(&LOCAL_PREFERENCE).map(drop)?,
        7 | 18 => {
            let size = c.remaining().saturating_sub(4).min(4);
            c.number(&AGGREGATOR_AS, size)?;
            c.ipv4(&AGGREGATOR)?;
        }
        8 => repeat(c, |c| c.group(&COMMUNITY, community))?,
        9 => c.ipv4(&ORIGINATOR).map(drop)?,
        10 => repeat(c, |c| c.ipv4(&CLUSTER).map(drop))?,
        14 => reach(c)?,
        15 => {
            let family = (c.u16(&UNREACH_AFI)?, c.u8(&UNREACH_SAFI)?);
            family_routes(c, family, true)?;
        }
        16 => repeat(c, |c| c.group(&EXTENDED_COMMUNITY, extended_community))?,
        17 => as_path(c, Some(4))?,
        32 => repeat(c, |c| {
            c.group(&LARGE_COMMUNITY, |c| {
                [&LARGE_GLOBAL, &LARGE_LOCAL_1, &LARGE_LOCAL_2].into_iter().try_for_each(|f| c.u32(f).map(drop))
            })
        })?,
        128 if depth < DEEPEST => {
            c.u32(&SET_ORIGIN_AS)?;
            nested(c, depth.saturating_add(1))?;
        }
        _ => {}
    }
    if c.is_empty() { Ok(()) } else { c.bytes(&ATTRIBUTE_VALUE, c.remaining()).map(drop) }
}

/// Each turn passes a byte or stops.
fn repeat(c: &mut Cursor<'_>, mut one: impl FnMut(&mut Cursor<'_>) -> Result<(), Stop>) -> Result<(), Stop> {
    while !c.is_empty() {
        one(c)?;
    }
    Ok(())
}

/// RFC 4271, section 5.1.2. How long a number is was agreed on when the session began (RFC 6793), which was
/// perhaps not seen; the segments tell, because they must end where the attribute ends.
fn as_path(c: &mut Cursor<'_>, size: Option<usize>) -> Result<(), Stop> {
    let size = size.unwrap_or_else(|| if fits(c.rest(), 4) && !fits(c.rest(), 2) { 4 } else { 2 });
    let field: &'static Field = if size == 4 { &SEGMENT_AS4 } else { &SEGMENT_AS2 };
    let (start, mut path) = (c.offset(), String::new());
    let read = repeat(c, |c| {
        c.group(&SEGMENT, |c| {
            c.u8(&SEGMENT_TYPE)?;
            for _ in 0..c.u8(&SEGMENT_LENGTH)? {
                let number = c.number(field, size)?;
                // Writing to a String cannot fail.
                let _ = write!(path, "{}{number}", if path.is_empty() { "" } else { " " });
            }
            Ok(())
        })
    });
    if !path.is_empty() {
        c.fact_at(field, path.as_bytes(), start, c.offset(), Confidence::Certain);
        c.subject(&format!("by AS {path}"));
    }
    read
}

/// Whether `path` consists of segments of known types with numbers of `size` octets, to its last byte.
fn fits(mut path: &[u8], size: usize) -> bool {
    while let [1..=4, count, rest @ ..] = path {
        let Some(behind) = rest.get(usize::from(*count).saturating_mul(size)..) else { return false };
        path = behind;
    }
    path.is_empty()
}

fn community(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let known = c.ahead(0, 4).is_some_and(|number| well_known(number).is_some());
    if known {
        return c.u32(&COMMUNITY_KNOWN).map(drop);
    }
    c.u16(&COMMUNITY_AS)?;
    c.u16(&COMMUNITY_VALUE).map(drop)
}

/// RFC 4360, section 2.
fn extended_community(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let kind = c.u8(&EXTENDED_COMMUNITY_TYPE)?;
    c.bits(&EXTENDED_COMMUNITY_AUTHORITY, kind, 7, 1);
    c.bits(&EXTENDED_COMMUNITY_TRANSITIVE, kind, 6, 1);
    c.bytes(&EXTENDED_COMMUNITY_VALUE, 7).map(drop)
}

/// RFC 4760, section 3.
fn reach(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let family = (c.u16(&REACH_AFI)?, c.u8(&REACH_SAFI)?);
    let place = c.open(&REACH_HOP);
    let read = c.u8(&REACH_HOP_LENGTH).and_then(|length| c.inside(length.into(), |c| next_hops(c, family)));
    c.close(place);
    read?;
    c.u8(&REACH_RESERVED)?;
    family_routes(c, family, false)
}

/// By their length: an address, perhaps behind a distinguisher of zeros, perhaps with a link-local one.
fn next_hops(c: &mut Cursor<'_>, (family, _): (u16, u8)) -> Result<(), Stop> {
    const DISTINGUISHER: usize = 8;
    let one_ipv6 = |c: &mut Cursor<'_>, field| c.ipv6(field).map(drop);
    let distinguisher = |c: &mut Cursor<'_>| {
        let octets = c.pass(DISTINGUISHER)?;
        c.part(&REACH_HOP_RD, Value::Text(distinguisher_text(octets).into()));
        Ok::<(), Stop>(())
    };
    match (family, c.remaining()) {
        (1 | 2 | 25, 4) => c.ipv4(&REACH_HOP_IPV4).map(drop),
        (1 | 2, 12) => {
            distinguisher(c)?;
            c.ipv4(&REACH_HOP_IPV4).map(drop)
        }
        (1 | 2 | 25, 16) => one_ipv6(c, &REACH_HOP_IPV6),
        (1 | 2, 32) => {
            one_ipv6(c, &REACH_HOP_IPV6)?;
            one_ipv6(c, &REACH_HOP_LINK_LOCAL)
        }
        (1 | 2, 24) => {
            distinguisher(c)?;
            one_ipv6(c, &REACH_HOP_IPV6)
        }
        (1 | 2, 48) => {
            distinguisher(c)?;
            one_ipv6(c, &REACH_HOP_IPV6)?;
            distinguisher(c)?;
            one_ipv6(c, &REACH_HOP_LINK_LOCAL)
        }
        (_, left) => c.pass(left).map(drop),
    }
}

/// RFC 4684, section 4.
fn route_target(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const ORIGIN_BITS: u8 = 32;
    let bits = c.u8(&PREFIX_LENGTH)?;
    if bits >= ORIGIN_BITS {
        c.u32(&ORIGINATING_AS)?;
        c.bytes(&ROUTE_TARGET_PREFIX, bits.saturating_sub(ORIGIN_BITS).div_ceil(8).into())?;
    }
    Ok(())
}

fn family_routes(c: &mut Cursor<'_>, (family, subsequent): (u16, u8), withdrawn: bool) -> Result<(), Stop> {
    match Routes::of(family, subsequent, withdrawn) {
        _ if c.is_empty() => Ok(()),
        Some(routes) => routes::read(c, &routes),
        None if subsequent == ROUTE_TARGET => repeat(c, route_target),
        None => c.bytes(&OTHER_NLRI, c.remaining()).map(drop),
    }
}
