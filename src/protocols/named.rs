//! Protocols that are recognised by name only: what they carry is Unknown.

use super::{Next, Protocol, Read, Under, heading};
use crate::bytes::Class;

macro_rules! named {
    ($($id:ident: $name:literal $label:literal, $source:literal, under [$($under:expr),*];)*) => {$(
        #[doc = concat!($label, ", by name.")]
        pub static $id: Protocol = Protocol {
            heading: heading($name, $label, Class::Link, $source),
            fields: &[],
            under: &[$($under),*],
            read: Read::Header(|_, _| Ok(Next::End)),
        };
    )*};
}

named! {
    IPX: "ipx" "Internetwork Packet eXchange", "Novell IPX router specification", under
        [Under::EtherType(0x8137), Under::Sap(0xe0), Under::Ppp(0x002b)];
    STP: "stp" "Spanning Tree Protocol", "IEEE 802.1D, section 9", under [Under::Sap(0x42), Under::Ppp(0x0201)];
    OSI: "osi" "OSI network layer", "ISO 8473", under
        [Under::Sap(0xfe), Under::EtherType(0x00fe), Under::Ppp(0x0023)];
    NETBIOS: "netbios" "NetBIOS", "IBM SC30-3587", under [Under::Sap(0xf0)];
    CDP: "cdp" "Cisco Discovery Protocol", "Cisco CDP", under [];
    UDLD: "udld" "Unidirectional Link Detection", "RFC 5171", under [];
    DTP: "dtp" "Dynamic Trunk Protocol", "Cisco DTP", under [];
    VTP: "vtp" "VLAN Trunking Protocol", "Cisco VTP", under [];
    SLOW: "slow" "Slow Protocols", "IEEE 802.3, annex 57A", under [Under::EtherType(0x8809)];
    EAPOL: "eapol" "802.1X Authentication", "IEEE 802.1X, section 11", under [Under::EtherType(0x888e)];
    LOOPBACK: "loop" "Configuration Test Protocol (loopback)", "Ethernet 2.0, section 8", under
        [Under::EtherType(0x9000)];
    CFM: "cfm" "Connectivity Fault Management", "IEEE 802.1Q, section 21", under [Under::EtherType(0x8902)];
    LCP: "lcp" "PPP Link Control Protocol", "RFC 1661, section 5", under [Under::Ppp(0xc021)];
    PAP: "pap" "PPP Password Authentication Protocol", "RFC 1334, section 2", under [Under::Ppp(0xc023)];
    CHAP: "chap" "PPP Challenge Handshake Authentication Protocol", "RFC 1994", under [Under::Ppp(0xc223)];
    IPCP: "ipcp" "PPP IP Control Protocol", "RFC 1332", under [Under::Ppp(0x8021)];
    IPV6CP: "ipv6cp" "PPP IPv6 Control Protocol", "RFC 5072", under [Under::Ppp(0x8057)];
    SLARP: "slarp" "Cisco SLARP", "Cisco HDLC", under [];
}
