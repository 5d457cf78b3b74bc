//! Names of link types (<https://www.tcpdump.org/linktypes.html>).

/// Number, name as libpcap and tcpdump have it, and what it is in words. Sorted by number.
const NAMES: &[(u32, &str, &str)] = &[
    (0, "NULL", "BSD loopback"),
    (1, "EN10MB", "Ethernet"),
    (6, "IEEE802", "Token ring"),
    (7, "ARCNET", "ARCNET"),
    (8, "SLIP", "SLIP"),
    (9, "PPP", "PPP"),
    (10, "FDDI", "FDDI"),
    (50, "PPP_SERIAL", "PPP over serial"),
    (51, "PPP_ETHER", "PPP over Ethernet"),
    (100, "ATM_RFC1483", "ATM RFC 1483"),
    (101, "RAW", "Raw IP"),
    (104, "C_HDLC", "Cisco HDLC"),
    (105, "IEEE802_11", "802.11"),
    (107, "FRELAY", "Frame relay"),
    (108, "LOOP", "OpenBSD loopback"),
    (113, "LINUX_SLL", "Linux cooked v1"),
    (114, "LTALK", "Apple LocalTalk"),
    (117, "PFLOG", "OpenBSD pf log"),
    (119, "PRISM_HEADER", "802.11 with Prism header"),
    (122, "IP_OVER_FC", "IP over Fibre Channel"),
    (123, "SUNATM", "Sun raw ATM"),
    (127, "IEEE802_11_RADIO", "802.11 with radiotap header"),
    (129, "ARCNET_LINUX", "Linux ARCNET"),
    (138, "APPLE_IP_OVER_IEEE1394", "Apple IP over IEEE 1394"),
    (140, "MTP2", "SS7 MTP2"),
    (141, "MTP3", "SS7 MTP3"),
    (143, "DOCSIS", "DOCSIS"),
    (144, "LINUX_IRDA", "Linux IrDA"),
    (163, "IEEE802_11_RADIO_AVS", "802.11 with AVS header"),
    (165, "BACNET_MS_TP", "BACnet MS/TP"),
    (166, "PPP_PPPD", "PPP with direction"),
    (169, "GPRS_LLC", "GPRS LLC"),
    (177, "LINUX_LAPD", "Linux vISDN LAPD"),
    (187, "BLUETOOTH_HCI_H4", "Bluetooth HCI UART"),
    (189, "USB_LINUX", "USB with Linux header"),
    (192, "PPI", "Per-packet information"),
    (195, "IEEE802_15_4", "802.15.4 with FCS"),
    (201, "BLUETOOTH_HCI_H4_WITH_PHDR", "Bluetooth HCI UART with direction"),
    (203, "LAPD", "LAPD"),
    (204, "PPP_WITH_DIR", "PPP with direction"),
    (209, "IPMB_LINUX", "IPMB with Linux header"),
    (212, "LIN", "LIN"),
    (220, "USB_LINUX_MMAPPED", "USB with padded Linux header"),
    (224, "FC_2", "Fibre Channel FC-2"),
    (226, "IPNET", "Solaris ipnet"),
    (227, "CAN_SOCKETCAN", "CAN"),
    (228, "IPV4", "Raw IPv4"),
    (229, "IPV6", "Raw IPv6"),
    (230, "IEEE802_15_4_NOFCS", "802.15.4 without FCS"),
    (231, "DBUS", "D-Bus"),
    (239, "NFLOG", "Linux netfilter log"),
    (240, "NETANALYZER", "netANALYZER"),
    (245, "NFC_LLCP", "NFC LLCP"),
    (247, "INFINIBAND", "InfiniBand"),
    (248, "SCTP", "SCTP"),
    (249, "USBPCAP", "USB with USBPcap header"),
    (251, "BLUETOOTH_LE_LL", "Bluetooth LE"),
    (253, "NETLINK", "Linux netlink"),
    (254, "BLUETOOTH_LINUX_MONITOR", "Bluetooth Linux monitor"),
    (256, "BLUETOOTH_LE_LL_WITH_PHDR", "Bluetooth LE with header"),
    (258, "PKTAP", "Apple PKTAP"),
    (271, "VSOCK", "Linux vsock"),
    (276, "LINUX_SLL2", "Linux cooked v2"),
    (281, "DSA_TAG_BRCM", "Broadcom switch tag"),
    (283, "IEEE802_15_4_TAP", "802.15.4 with TAP header"),
    (284, "DSA_TAG_DSA", "Marvell switch tag"),
    (285, "DSA_TAG_EDSA", "Marvell Ethertype switch tag"),
];

/// The name that libpcap and tcpdump have for a link type, such as `EN10MB`.
pub fn name(link_type: u32) -> Option<&'static str> {
    find(link_type).map(|(_, name, _)| *name)
}

/// What a link type is, in words, such as `Ethernet`; for an unknown one, its number.
pub fn description(link_type: u32) -> String {
    find(link_type).map_or_else(|| format!("link type {link_type}"), |(_, _, words)| (*words).to_owned())
}

fn find(link_type: u32) -> Option<&'static (u32, &'static str, &'static str)> {
    NAMES.binary_search_by_key(&link_type, |(number, _, _)| *number).ok().and_then(|place| NAMES.get(place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found() {
        assert!(NAMES.is_sorted_by_key(|(number, _, _)| *number));
        assert_eq!((name(1), name(12345)), (Some("EN10MB"), None));
        assert_eq!((description(276), description(12345)), ("Linux cooked v2".into(), "link type 12345".into()));
    }
}
