use super::*;
use crate::bytes::Class::{Content, Link, Network, Padding, Sealed, Tag, Transport as Ports, Unknown};

/// What one packet says of itself.
struct Walked {
    outline: Outline,
    cells: Vec<String>,
    classes: Vec<Class>,
}

impl Walked {
    /// All values of a field, as a cell of a table.
    fn cell(&self, name: &str) -> String {
        let of = |cell: &String| cell.split_once('=').filter(|(n, _)| *n == name).map(|(_, value)| value.to_owned());
        self.cells.iter().filter_map(of).collect::<Vec<_>>().join(",")
    }

    fn layers(&self) -> String {
        let names = self.outline.layers.iter().filter_map(|place| protocols::at(*place)).map(Protocol::name);
        names.collect::<Vec<_>>().join(":")
    }

    /// The classes as runs: how many bytes of which.
    fn runs(&self) -> Vec<(usize, Class)> {
        let mut runs: Vec<(usize, Class)> = Vec::new();
        for class in &self.classes {
            match runs.last_mut() {
                Some((count, last)) if last == class => *count += 1,
                _ => runs.push((1, *class)),
            }
        }
        runs
    }
}

/// Reads a packet with a tree and without: both must say the same, and every byte must have one class.
fn walked(link_type: u32, bytes: &[u8]) -> Walked {
    framed(Frame { link_type, length: bytes.len() as u32, fcs_length: None }, bytes)
}

fn framed(frame: Frame, bytes: &[u8]) -> Walked {
    let mut tree = Tree::new();
    let mut findings = Findings::keeping();
    let outline = walk(frame, bytes, &mut findings, Some(&mut tree));
    let mut quiet = Findings::keeping();
    let alone = walk(frame, bytes, &mut quiet, None);
    assert_eq!((&alone.layers, alone.endpoints, alone.stop), (&outline.layers, outline.endpoints, outline.stop));
    assert_eq!(quiet.claims.ranges(), findings.claims.ranges());
    let mut times = vec![0; bytes.len()];
    let mut classes = vec![Unknown; bytes.len()];
    for claim in findings.claims.ranges() {
        for at in claim.start..claim.end {
            times[at as usize] += 1;
            classes[at as usize] = claim.class;
        }
    }
    assert!(times.iter().all(|n| *n == 1), "each byte is claimed once: {times:?}");
    let cells = tree.nodes().iter().map(|n| format!("{}={}", n.field.name, tree.cell(n, bytes))).collect();
    Walked { outline, cells, classes }
}

fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// Ethernet with this type.
fn ethernet(number: u16) -> Vec<u8> {
    join(&[&[2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1], &number.to_be_bytes()])
}

/// IPv4 from 192.0.2.1 to 192.0.2.2, and what it carries.
fn ipv4(number: u8, payload: &[u8]) -> Vec<u8> {
    let length = (20 + payload.len() as u16).to_be_bytes();
    let header = [0x45, 0, length[0], length[1], 0, 1, 0, 0, 64, number, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2];
    join(&[&header, payload])
}

/// UDP to this port.
fn udp(port: u16, payload: &[u8]) -> Vec<u8> {
    let length = 8 + payload.len() as u16;
    join(&[&[0xc0, 0], &port.to_be_bytes(), &length.to_be_bytes(), &[0, 0], payload])
}

/// A small datagram of a protocol that nothing reads.
fn inner() -> Vec<u8> {
    ipv4(17, &udp(9, b"hi"))
}

#[test]
fn zeros_up_to_sixty_bytes_are_padding() {
    let mut bytes = join(&[&ethernet(0x0800), &inner()]);
    bytes.resize(60, 0);
    let walked = walked(1, &bytes);
    assert_eq!(walked.cell("eth.padding"), "00".repeat(16));
    assert_eq!(walked.cell("eth.trailer") + &walked.cell("eth.fcs"), "");
    assert_eq!(walked.runs(), [(14, Link), (20, Network), (8, Ports), (2, Unknown), (16, Padding)]);
}

#[test]
fn padding_that_is_not_zero_is_a_trailer() {
    let mut bytes = join(&[&ethernet(0x0800), &inner()]);
    bytes.resize(60, 7);
    let walked = walked(1, &bytes);
    assert_eq!(walked.cell("eth.padding"), "");
    assert_eq!(walked.cell("eth.trailer"), "07".repeat(16));
}

#[test]
fn the_last_four_bytes_of_a_long_frame_are_a_check_sequence_unless_the_capture_says_otherwise() {
    let mut bytes = join(&[&ethernet(0x0800), &inner()]);
    bytes.resize(60, 0);
    bytes.extend([1, 2, 3, 4]);
    let unsaid = walked(1, &bytes);
    assert_eq!((unsaid.cell("eth.fcs").as_str(), unsaid.cell("eth.trailer").as_str()), ("0x01020304", ""));
    assert_eq!(unsaid.runs().last(), Some(&(4, Link)));
    let none = framed(Frame { link_type: 1, length: 64, fcs_length: Some(0) }, &bytes);
    assert_eq!((none.cell("eth.fcs").as_str(), none.cell("eth.trailer").as_str()), ("", "01020304"));
}

#[test]
fn a_trailer_that_the_snap_length_cut_is_not_taken_apart() {
    let mut bytes = join(&[&ethernet(0x0800), &inner()]);
    bytes.resize(50, 0);
    let walked = framed(Frame { link_type: 1, length: 64, fcs_length: None }, &bytes);
    assert_eq!(walked.cell("eth.padding") + &walked.cell("eth.trailer") + &walked.cell("eth.fcs"), "");
    assert_eq!(walked.runs().last(), Some(&(6, Padding)));
}

#[test]
fn a_length_in_place_of_a_type_is_an_802_3_frame() {
    let mut bytes = join(&[&ethernet(4), &[0x42, 0x42, 0x03, 0x00]]);
    bytes.resize(60, 0);
    let walked = walked(1, &bytes);
    assert_eq!((walked.cell("eth.len").as_str(), walked.cell("eth.type").as_str()), ("4", ""));
    assert_eq!(walked.layers(), "eth:llc:stp");
    assert_eq!(walked.cell("eth.padding"), "00".repeat(42));
    assert_eq!(walked.cell("llc.control"), "0x0003");
}

#[test]
fn between_length_and_type_is_neither() {
    let walked = walked(1, &join(&[&ethernet(0x05dd), &inner()]));
    assert_eq!(walked.cell("eth.type") + &walked.cell("eth.len"), "");
    assert_eq!((walked.cell("eth.invalid_lentype").as_str(), walked.layers().as_str()), ("0x05dd", "eth"));
}

#[test]
fn any_number_of_tags_is_read_and_tells_flows_apart() {
    // etherparse stops silently at a fourth tag.
    let tag = |id: u8, next: u16| join(&[&[0x20, id], &next.to_be_bytes()]);
    let tags = |first| {
        join(&[&ethernet(0x88a8), &tag(first, 0x9100), &tag(2, 0x8100), &tag(3, 0x8100), &tag(4, 0x0800), &inner()])
    };
    let one = walked(1, &tags(1));
    assert_eq!((one.cell("ieee8021ad.id").as_str(), one.cell("vlan.id").as_str()), ("1", "2,3,4"));
    assert_eq!(one.layers(), "eth:ieee8021ad:vlan:vlan:vlan:ip:udp");
    let other = walked(1, &tags(9));
    let context = |of: &Walked| of.outline.endpoints.map(|ends| ends.context);
    assert_ne!(context(&one), context(&other));
}

#[test]
fn a_cooked_capture_of_loopback_is_read() {
    // etherparse knows none of ARPHRD 772 (loopback) and 65534 (tun).
    for (hardware, length, cell) in [([3, 4], 6, "02:00:00:00:00:07"), ([0xff, 0xfe], 0, "")] {
        let header = join(&[&[0, 4], &hardware, &[0, length], &[2, 0, 0, 0, 0, 7, 0, 0], &[8, 0]]);
        let walked = walked(113, &join(&[&header, &inner()]));
        assert_eq!((walked.layers().as_str(), walked.cell("sll.src.eth").as_str()), ("sll:ip:udp", cell));
    }
    let header = [8, 0, 0, 0, 0, 0, 0, 3, 3, 4, 0, 6, 2, 0, 0, 0, 0, 7, 0, 0];
    let walked = walked(276, &join(&[&header, &inner()]));
    assert_eq!((walked.layers().as_str(), walked.cell("sll.ifindex").as_str()), ("sll2:ip:udp", "3"));
}

#[test]
fn ip_is_found_behind_each_link_type() {
    let snap = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];
    let fddi = join(&[&[0x50, 1, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2], &snap]);
    let wlan = join(&[&[8, 1, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 3, 0x10, 0], &snap]);
    let radiotap = join(&[&[0, 0, 9, 0, 2, 0, 0, 0, 0], &wlan]);
    for (link_type, header, layers) in [
        (0, &[2, 0, 0, 0][..], "null:ip:udp"),
        (108, &[0, 0, 0, 2], "null:ip:udp"),
        (101, &[], "raw:ip:udp"),
        (228, &[], "ip:udp"),
        (9, &[0xff, 3, 0, 0x21], "ppp:ip:udp"),
        (9, &[0x21], "ppp:ip:udp"),
        (50, &[0x0f, 0, 8, 0], "ppp:chdlc:ip:udp"),
        (104, &[0x0f, 0, 8, 0], "chdlc:ip:udp"),
        (107, &[0x18, 0x41, 3, 0xcc], "fr:ip:udp"),
        (7, &[1, 0, 240], "arcnet:ip:udp"),
        (129, &[1, 0, 0, 8, 212, 0xff, 0xff, 0xff, 0, 0, 1], "arcnet:ip:udp"),
        (10, &fddi, "fddi:llc:ip:udp"),
        (105, &wlan, "wlan:llc:ip:udp"),
        (127, &radiotap, "radiotap:wlan:llc:ip:udp"),
    ] {
        let walked = walked(link_type, &join(&[header, &inner()]));
        assert_eq!(walked.layers(), layers, "link type {link_type}");
        assert_eq!(walked.cell("udp.dstport"), "9", "link type {link_type}");
    }
}

#[test]
fn ip_is_found_within_each_tunnel() {
    let frame = join(&[&ethernet(0x0800), &inner()]);
    let vxlan = join(&[&[8, 0, 0, 0, 0, 0, 42, 0], &frame]);
    let geneve = join(&[&[2, 0, 0x65, 0x58, 0, 0, 42, 0, 1, 2, 3, 1, 9, 9, 9, 9], &frame]);
    let erspan = join(&[&[0x10, 0, 0x88, 0xbe, 0, 0, 0, 1, 0x10, 5, 0, 1, 0, 0, 0, 0], &frame]);
    let key = join(&[&[0x20, 0, 8, 0, 0, 0, 0, 7], &inner()]);
    let pptp = join(&[&[0x30, 0x81, 0x88, 0x0b, 0, 32, 0, 5, 0, 0, 0, 1, 0, 0, 0, 2, 0xff, 3, 0x21], &inner()]);
    let gtp = join(&[&[0x30, 255, 0, 30, 0, 0, 0, 7], &inner()]);
    let l2tp = join(&[&[0, 2, 0, 1, 0, 2, 0xff, 3, 0, 0x21], &inner()]);
    let mpls = join(&[&[0, 1, 0, 64, 0, 2, 1, 64], &inner()]);
    let ah = join(&[&[4, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1], &inner()]);
    for (number, payload, layers) in [
        (4, inner(), "eth:ip:ip:udp"),
        (47, key, "eth:ip:gre:ip:udp"),
        (47, pptp, "eth:ip:gre:ppp:ip:udp"),
        (47, erspan, "eth:ip:gre:erspan:eth:ip:udp"),
        (51, ah, "eth:ip:ah:ip:udp"),
        (17, udp(4789, &vxlan), "eth:ip:udp:vxlan:eth:ip:udp"),
        (17, udp(6081, &geneve), "eth:ip:udp:geneve:eth:ip:udp"),
        (17, udp(2152, &gtp), "eth:ip:udp:gtp:ip:udp"),
        (17, udp(1701, &l2tp), "eth:ip:udp:l2tp:ppp:ip:udp"),
        (17, udp(6635, &mpls), "eth:ip:udp:mpls:ip:udp"),
    ] {
        let walked = walked(1, &join(&[&ethernet(0x0800), &ipv4(number, &payload)]));
        assert_eq!(walked.layers(), layers);
        assert_eq!(walked.outline.stop, None, "{layers}");
        assert_eq!(walked.outline.outer.len(), 1, "{layers}");
        assert_eq!(walked.cell("udp.dstport").split(',').next_back(), Some("9"), "{layers}");
    }
}

#[test]
fn a_port_alone_makes_no_tunnel() {
    let walked = walked(1, &join(&[&ethernet(0x0800), &ipv4(17, &udp(4789, b"\0not a tunnel"))]));
    assert_eq!((walked.layers().as_str(), walked.outline.stop), ("eth:ip:udp", None));
    assert_eq!(walked.outline.payload, 42..55);
}

#[test]
fn labels_hand_the_end_of_the_payload_to_their_frame() {
    let mut bytes = join(&[&ethernet(0x8847), &[0, 1, 0, 64, 0, 2, 1, 64], &inner()]);
    bytes.resize(60, 0);
    let walked = walked(1, &bytes);
    assert_eq!((walked.cell("mpls.label").as_str(), walked.cell("mpls.bottom").as_str()), ("16,32", "0,1"));
    assert_eq!(walked.cell("eth.padding"), "00".repeat(8));
}

#[test]
fn a_pseudowire_is_told_by_what_follows() {
    let frame = join(&[&ethernet(0x0800), &inner()]);
    let label = [0, 1, 1, 64];
    let with_word = walked(1, &join(&[&ethernet(0x8847), &label, &[0, 0, 0, 1], &frame]));
    assert_eq!(with_word.layers(), "eth:mpls:pwethcw:eth:ip:udp");
    let without = walked(1, &join(&[&ethernet(0x8847), &label, &frame]));
    assert_eq!(without.layers(), "eth:mpls:eth:ip:udp");
}

#[test]
fn what_is_sealed_stays_sealed() {
    let esp = walked(1, &join(&[&ethernet(0x0800), &ipv4(50, &[1; 40])]));
    assert_eq!(esp.runs(), [(14, Link), (28, Network), (32, Sealed)]);
    let natted = walked(1, &join(&[&ethernet(0x0800), &ipv4(17, &udp(4500, &[1; 40]))]));
    assert_eq!(natted.layers(), "eth:ip:udp:udpencap:esp");
    // Four zeros are a key exchange's mark: its payload is a flow's.
    let exchange = walked(1, &join(&[&ethernet(0x0800), &ipv4(17, &udp(4500, &[0; 40]))]));
    assert_eq!((exchange.layers().as_str(), exchange.outline.payload), ("eth:ip:udp", 42..82));
    let macsec = walked(1, &join(&[&ethernet(0x88e5), &[0x0c, 0, 0, 0, 0, 1], &[9; 30]]));
    assert_eq!(macsec.runs(), [(20, Link), (14, Sealed), (16, Tag)]);
    let header = [8, 0x41, 0, 0, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 3, 0x10, 0];
    let wifi = walked(105, &join(&[&header, &[1, 0, 0, 0x20, 0, 0, 0, 0], &[9; 30]]));
    assert_eq!(wifi.runs(), [(24, Link), (8, Tag), (30, Sealed)]);
}

#[test]
fn signed_only_macsec_shows_what_it_carries() {
    let tag = [0x00, 0, 0, 0, 0, 1, 8, 0];
    let walked = walked(1, &join(&[&ethernet(0x88e5), &tag, &inner(), &[9; 16]]));
    assert_eq!(walked.layers(), "eth:macsec:ip:udp");
    assert_eq!(walked.runs().last(), Some(&(16, Tag)));
}

#[test]
fn every_prefix_of_every_encapsulation_gives_each_byte_a_class() {
    let frame = join(&[&ethernet(0x0800), &inner()]);
    let vxlan = join(&[&[8, 0, 0, 0, 0, 0, 42, 0], &frame]);
    let mut bytes = join(&[&ethernet(0x8100), &[0, 1, 0x88, 0x47, 0, 1, 1, 64], &ipv4(17, &udp(4789, &vxlan))]);
    bytes.extend([0; 10]);
    for length in 0..=bytes.len() {
        framed(Frame { link_type: 1, length: bytes.len() as u32, fcs_length: None }, &bytes[..length]);
    }
    // Any link type, any small content: no panic, every byte claimed.
    for link_type in [0, 1, 6, 9, 10, 12, 50, 51, 101, 104, 105, 107, 108, 113, 119, 127, 192, 226, 258, 276] {
        for fill in [0u8, 1, 0x45, 0x60, 0x88, 0xaa, 0xff] {
            for length in 0..80 {
                walked(link_type, &vec![fill; length]);
            }
        }
    }
}

#[test]
fn nothing_is_content_that_nobody_read() {
    let walked = walked(1, &join(&[&ethernet(0x88b5), &[1; 50]]));
    assert!(!walked.classes.contains(&Content));
    assert_eq!(walked.runs(), [(14, Link), (50, Unknown)]);
}

#[test]
fn the_message_in_a_quoted_datagram_is_read_and_belongs_to_no_flow() {
    let query = b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x04shop\x07example\0\0\x01\0\x01";
    let error = join(&[&[3, 3, 0, 0, 0, 0, 0, 0], &ipv4(17, &udp(53, query))]);
    let walked = walked(1, &join(&[&ethernet(0x0800), &ipv4(1, &error)]));
    assert_eq!(walked.cell("dns.qry.name"), "shop.example");
    assert!(walked.runs().contains(&(query.len(), Class::Metadata)));
    assert!(walked.outline.payload.is_empty());
}
