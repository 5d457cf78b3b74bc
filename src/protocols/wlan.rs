//! Wi-Fi frames (IEEE 802.11): the header, and the payload of data frames that are not protected.
//!
//! ```text
//! │ control 2 │ duration 2 │ address 1, 2, 3 │ sequence 2 │ address 4 │ QoS 2 │ HT 4 │ payload │ check sequence 4 │
//!                                                         └ both DS    └ if the subtype and the order bit say so
//! ```

use super::{Next, Outline, Protocol, Read, Under, heading, llc};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// IEEE 802.11.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("wlan", "IEEE 802.11", Class::Link, "IEEE 802.11, section 9.2"),
    fields: FIELDS,
    under: &[Under::Link(105)],
    read: Read::Header(read),
};

fields! { class Link, "IEEE 802.11, section 9.2";
    TYPE_SUBTYPE: Hex(4) "wlan.fc.type_subtype" "Type/Subtype";
    FRAME_CONTROL: Hex(4) "wlan.fc" "Frame Control Field";
    VERSION: Number "wlan.fc.version" "Version";
    TYPE: Number "wlan.fc.type" "Type";
    SUBTYPE: Number "wlan.fc.subtype" "Subtype";
    TO_DS: Flag "wlan.fc.tods" "To DS";
    FROM_DS: Flag "wlan.fc.fromds" "From DS";
    FRAGMENT: Flag "wlan.fc.frag" "More Fragments";
    RETRY: Flag "wlan.fc.retry" "Retry";
    POWER: Flag "wlan.fc.pwrmgt" "PWR MGT";
    MORE_DATA: Flag "wlan.fc.moredata" "More Data";
    PROTECTED: Flag "wlan.fc.protected" "Protected flag";
    ORDER: Flag "wlan.fc.order" "+HTC/Order flag";
    DURATION: Number "wlan.duration" "Duration";
    RECEIVER: Mac "wlan.ra" "Receiver address";
    TRANSMITTER: Mac "wlan.ta" "Transmitter address";
    DESTINATION: Mac "wlan.da" "Destination address";
    SOURCE: Mac "wlan.sa" "Source address";
    BSSID: Mac "wlan.bssid" "BSS Id";
    FRAGMENT_NUMBER: Number "wlan.frag" "Fragment number";
    SEQUENCE: Number "wlan.seq" "Sequence number";
    QOS: Hex(4) "wlan.qos" "QoS Control", "IEEE 802.11, section 9.2.4.5";
    HT: Hex(8) "husk.wlan.htc" "HT Control", "IEEE 802.11, section 9.2.4.6";
    FILLING: Bytes "husk.wlan.filling" "Filling up to four bytes";
    VECTOR: Bytes "husk.wlan.iv" "Initialization vector", "IEEE 802.11, section 12.5";
    SEALED: Bytes "husk.wlan.sealed" "Sealed payload, with its check value", "IEEE 802.11, section 12.5", class Sealed;
    FCS: Bytes "husk.wlan.fcs" "Frame check sequence";
}

const VERSION_0: u64 = 0;

const MANAGEMENT: u64 = 0;
const CONTROL: u64 = 1;
const DATA: u64 = 2;

/// The flags of frame control, its second byte.
const TO_DS_BIT: u64 = 0x01;
const FROM_DS_BIT: u64 = 0x02;
const PROTECTED_BIT: u64 = 0x40;
const ORDER_BIT: u64 = 0x80;
/// A data subtype with QoS, and one without data.
const QOS_BIT: u64 = 8;
const NO_DATA_BIT: u64 = 4;
/// Several frames in one, each with a header of its own.
const AGGREGATE_BIT: u64 = 0x80;
const FCS_LENGTH: usize = 4;

fn read(c: &mut Cursor<'_>, outline: &mut Outline) -> Result<Next, Stop> {
    if outline.fcs_length == Some(FCS_LENGTH as u8) && outline.wire_length as usize <= c.whole().len() {
        c.narrow_to(c.remaining().saturating_sub(FCS_LENGTH), &FCS, Class::Link);
    }
    let control = c.octets(2)?;
    if control >> 8 & 3 != VERSION_0 {
        // 1 is of sensors (802.11ah), with a short header; the others are not given out.
        c.part(&FRAME_CONTROL, Value::Number(control));
        return Ok(Next::End);
    }
    let (kind, subtype, flags) = (control >> 10 & 3, control >> 12 & 0xf, control & 0xff);
    note_control(c, control);
    c.number_le(&DURATION, 2)?;
    match kind {
        MANAGEMENT => {
            addresses(c, &[(&RECEIVER, &DESTINATION), (&TRANSMITTER, &SOURCE), (&BSSID, &BSSID)])?;
            sequence(c)?;
            if flags & PROTECTED_BIT != 0 {
                return seal(c);
            }
            Ok(Next::End)
        }
        CONTROL => {
            addresses(c, &[(&RECEIVER, &RECEIVER)])?;
            // Block acknowledgments, polls and requests to send name their sender, too.
            if matches!(subtype, 4..=11) && c.remaining() >= 6 {
                addresses(c, &[(&TRANSMITTER, &TRANSMITTER)])?;
            }
            Ok(Next::End)
        }
        DATA => data(c, subtype, flags, outline.aligned),
        _ => Ok(Next::End),
    }
}

fn data(c: &mut Cursor<'_>, subtype: u64, flags: u64, aligned: bool) -> Result<Next, Stop> {
    let start = c.position();
    let both = flags & (TO_DS_BIT | FROM_DS_BIT);
    let (first, second, third): (Role, Role, Role) = match both {
        0 => (&DESTINATION, &SOURCE, &BSSID),
        FROM_DS_BIT => (&DESTINATION, &BSSID, &SOURCE),
        TO_DS_BIT => (&BSSID, &SOURCE, &DESTINATION),
        _ => (&RECEIVER, &TRANSMITTER, &DESTINATION),
    };
    addresses(c, &[(&RECEIVER, first), (&TRANSMITTER, second), (third, third)])?;
    let fragment = sequence(c)?;
    if both == TO_DS_BIT | FROM_DS_BIT {
        addresses(c, &[(&SOURCE, &SOURCE)])?;
    }
    let mut aggregate = false;
    if subtype & QOS_BIT != 0 {
        aggregate = c.number_le(&QOS, 2)? & AGGREGATE_BIT != 0;
        if flags & ORDER_BIT != 0 {
            c.number_le(&HT, 4)?;
        }
    }
    if subtype & NO_DATA_BIT != 0 {
        return Ok(Next::End);
    }
    // Control and duration, four bytes, stand before.
    let header = c.position().saturating_sub(start);
    let filling = header.next_multiple_of(4).saturating_sub(header);
    if aligned && filling > 0 {
        c.bytes(&FILLING, filling)?;
    }
    if flags & PROTECTED_BIT != 0 {
        return seal(c);
    }
    Ok(if aggregate || fragment > 0 { Next::End } else { Next::Protocol(&llc::PROTOCOL) })
}

type Role = &'static Field;

fn note_control(c: &mut Cursor<'_>, control: u64) {
    let (first, flags) = (control >> 8, control & 0xff);
    c.part(&TYPE_SUBTYPE, Value::Number((first >> 2 & 3) << 4 | first >> 4));
    c.part(&FRAME_CONTROL, Value::Number(control));
    c.bits(&VERSION, first, 0, 3);
    c.bits(&TYPE, first, 2, 3);
    c.bits(&SUBTYPE, first, 4, 0xf);
    for (shift, field) in
        [&TO_DS, &FROM_DS, &FRAGMENT, &RETRY, &POWER, &MORE_DATA, &PROTECTED, &ORDER].into_iter().enumerate()
    {
        c.bits(field, flags, shift as u32, 1);
    }
}

/// Addresses in order, each in two roles: who the radio speaks to or is, and who the frame is for or from.
fn addresses(c: &mut Cursor<'_>, roles: &[(Role, Role)]) -> Result<(), Stop> {
    for (near, far) in roles {
        let address = c.mac(near)?;
        if near != far {
            c.part(far, Value::Mac(address));
        }
    }
    Ok(())
}

/// Sequence control; returns the number of the fragment.
fn sequence(c: &mut Cursor<'_>) -> Result<u64, Stop> {
    let control = (c.octets(2)? as u16).swap_bytes();
    c.bits(&FRAGMENT_NUMBER, control, 0, 0xf);
    c.bits(&SEQUENCE, control, 4, 0xfff);
    Ok(u64::from(control & 0xf))
}

/// A protected payload: four bytes of vector for WEP, eight where a bit in them says so (TKIP, CCMP, GCMP).
/// Which of these it is, and with it the length of the check value, does not show.
fn seal(c: &mut Cursor<'_>) -> Result<Next, Stop> {
    const EXTENDED: u64 = 0x20;
    let extended = c.ahead(3, 1).is_some_and(|key| key & EXTENDED != 0);
    c.skim(&VECTOR, if extended { 8 } else { 4 }, Class::Tag)?;
    c.skim(&SEALED, c.remaining(), Class::Sealed)?;
    Ok(Next::End)
}
