//! Solaris IPNET: IP as it passes between zones.

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Solaris IPNET.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ipnet", "Solaris IPNET", Class::Link, "LINKTYPE_IPNET"),
    fields: FIELDS,
    under: &[Under::Link(226)],
    read: Read::Header(read),
};

fields! { class Link, "LINKTYPE_IPNET";
    VERSION: Number "ipnet.version" "Header version";
    FAMILY: Number "ipnet.family" "Address family";
    HOOK: Number "ipnet.htype" "Hook type";
    LENGTH: Number "ipnet.pktlen" "Data length";
    INTERFACE: Number "ipnet.ifindex" "Interface index";
    GROUP: Number "ipnet.grifindex" "Group interface index";
    SOURCE: Number "ipnet.zsrc" "Source Zone ID";
    DESTINATION: Number "ipnet.zdst" "Destination Zone ID";
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    c.u8(&VERSION)?;
    let family = c.u8(&FAMILY)?;
    c.u16(&HOOK)?;
    c.u32(&LENGTH)?;
    c.u32(&INTERFACE)?;
    c.u32(&GROUP)?;
    c.u32(&SOURCE)?;
    c.u32(&DESTINATION)?;
    Ok(match family {
        2 => Next::EtherType(0x0800),
        26 => Next::EtherType(0x86dd),
        _ => Next::End,
    })
}
