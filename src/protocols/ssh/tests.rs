#![allow(clippy::arithmetic_side_effects)] // a test may panic

use super::*;
use crate::bytes::{Findings, Tree};

/// A conversation that reads one message after the other, as the driver does.
#[derive(Default)]
struct Reading {
    ssh: Ssh,
    findings: Vec<Findings>,
}

impl Reading {
    fn say(&mut self, side: Side, bytes: &[u8]) -> Vec<&'static str> {
        let (mut at, mut said) = (0, Vec::new());
        while at < bytes.len() {
            let rest = &bytes[at..];
            let n = match self.ssh.extent(side, rest) {
                Extent::Whole(n) | Extent::Skip { total: n, .. } if n <= rest.len() => n,
                other => {
                    said.push(if matches!(other, Extent::Pass { class: Class::Sealed, .. }) { "all sealed" } else { "waits" });
                    break;
                }
            };
            let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
            let mut c = Cursor::new(&rest[..n], 0, 0, &mut findings, Some(&mut tree));
            said.push(self.ssh.read(side, &mut c).map_or("malformed", |message| message.what));
            assert!(c.is_empty() || said.last() == Some(&"malformed"));
            self.findings.push(findings);
            at += n;
        }
        said
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let facts = self.findings.iter().flat_map(|findings| &findings.facts);
        facts.map(|fact| (fact.field.name, String::from_utf8_lossy(&fact.value).into_owned())).collect()
    }
}

fn packet(payload: &[u8]) -> Vec<u8> {
    let padding = 4 + (8 - (payload.len() + 9) % 8) % 8;
    let mut bytes = ((payload.len() + padding + 1) as u32).to_be_bytes().to_vec();
    bytes.push(padding as u8);
    bytes.extend(payload);
    bytes.resize(bytes.len() + padding, 0);
    bytes
}

fn kexinit(kex: &str, cipher: &str, mac: &str) -> Vec<u8> {
    let mut payload = vec![20];
    payload.extend([7; 16]);
    for list in [kex, "ssh-ed25519", cipher, cipher, mac, mac, "none", "none", "", ""] {
        payload.extend((list.len() as u32).to_be_bytes());
        payload.extend(list.as_bytes());
    }
    payload.extend([0; 5]);
    packet(&payload)
}

fn exchange(cipher: &str, mac: &str) -> Reading {
    let mut reading = Reading::default();
    assert_eq!(reading.say(Side::Client, b"SSH-2.0-A\r\n"), ["version"]);
    assert_eq!(reading.say(Side::Server, b"hello\nSSH-2.0-B b\n"), ["line", "version"]);
    assert_eq!(reading.say(Side::Client, &kexinit("curve25519-sha256", cipher, mac)), ["KEXINIT"]);
    assert_eq!(reading.say(Side::Server, &kexinit("x,curve25519-sha256", cipher, mac)), ["KEXINIT"]);
    assert_eq!(reading.say(Side::Client, &packet(&[30, 0, 0, 0, 1, 9])), ["KEX_ECDH_INIT"]);
    assert_eq!(reading.say(Side::Client, &packet(&[21])), ["NEWKEYS"]);
    reading
}

#[test]
fn versions_and_algorithms_are_facts() {
    let reading = exchange("aes128-ctr,none", "hmac-sha1");
    let facts = reading.facts();
    for fact in [
        ("ssh.protocol", "SSH-2.0-A"),
        ("ssh.protocol", "SSH-2.0-B b"),
        ("husk.ssh.kex", "curve25519-sha256"),
        ("husk.ssh.cipher_client_to_server", "aes128-ctr"),
        ("husk.ssh.mac_server_to_client", "hmac-sha1"),
    ] {
        assert!(facts.contains(&(fact.0, fact.1.to_owned())), "{fact:?} in {facts:?}");
    }
}

#[test]
fn lengths_behind_new_keys_are_read_where_they_are_in_clear() {
    let mut sealed = vec![0, 0, 0, 8];
    sealed.resize(4 + 8 + 16, 0xee);
    assert_eq!(exchange("aes128-gcm@openssh.com", "").say(Side::Client, &sealed), ["sealed"]);
    assert_eq!(exchange("chacha20-poly1305@openssh.com", "").say(Side::Client, &sealed), ["all sealed"]);
    assert_eq!(exchange("aes128-ctr", "hmac-sha1").say(Side::Client, &sealed), ["all sealed"]);
    let mut reading = exchange("aes128-ctr", "umac-128-etm@openssh.com");
    assert_eq!(reading.say(Side::Client, &sealed), ["sealed"]);
    let ledger = &reading.findings.last().unwrap().claims.ledger;
    assert_eq!([Class::Metadata, Class::Sealed, Class::Tag].map(|class| ledger.of(class)), [4, 8, 16]);
}

#[test]
fn what_follows_a_gap_is_sealed_only_if_keys_were_in_use() {
    let mut reading = exchange("aes128-gcm@openssh.com", "");
    reading.ssh.lost(Side::Client);
    reading.ssh.lost(Side::Server);
    assert_eq!(reading.ssh.extent(Side::Client, &[1]), Extent::Pass { class: Class::Sealed, length: u64::MAX, ends: false });
    assert_eq!(reading.ssh.extent(Side::Server, &[1]), Extent::Pass { class: Class::Unknown, length: u64::MAX, ends: false });
}

#[test]
fn padding_that_is_longer_than_the_packet_is_no_reason_to_panic() {
    let mut reading = Reading::default();
    reading.say(Side::Client, b"SSH-2.0-A\r\n");
    assert_eq!(reading.say(Side::Client, &[0, 0, 0, 2, 200, 20]), ["malformed"]);
    assert_eq!(reading.say(Side::Client, &[0xff, 0xff, 0xff, 0xff]), ["waits"]);
}

#[test]
fn the_first_version_leaves_one_packet_of_each_side_in_clear() {
    let mut reading = Reading::default();
    assert_eq!(reading.say(Side::Server, b"SSH-1.99-S\n"), ["version"]);
    assert_eq!(reading.say(Side::Client, b"SSH-1.5-C\n"), ["version"]);
    // Length 6: padding of two bytes, a type, one byte, a checksum.
    let first = [0, 0, 0, 6, 0, 0, 2, 9, 1, 2, 3, 4];
    assert_eq!(reading.say(Side::Server, &[first, first].concat()), ["key exchange", "sealed"]);
}
