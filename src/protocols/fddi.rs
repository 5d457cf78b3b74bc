//! FDDI (ANSI X3.139).

use super::{Next, Outline, Protocol, Read, Under, heading, llc};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// Fiber Distributed Data Interface.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("fddi", "Fiber Distributed Data Interface", Class::Link, "ANSI X3.139, section 7"),
    fields: FIELDS,
    under: &[Under::Link(10)],
    read: Read::Header(read),
};

fields! { class Link, "ANSI X3.139, section 7";
    CONTROL: Hex(2) "fddi.fc" "Frame Control";
    DESTINATION: Mac "fddi.dst" "Destination";
    SOURCE: Mac "fddi.src" "Source";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let control = c.u8(&CONTROL)?;
    address(c, &DESTINATION)?;
    address(c, &SOURCE)?;
    // Asynchronous frames of the LLC, of any priority; others are of the ring itself.
    Ok(if control & 0xf8 == 0x50 { Next::Protocol(&llc::PROTOCOL) } else { Next::End })
}

/// The ring sends the highest bit of an octet first, Ethernet the lowest: written as Ethernet's, an address reads
/// backwards (RFC 2469).
fn address(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    let mut address = [0; 6];
    address.iter_mut().zip(c.pass(6)?).for_each(|(to, from)| *to = from.reverse_bits());
    c.part(field, Value::Mac(address));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};

    #[test]
    fn addresses_are_written_as_ethernets_are() {
        let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
        let bytes = [0x50, 0x55, 0, 0x20, 0, 0xc1, 0xe5, 0, 0xe0, 0x52, 0x80, 0x76, 0];
        let mut c = Cursor::new(&bytes, 0, 0, &mut findings, Some(&mut tree));
        assert!(matches!(read(&mut c, &mut Outline::default()), Ok(Next::Protocol(_))));
        let cells: Vec<_> = tree.nodes().iter().map(|node| tree.cell(node, &bytes)).collect();
        assert_eq!(cells, ["0x50", "aa:00:04:00:83:a7", "00:07:4a:01:6e:00"]);
        let mut c = Cursor::new(&bytes[..9], 0, 0, &mut findings, None);
        assert!(read(&mut c, &mut Outline::default()).is_err());
    }
}
