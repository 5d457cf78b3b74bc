use super::*;
use crate::bytes::{Findings, Tree};

fn record(kind: u8, epoch: u16, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![kind, 0xfe, 0xfd];
    bytes.extend(epoch.to_be_bytes());
    bytes.extend([0, 0, 0, 0, 0, 7]);
    bytes.extend((payload.len() as u16).to_be_bytes());
    bytes.extend(payload);
    bytes
}

fn hello() -> Vec<u8> {
    let mut body = vec![0xfe, 0xfd];
    body.extend([9; 32]);
    body.extend([0, 2, 0xaa, 0xbb, 0, 2, 0xc0, 0x2b, 1, 0, 0, 0]);
    body
}

fn message(kind: u8, length: usize, offset: usize, fragment: &[u8]) -> Vec<u8> {
    let three = |n: usize| (n as u32).to_be_bytes()[1..].to_vec();
    [vec![kind], three(length), vec![0, 0], three(offset), three(fragment.len()), fragment.to_vec()].concat()
}

fn read(dtls: &mut Dtls, datagram: &[u8]) -> (&'static str, Findings, Vec<(&'static str, String)>) {
    let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
    let mut c = Cursor::new(datagram, 0, 0, &mut findings, Some(&mut tree));
    let what = dtls.read(Side::Client, &mut c).map_or("malformed", |message| message.what);
    let cells = tree.nodes().iter().map(|node| (node.field.name, tree.cell(node, datagram))).collect();
    (what, findings, cells)
}

#[test]
fn fields_of_tls_stand_under_the_names_of_dtls() {
    let hello = hello();
    let datagram = record(HANDSHAKE, 0, &message(1, hello.len(), 0, &hello));
    let (what, _, cells) = read(&mut Dtls::new(), &datagram);
    assert_eq!(what, "ClientHello");
    for cell in [
        ("dtls.record.epoch", "0"),
        ("dtls.record.sequence_number", "7"),
        ("dtls.handshake.ciphersuite", "0xc02b"),
        ("dtls.handshake.cookie", "aabb"),
        ("dtls.handshake.message_seq", "0"),
    ] {
        assert!(cells.contains(&(cell.0, cell.1.to_owned())), "{cell:?} in {cells:?}");
    }
    assert!(cells.iter().all(|(name, _)| !name.starts_with("tls.")));
}

#[test]
fn a_hello_in_fragments_is_read_when_it_is_whole() {
    let hello = hello();
    let (mut dtls, (early, late)) = (Dtls::new(), hello.split_at(20));
    assert_eq!(read(&mut dtls, &record(HANDSHAKE, 0, &message(1, hello.len(), 20, late))).0, "handshake part");
    let (what, findings, cells) = read(&mut dtls, &record(HANDSHAKE, 0, &message(1, hello.len(), 0, early)));
    assert_eq!(what, "ClientHello");
    assert!(cells.contains(&("dtls.fragment.count", "2".to_owned())));
    assert_eq!(findings.claims.ledger.of(Class::Metadata), 13 + 12 + 20);
}

#[test]
fn later_epochs_are_sealed() {
    let (what, findings, _) = read(&mut Dtls::new(), &record(HANDSHAKE, 1, &[0x5a; 40]));
    assert_eq!(what, "sealed handshake");
    assert_eq!(findings.claims.ledger.of(Class::Sealed), 40);
}

#[test]
fn a_unified_header_may_leave_out_the_length() {
    let mut dtls = Dtls::new();
    let with_length = [0x2e, 1, 2, 0, 20].iter().copied().chain([7; 20]).collect::<Vec<u8>>();
    let without = [0x20, 1].iter().copied().chain([7; 18]).collect::<Vec<u8>>();
    let (what, findings, _) = read(&mut dtls, &[with_length, without].concat());
    assert_eq!(what, "sealed");
    assert_eq!(findings.claims.ledger.of(Class::Tag), 32);
    assert_eq!(findings.claims.ledger.of(Class::Sealed), 2 + 4 + 1 + 2);
}

#[test]
fn it_is_told_by_records_that_fill_the_datagram() {
    let start = Start { transport: Transport::Udp, client_port: 1, server_port: 2 };
    let is_dtls = |bytes: &[u8]| probe(&start, Side::Client, bytes) == Answer::Yes;
    let two = [record(HANDSHAKE, 0, &[1; 20]), record(CHANGE_CIPHER_SPEC, 0, &[1])].concat();
    assert!(is_dtls(&two));
    assert!(is_dtls(&two[..two.len() - 1]), "the second is cut");
    assert!(!is_dtls(&[two.clone(), vec![0]].concat()));
    assert!(!is_dtls(&record(27, 0, &[1; 20])));
    assert!(is_dtls(&record(HANDSHAKE, 0, &[1; 20])[..20]), "a hello that is cut");
    assert!(!is_dtls(&record(APPLICATION_DATA, 1, &[1; 20])[..20]));
}

#[test]
fn no_datagram_makes_it_panic() {
    let hello = hello();
    let datagram = record(HANDSHAKE, 0, &message(1, hello.len(), 0, &hello));
    for cut in 0..datagram.len() {
        read(&mut Dtls::new(), &datagram[..cut]);
    }
    for at in 0..datagram.len() {
        let mut damaged = datagram.clone();
        damaged[at] ^= 0xff;
        let (_, findings, _) = read(&mut Dtls::new(), &damaged);
        assert!(findings.claims.ledger.total() <= damaged.len() as u64);
    }
}
