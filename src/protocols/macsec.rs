//! MACsec (IEEE 802.1AE): frames sealed, or only signed, between two stations of a link.

use etherparse::MacsecHeaderSlice;

use super::ethernet::type_or_length;
use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// 802.1AE Security Tag.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("macsec", "802.1AE Security Tag", Class::Link, "IEEE 802.1AE, section 9"),
    fields: FIELDS,
    under: &[Under::EtherType(0x88e5)],
    read: Read::Header(read),
};

fields! { class Link, "IEEE 802.1AE, section 9";
    TCI: Hex(2) "macsec.TCI" "Tag control information";
    VERSION: Hex(2) "macsec.TCI.V" "Version";
    END_STATION: Flag "macsec.TCI.ES" "End station";
    SCI_PRESENT: Flag "macsec.TCI.SC" "Channel identifier present";
    BROADCAST: Flag "macsec.TCI.SCB" "Single copy broadcast";
    ENCRYPTED: Flag "macsec.TCI.E" "Encrypted";
    CHANGED: Flag "macsec.TCI.C" "Changed";
    ASSOCIATION: Hex(2) "macsec.AN" "Association number";
    SHORT_LENGTH: Number "macsec.SL" "Short length";
    PACKET_NUMBER: Number "macsec.PN" "Packet number";
    SYSTEM: Mac "macsec.SCI.system_identifier" "System identifier";
    PORT: Number "macsec.SCI.port_identifier" "Port identifier";
    TYPE: Hex(4) "macsec.etype" "Type";
    SEALED: Bytes "husk.macsec.sealed" "Sealed data", class Sealed;
    ICV: Bytes "macsec.ICV" "Integrity check value";
}

/// Bytes of the integrity check value in every cipher suite of the standard.
const ICV_LENGTH: usize = 16;

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let tag = c.header(|bytes| MacsecHeaderSlice::from_slice(bytes).ok().map(|tag| (tag.slice().len(), tag)), notes)?;
    let body = c.remaining().saturating_sub(ICV_LENGTH);
    if let Some(number) = tag.next_ether_type() {
        // Signed only: what is inside stands in clear.
        c.narrow_to(body, &ICV, Class::Tag);
        return Ok(type_or_length(c, number.0));
    }
    c.skim(&SEALED, body, Class::Sealed)?;
    c.skim(&ICV, c.remaining(), Class::Tag)?;
    Ok(Next::End)
}

fn notes(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let control = c.octets(1)?;
    c.bits(&TCI, control, 2, 0x3f);
    c.bits(&VERSION, control, 7, 1);
    c.bits(&END_STATION, control, 6, 1);
    c.bits(&SCI_PRESENT, control, 5, 1);
    c.bits(&BROADCAST, control, 4, 1);
    c.bits(&ENCRYPTED, control, 3, 1);
    c.bits(&CHANGED, control, 2, 1);
    c.bits(&ASSOCIATION, control, 0, 3);
    c.u8(&SHORT_LENGTH)?;
    c.u32(&PACKET_NUMBER)?;
    if control & 0x20 != 0 {
        c.mac(&SYSTEM)?;
        c.u16(&PORT)?;
    }
    if control & 0x0c == 0 {
        c.u16(&TYPE)?;
    }
    Ok(())
}
