//! The options (RFC 2132): a code, a length, a value.

use std::fmt::Write as _;

use super::fields::*;
use super::{Told, hardware_address, until_zero};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::protocols::dns;

const PAD: u8 = 0;
const OVERLOAD: u8 = 52;
const END: u8 = 255;

/// Which of the fixed fields hold options too: bit 0 the boot file, bit 1 the server name. They stand before
/// the options that tell it, so these are looked through first.
pub(super) fn overload(area: &[u8]) -> u8 {
    let mut rest = area.get(super::MAGIC.len()..).unwrap_or(&[]);
    loop {
        match rest {
            [PAD, behind @ ..] => rest = behind,
            [OVERLOAD, 1, fields, ..] => return *fields,
            [END, ..] | [] | [_] => return 0,
            [_, length, behind @ ..] => rest = behind.get(usize::from(*length)..).unwrap_or(&[]),
        }
    }
}

/// Reads options to their end; what lies behind that is padding, and in the options' own area a field.
pub(super) fn read(c: &mut Cursor<'_>, told: &mut Told, own: bool) -> Result<(), Stop> {
    while let [code, ..] = *c.rest() {
        match code {
            PAD => {
                let zeros = c.rest().iter().take_while(|byte| **byte == PAD).count();
                padding(c, zeros)?;
            }
            END => {
                c.u8(&OPTION_END)?;
                if own && !c.is_empty() {
                    return padding(c, c.remaining());
                }
                c.pass_rest(Class::Padding);
                return Ok(());
            }
            _ => c.group(&OPTION, |c| option(c, told))?,
        }
    }
    Ok(())
}

fn padding(c: &mut Cursor<'_>, n: usize) -> Result<(), Stop> {
    let before = c.class(Class::Padding);
    let read = c.bytes(&OPTION_PADDING, n).map(drop);
    c.class(before);
    read
}

fn option(c: &mut Cursor<'_>, told: &mut Told) -> Result<(), Stop> {
    let code = c.u8(&OPTION_CODE)?;
    let length = usize::from(c.u8(&OPTION_LENGTH)?);
    let here = c.remaining() >= length;
    if here {
        let start = c.offset();
        c.note(&OPTION_VALUE, Value::Span, start, start.saturating_add(length as u32));
    }
    match c.inside(length, |c| value(code, c, told)) {
        // What is wrong within one option does not concern the next.
        Err(stop) if here => {
            c.stopped(&stop);
            Ok(())
        }
        read => read,
    }
}

/// What a value is made of.
enum Form {
    /// Numbers of so many octets, one or more.
    Numbers(usize),
    /// A signed number of 32 bits.
    Signed,
    /// Addresses, one or more.
    Addresses,
    /// Text.
    Text,
}

fn value(code: u8, c: &mut Cursor<'_>, told: &mut Told) -> Result<(), Stop> {
    match code {
        54 if c.remaining() == 4 => told.server = Some(c.ipv4(&DHCP_SERVER_ID)?),
        53 => {
            told.message_type = Some(c.u8(&MESSAGE_TYPE)?);
            return Ok(());
        }
        50 => {
            let address = std::net::Ipv4Addr::from(c.ipv4(&REQUESTED_IP_ADDRESS)?).to_string();
            c.subject(&address);
            c.fact(&REQUESTED_IP_ADDRESS, address.as_bytes());
            return Ok(());
        }
        55 => return request_list(c),
        61 => return client_identifier(c),
        77 => return user_class(c),
        81 => return domain_name(c),
        82 => return relay_agent(c),
        94 => return network_interface(c),
        97 => return machine_identifier(c),
        _ => {}
    }
    let Some((form, field)) = plain(code) else { return c.pass(c.remaining()).map(drop) };
    match form {
        Form::Text => text(c, field, matches!(code, 12 | 60 | 161)),
        Form::Signed => {
            let octets = c.pass(4)?.try_into().unwrap_or_default();
            c.part(field, Value::Signed(i32::from_be_bytes(octets).into()));
            Ok(())
        }
        Form::Numbers(n) => repeat(c, |c| c.number(field, n).map(drop)),
        Form::Addresses => repeat(c, |c| c.ipv4(field).map(drop)),
    }
}

fn repeat(c: &mut Cursor<'_>, mut read: impl FnMut(&mut Cursor<'_>) -> Result<(), Stop>) -> Result<(), Stop> {
    while !c.is_empty() {
        read(c)?;
    }
    Ok(())
}

/// Text; some implementations end it with a zero. `tells`: it says who the client is.
fn text(c: &mut Cursor<'_>, field: &'static Field, tells: bool) -> Result<(), Stop> {
    let start = c.offset();
    let text = until_zero(c.pass(c.remaining())?);
    c.note(field, Value::Span, start, start.saturating_add(text.len() as u32));
    if tells {
        c.fact(field, text);
        c.subject(&String::from_utf8_lossy(text));
    }
    Ok(())
}

/// RFC 2132, section 9.8. What is asked for, and in which order, tells systems apart.
fn request_list(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let (mut list, start) = (String::new(), c.offset());
    while !c.is_empty() {
        let code = c.u8(&REQUEST_LIST_ITEM)?;
        if !list.is_empty() {
            list.push(',');
        }
        // Writing to a String cannot fail.
        let _ = write!(list, "{code}");
    }
    c.fact_at(&REQUEST_LIST_ITEM, list.as_bytes(), start, c.offset(), crate::bytes::Confidence::Certain);
    Ok(())
}

/// RFC 2132, section 9.14: mostly the hardware type and address once more.
fn client_identifier(c: &mut Cursor<'_>) -> Result<(), Stop> {
    match *c.rest() {
        [1 | 6, _, _, _, _, _, _] => {
            c.u8(&HW_TYPE)?;
            hardware_address(c)
        }
        [0, _, ..] => {
            c.u8(&CLIENT_ID_TYPE)?;
            let id = c.bytes(&CLIENT_ID_UNDEF, c.remaining())?;
            c.fact(&CLIENT_ID_UNDEF, id);
            Ok(())
        }
        _ => {
            let id = c.bytes(&CLIENT_ID, c.remaining())?;
            c.fact(&CLIENT_ID, id);
            Ok(())
        }
    }
}

/// RFC 3004, or, as many have it, plain text.
fn user_class(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let mut rest = c.rest();
    while let [length @ 1..=255, behind @ ..] = rest {
        let Some(next) = behind.get(usize::from(*length)..) else { break };
        rest = next;
    }
    if !rest.is_empty() {
        return text(c, &USER_CLASS_TEXT, true);
    }
    let mut instance = 0;
    while !c.is_empty() {
        c.say(&USER_CLASS, Value::Number(instance));
        let length = c.u8(&USER_CLASS_LENGTH)?;
        c.bytes(&USER_CLASS_DATA, length.into())?;
        instance = instance.saturating_add(1);
    }
    Ok(())
}

/// RFC 4702, section 2: the client's whole name.
fn domain_name(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const ENCODED: u8 = 4;
    let flags = c.u8(&FQDN_FLAGS)?;
    c.bits(&FQDN_S, flags, 0, 1);
    c.bits(&FQDN_O, flags, 1, 1);
    c.bits(&FQDN_E, flags, 2, 1);
    c.bits(&FQDN_N, flags, 3, 1);
    c.bits(&FQDN_MBZ, flags, 4, 0xf);
    c.u8(&FQDN_RCODE1)?;
    c.u8(&FQDN_RCODE2)?;
    let bytes = c.pass(c.remaining())?;
    if bytes.is_empty() {
        return Ok(());
    }
    let name = match flags & ENCODED {
        0 => bytes.to_vec(),
        _ => dns::name_text(bytes).unwrap_or_default(),
    };
    c.fact(&FQDN_NAME, &name);
    c.subject(&String::from_utf8_lossy(&name));
    c.part(&FQDN_NAME, Value::Bytes(name.into()));
    Ok(())
}

/// RFC 3046: what a relay adds to tell on which line the client is.
fn relay_agent(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while !c.is_empty() {
        let code = c.u8(&AGENT_SUBOPTION)?;
        let length = usize::from(c.u8(&SUBOPTION_LENGTH)?);
        let value = c.bytes(&AGENT_VALUE, length)?;
        match code {
            1 => c.part(&AGENT_CIRCUIT_ID, Value::Span),
            2 => c.part(&AGENT_REMOTE_ID, Value::Span),
            6 => {
                c.part(&AGENT_SUBSCRIBER_ID, Value::Span);
                c.fact(&AGENT_SUBSCRIBER_ID, value);
            }
            _ => {}
        }
    }
    Ok(())
}

/// RFC 4578, section 2.2.
fn network_interface(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.pass(1)?;
    c.u8(&CLIENT_NETWORK_ID_MAJOR)?;
    c.u8(&CLIENT_NETWORK_ID_MINOR).map(drop)
}

/// RFC 4578, section 2.3: a UUID, the first three parts little-endian.
fn machine_identifier(c: &mut Cursor<'_>) -> Result<(), Stop> {
    c.pass(1)?;
    let mut text = String::new();
    let mut octets = c.pass(16)?;
    for (length, little_endian) in [(4, true), (2, true), (2, true), (2, false), (6, false)] {
        let (part, behind) = octets.split_at_checked(length).unwrap_or((octets, &[]));
        octets = behind;
        if !text.is_empty() {
            text.push('-');
        }
        for place in 0..part.len() {
            let octet = if little_endian { part.iter().nth_back(place) } else { part.get(place) };
            let _ = write!(text, "{:02x}", octet.copied().unwrap_or(0));
        }
    }
    c.fact(&CLIENT_ID_UUID, text.as_bytes());
    c.part(&CLIENT_ID_UUID, Value::Text(text.into()));
    Ok(())
}

/// Options whose value is of one kind (RFC 2132, in the order of its codes, and a few later ones).
fn plain(code: u8) -> Option<(Form, &'static Field)> {
    use Form::{Addresses, Numbers, Signed, Text};
    Some(match code {
        1 => (Addresses, &SUBNET_MASK),
        2 => (Signed, &TIME_OFFSET),
        3 => (Addresses, &ROUTER),
        4 => (Addresses, &TIME_SERVER),
        5 => (Addresses, &NAME_SERVER),
        6 => (Addresses, &DOMAIN_NAME_SERVER),
        7 => (Addresses, &LOG_SERVER),
        8 => (Addresses, &QUOTES_SERVER),
        9 => (Addresses, &LPR_SERVER),
        10 => (Addresses, &IMPRESS_SERVER),
        11 => (Addresses, &RESOURCE_LOCATION_SERVER),
        12 => (Text, &HOSTNAME),
        13 => (Numbers(2), &BOOT_FILE_SIZE),
        14 => (Text, &MERIT_DUMP_FILE),
        15 => (Text, &DOMAIN_NAME),
        16 => (Addresses, &SWAP_SERVER),
        17 => (Text, &ROOT_PATH),
        18 => (Text, &EXTENSION_PATH),
        19 => (Numbers(1), &IP_FORWARDING),
        20 => (Numbers(1), &NON_LOCAL_SOURCE_ROUTING),
        22 => (Numbers(2), &MAX_DATAGRAM_REASSEMBLY_SIZE),
        23 => (Numbers(1), &DEFAULT_IP_TTL),
        24 => (Numbers(4), &PATH_MTU_AGING_TIMEOUT),
        25 => (Numbers(2), &PATH_MTU_PLATEAU_TABLE_ITEM),
        26 => (Numbers(2), &INTERFACE_MTU),
        27 => (Numbers(1), &ALL_SUBNETS_ARE_LOCAL),
        28 => (Addresses, &BROADCAST_ADDRESS),
        29 => (Numbers(1), &PERFORM_MASK_DISCOVERY),
        30 => (Numbers(1), &MASK_SUPPLIER),
        31 => (Numbers(1), &PERFORM_ROUTER_DISCOVER),
        32 => (Addresses, &ROUTER_SOLICITATION_ADDRESS),
        34 => (Numbers(1), &TRAILER_ENCAPSULATION),
        35 => (Numbers(4), &ARP_CACHE_TIMEOUT),
        36 => (Numbers(1), &ETHERNET_ENCAPSULATION),
        37 => (Numbers(1), &TCP_DEFAULT_TTL),
        38 => (Numbers(4), &TCP_KEEPALIVE_INTERVAL),
        39 => (Numbers(1), &TCP_KEEPALIVE_GARBAGE),
        40 => (Text, &NIS_DOMAIN),
        41 => (Addresses, &NIS_SERVER),
        42 => (Addresses, &NTP_SERVER),
        44 => (Addresses, &NETBIOS_OVER_TCPIP_NAME_SERVER),
        45 => (Addresses, &NETBIOS_OVER_TCPIP_DD_NAME_SERVER),
        46 => (Numbers(1), &NETBIOS_OVER_TCPIP_NODE_TYPE),
        47 => (Text, &NETBIOS_OVER_TCPIP_SCOPE),
        48 => (Addresses, &XWINDOWS_SYSTEM_FONT_SERVER),
        49 => (Addresses, &XWINDOWS_SYSTEM_DISPLAY_MANAGER),
        51 => (Numbers(4), &IP_ADDRESS_LEASE_TIME),
        OVERLOAD => (Numbers(1), &OPTION_OVERLOAD),
        54 => (Addresses, &DHCP_SERVER_ID),
        56 => (Text, &ERROR_MESSAGE),
        57 => (Numbers(2), &DHCP_MAX_MESSAGE_SIZE),
        58 => (Numbers(4), &RENEWAL_TIME_VALUE),
        59 => (Numbers(4), &REBINDING_TIME_VALUE),
        60 => (Text, &VENDOR_CLASS_ID),
        64 => (Text, &NIS_PLUS_DOMAIN),
        65 => (Addresses, &NIS_PLUS_SERVER),
        66 => (Text, &TFTP_SERVER_NAME),
        67 => (Text, &BOOTFILE_NAME),
        68 => (Addresses, &MOBILE_IP_HOME_AGENT),
        69 => (Addresses, &SMTP_SERVER),
        70 => (Addresses, &POP3_SERVER),
        71 => (Addresses, &NNTP_SERVER),
        72 => (Addresses, &DEFAULT_WWW_SERVER),
        73 => (Addresses, &DEFAULT_FINGER_SERVER),
        74 => (Addresses, &DEFAULT_IRC_SERVER),
        75 => (Addresses, &STREETTALK_SERVER),
        76 => (Addresses, &STREETTALK_DA_SERVER),
        93 => (Numbers(2), &CLIENT_SYSTEM_ARCHITECTURE),
        100 => (Text, &TZ_PCODE),
        101 => (Text, &TZ_TCODE),
        114 => (Text, &CAPTIVE_PORTAL),
        161 => (Text, &MUDURL),
        252 => (Text, &PRIVATE_PROXY_AUTODISCOVERY),
        _ => return None,
    })
}
