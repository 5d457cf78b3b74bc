//! Extensions of ICMP and ICMPv6 errors (RFC 4884): MPLS label stacks (RFC 4950), interfaces (RFC 5837, RFC 8335).

use crate::bytes::{Class, Cursor, Field, Stop};
use crate::fields;

fields! { class Network, "RFC 4884, section 7";
    EXTENSION: Group "icmp.ext" "ICMP Extensions";
    VERSION: Number "icmp.ext.version" "Version";
    RESERVED: Hex(4) "icmp.ext.res" "Reserved";
    CHECKSUM: Hex(4) "icmp.ext.checksum" "Checksum";
    OBJECT: Group "husk.icmp.ext.object" "Extension Object", "RFC 4884, section 8";
    LENGTH: Number "icmp.ext.length" "Length", "RFC 4884, section 8";
    CLASS: Number "icmp.ext.class" "Class", "RFC 4884, section 8", names class_name;
    C_TYPE: Number "icmp.ext.ctype" "C-Type", "RFC 4884, section 8";
    DATA: Bytes "husk.icmp.ext.data" "Data", "RFC 4884, section 8";
    LABEL: Number "icmp.mpls.label" "Label", "RFC 4950, section 4";
    EXPERIMENTAL: Number "icmp.mpls.exp" "Experimental", "RFC 4950, section 4";
    BOTTOM: Flag "icmp.mpls.s" "Stack bit", "RFC 4950, section 4";
    TTL: Number "icmp.mpls.ttl" "Time to live", "RFC 4950, section 4";
    ROLE: Number "icmp.int_info.role" "Interface Role", "RFC 5837, section 4.1", names role_name;
    INFO_RESERVED: Number "icmp.int_info.reserved" "Reserved", "RFC 5837, section 4.1";
    HAS_INDEX: Flag "icmp.int_info.ifindex" "ifIndex", "RFC 5837, section 4.1";
    HAS_ADDRESS: Flag "icmp.int_info.ipaddr" "IP Address", "RFC 5837, section 4.1";
    HAS_NAME: Flag "icmp.int_info.name_present" "Interface Name", "RFC 5837, section 4.1";
    HAS_MTU: Flag "icmp.int_info.mtu_present" "MTU", "RFC 5837, section 4.1";
    INDEX: Number "icmp.int_info.index" "Interface Index", "RFC 5837, section 4.1";
    FAMILY: Number "icmp.int_info.afi" "Address Family Identifier", "RFC 5837, section 4.2";
    ADDRESS_RESERVED: Bytes "icmp.reserved" "Reserved", "RFC 5837, section 4.2";
    ADDRESS_IPV4: Ipv4 "icmp.int_info.ipv4" "Address", "RFC 5837, section 4.2";
    ADDRESS_IPV6: Ipv6 "icmp.int_info.ipv6" "Address", "RFC 5837, section 4.2";
    NAME_LENGTH: Number "icmp.int_info.name_length" "Name Length", "RFC 5837, section 4.3";
    NAME: Text "icmp.int_info.name" "Name", "RFC 5837, section 4.3";
    MTU: Number "icmp.int_info.mtu" "Maximum Transmission Unit", "RFC 5837, section 4.1";
    BY_NAME: Text "icmp.int_ident.name" "Name", "RFC 8335, section 2.1";
    BY_INDEX: Number "icmp.int_ident.index" "Interface Index", "RFC 8335, section 2.1";
    BY_FAMILY: Number "icmp.int_ident.afi" "Address Family Identifier", "RFC 8335, section 2.1";
    BY_LENGTH: Number "icmp.int_ident.addr_length" "Address Length", "RFC 8335, section 2.1";
    BY_RESERVED: Bytes "icmp.int_ident.reserved" "Reserved", "RFC 8335, section 2.1";
    BY_IPV4: Ipv4 "icmp.int_ident.ipv4" "Address", "RFC 8335, section 2.1";
    BY_IPV6: Ipv6 "icmp.int_ident.ipv6" "Address", "RFC 8335, section 2.1";
    BY_ADDRESS: Bytes "icmp.int_ident.address" "Address", "RFC 8335, section 2.1";
}

/// Where extensions begin if the error does not say how long the quoted packet is.
const QUOTED: usize = 128;

/// Reads the extensions behind a quoted packet, if there are some, and ends the window before them. `length` is
/// what the error says of the quoted packet (0: nothing), `total` what the quoted packet says of itself.
pub(in crate::protocols) fn behind_quoted(c: &mut Cursor<'_>, length: usize, total: usize) {
    // Routers that knew extensions before RFC 4884 put them behind 128 bytes (section 5.5).
    let quoted = if length > 0 { length.max(QUOTED) } else { QUOTED };
    if c.remaining() <= quoted || (length == 0 && total > QUOTED) {
        return;
    }
    if let Err(stop) = c.behind(quoted, read) {
        c.stopped(&stop);
    }
}

/// Reads an extension structure up to the end of the window.
pub(in crate::protocols) fn read(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.class(Class::Network);
    if c.is_empty() {
        return Ok(());
    }
    c.group(&EXTENSION, |c| {
        let first = c.pass(2)?.iter().fold(0u16, |n, byte| n << 8 | u16::from(*byte));
        c.bits(&VERSION, first, 12, 0xf);
        c.bits(&RESERVED, first, 0, 0xfff);
        c.u16(&CHECKSUM)?;
        while !c.is_empty() {
            c.group(&OBJECT, object)?;
        }
        Ok(())
    })
}

fn object(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let length = c.u16(&LENGTH)?;
    let class = c.u8(&CLASS)?;
    let c_type = c.u8(&C_TYPE)?;
    if class == 2 {
        c.bits(&ROLE, c_type, 6, 3);
        c.bits(&INFO_RESERVED, c_type, 4, 3);
        c.bits(&HAS_INDEX, c_type, 3, 1);
        c.bits(&HAS_ADDRESS, c_type, 2, 1);
        c.bits(&HAS_NAME, c_type, 1, 1);
        c.bits(&HAS_MTU, c_type, 0, 1);
    }
    let Some(length) = usize::from(length).checked_sub(4) else {
        return Err(c.malformed("an extension object is shorter than its own header"));
    };
    c.inside(length, |c| {
        match class {
            1 => labels(c)?,
            2 => interface(c, c_type)?,
            3 => identification(c, c_type)?,
            _ => {}
        }
        rest(c)
    })
}

fn rest(c: &mut Cursor<'_>) -> Result<(), Stop> {
    if c.is_empty() { Ok(()) } else { c.bytes(&DATA, c.remaining()).map(drop) }
}

fn labels(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while c.remaining() >= 4 {
        let label = c.pass(3)?.iter().fold(0u32, |n, byte| n << 8 | u32::from(*byte));
        c.bits(&LABEL, label, 4, 0xf_ffff);
        c.bits(&EXPERIMENTAL, label, 1, 7);
        c.bits(&BOTTOM, label, 0, 1);
        c.u8(&TTL)?;
    }
    Ok(())
}

fn interface(c: &mut Cursor<'_>, c_type: u8) -> Result<(), Stop> {
    if c_type & 8 != 0 {
        c.u32(&INDEX)?;
    }
    if c_type & 4 != 0 {
        let family = c.u16(&FAMILY)?;
        c.bytes(&ADDRESS_RESERVED, 2)?;
        match family {
            1 => c.ipv4(&ADDRESS_IPV4).map(drop)?,
            2 => c.ipv6(&ADDRESS_IPV6).map(drop)?,
            _ => return Ok(()),
        }
    }
    if c_type & 2 != 0 {
        let length = usize::from(c.u8(&NAME_LENGTH)?);
        name(c, &NAME, length.saturating_sub(1))?;
    }
    if c_type & 1 != 0 {
        c.u32(&MTU)?;
    }
    Ok(())
}

fn identification(c: &mut Cursor<'_>, c_type: u8) -> Result<(), Stop> {
    match c_type {
        1 => name(c, &BY_NAME, c.remaining()),
        2 => c.u32(&BY_INDEX).map(drop),
        3 => {
            let family = c.u16(&BY_FAMILY)?;
            let length = c.u8(&BY_LENGTH)?;
            c.bytes(&BY_RESERVED, 1)?;
            match (family, length) {
                (1, 4) => c.ipv4(&BY_IPV4).map(drop),
                (2, 16) => c.ipv6(&BY_IPV6).map(drop),
                _ => c.bytes(&BY_ADDRESS, usize::from(length)).map(drop),
            }
        }
        _ => Ok(()),
    }
}

/// Text that zeros fill up to a multiple of four bytes.
fn name(c: &mut Cursor<'_>, field: &'static Field, length: usize) -> Result<(), Stop> {
    c.inside(length, |c| {
        let text = c.rest().iter().take_while(|byte| **byte != 0).count();
        c.bytes(field, text)?;
        c.pass_rest(Class::Padding);
        Ok(())
    })
}

fn class_name(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "MPLS Label Stack",
        2 => "Interface Information",
        3 => "Interface Identification",
        4 => "Extended Information",
        _ => return None,
    })
}

fn role_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "Interface upon which the datagram arrived",
        1 => "Sub-IP component of the interface upon which the datagram arrived",
        2 => "Interface through which the datagram would have been forwarded",
        3 => "Next hop to which the datagram would have been forwarded",
        _ => return None,
    })
}
