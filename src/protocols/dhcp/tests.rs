use super::*;
use crate::bytes::{Findings, Ledger, Tree};

fn read(bytes: &[u8], tree: Option<&mut Tree>) -> (&'static str, Vec<(&'static str, String)>, Ledger) {
    let mut findings = Findings::counting();
    let what =
        Messages.read(Side::Client, &mut Cursor::new(bytes, 0, 0, &mut findings, tree)).map_or("malformed", |m| m.what);
    let facts = findings.facts.iter().map(|f| (f.field.name, String::from_utf8_lossy(&f.value).into_owned()));
    (what, facts.collect(), findings.claims.ledger)
}

fn cells(bytes: &[u8], field: &str) -> Vec<String> {
    let mut tree = Tree::new();
    read(bytes, Some(&mut tree));
    tree.nodes().iter().filter(|node| node.field.name == field).map(|node| tree.cell(node, bytes)).collect()
}

fn discover(options: &[u8]) -> Vec<u8> {
    let mut message = vec![1, 1, 6, 0, 0, 0, 0x3d, 0x1d, 0, 0, 0, 0];
    message.extend([0; 16]);
    message.extend([0, 0x0b, 0x82, 1, 0xfc, 0x42]);
    message.extend([0; 10 + SERVER_NAME + BOOT_FILE]);
    message.extend(MAGIC);
    message.extend(options);
    message
}

#[test]
fn a_client_tells_who_it_is() {
    let message = discover(b"\x35\x01\x01\x0c\x05nas1\0\x3c\x08MSFT 5.0\x37\x03\x01\x03\x06\xff\0\0");
    let (what, facts, ledger) = read(&message, None);
    assert_eq!(what, "discover");
    assert_eq!(
        facts,
        [
            ("dhcp.hw.mac_addr", "00:0b:82:01:fc:42".into()),
            ("dhcp.option.hostname", "nas1".into()),
            ("dhcp.option.vendor_class_id", "MSFT 5.0".into()),
            ("dhcp.option.request_list_item", "1,3,6".into()),
        ]
    );
    assert_eq!((ledger.of(Class::Padding), ledger.total()), (12, message.len() as u64));
    assert_eq!(cells(&message, "dhcp.cookie"), ["99.130.83.99"]);
}

#[test]
fn machine_identifiers_are_written_as_uuids() {
    let mut option = vec![97, 17, 0];
    option.extend(0..16);
    assert_eq!(cells(&discover(&option), "dhcp.client_id.uuid"), ["03020100-0504-0706-0809-0a0b0c0d0e0f"]);
}

#[test]
fn names_of_clients_come_in_two_encodings() {
    assert_eq!(cells(&discover(b"\x51\x06\0\0\0nas\xff"), "dhcp.fqdn.name"), ["nas"]);
    assert_eq!(cells(&discover(b"\x51\x0d\x04\0\0\x03nas\x04home\0\xff"), "dhcp.fqdn.name"), ["nas.home"]);
}

#[test]
fn fixed_fields_may_hold_options() {
    let mut message = discover(b"\x34\x01\x02\xff");
    message[44..52].copy_from_slice(b"\x0c\x04evil\xff\0");
    assert_eq!(cells(&message, "dhcp.option.hostname"), ["evil"]);
    assert!(cells(&message, "dhcp.server").is_empty());
}

#[test]
fn what_is_wrong_in_one_option_does_not_concern_the_next() {
    let message = discover(b"\x33\x02\0\x01\x35\x01\x03\xff");
    assert_eq!(read(&message, None).0, "request");
    assert!(cells(&message, "dhcp.option.ip_address_lease_time").is_empty());
}

#[test]
fn every_prefix_reads_the_same_with_and_without_a_tree() {
    let message = discover(b"\x35\x01\x01\x0c\x04nas1\x3d\x07\x01\0\x0b\x82\x01\xfc\x42\x4d\x04iPXE\x52\x03\x01\x01a\xff\0");
    for length in 0..=message.len() {
        let mut tree = Tree::new();
        let heard = read(&message[..length], Some(&mut tree));
        assert_eq!(heard, read(&message[..length], None));
        assert!(heard.2.total() <= length as u64);
    }
}
