//! One test for each trap: where a message ends, who may lie about it, and what stays true whatever is said.

#![allow(clippy::arithmetic_side_effects)] // a test may panic

use proptest::prelude::*;

use super::*;
use crate::bytes::{Claim, Findings, Tree};

const CLIENT: Side = Side::Client;
const SERVER: Side = Side::Server;

/// Reads what a side sends as the driver does, with everything here at once: what each message was, its subject, its
/// length, and the class of each byte.
struct Wire {
    conversation: Conversation,
    messages: Vec<String>,
    classes: String,
    facts: Vec<String>,
    then: Then,
}

impl Wire {
    fn new() -> Wire {
        let (messages, classes, facts) = Default::default();
        Wire { conversation: Conversation::over(Transport::Tcp), messages, classes, facts, then: Then::Same }
    }

    fn says(&mut self, side: Side, bytes: &[u8]) -> &mut Wire {
        let mut at = 0;
        while at < bytes.len() && self.then == Then::Same {
            let rest = &bytes[at..];
            match self.conversation.extent(side, rest) {
                Extent::Whole(n) | Extent::Part(n) => {
                    assert!(n > 0);
                    if n > rest.len() {
                        break;
                    }
                    self.read(side, &rest[..n], n, None);
                    at += n;
                }
                Extent::Pass { class, length, ends } => {
                    let n = length.min(rest.len() as u64) as usize;
                    self.classes.extend(std::iter::repeat_n(class.letter(), n));
                    if ends && (n as u64 == length || length == u64::MAX) {
                        self.read(side, &[], n, Some(&rest[..n]));
                    }
                    at += n;
                }
                Extent::Needs(n) => {
                    assert!(n > rest.len());
                    break;
                }
                Extent::Lost(n) => {
                    assert!((1..=rest.len()).contains(&n));
                    self.classes.extend(std::iter::repeat_n('U', n));
                    at += n;
                }
                Extent::Skip { .. } => unreachable!("HTTP skips nothing"),
            }
        }
        self
    }

    fn read(&mut self, side: Side, bytes: &[u8], length: usize, passed: Option<&[u8]>) {
        let mut findings = Findings::keeping();
        let mut tree = Tree::new();
        let mut c = Cursor::new(bytes, 0, 0, &mut findings, Some(&mut tree)).with_length(length).with_passed(passed);
        let message = self.conversation.read(side, &mut c).unwrap_or(Message::new("stopped"));
        if passed.is_none() {
            let mut classes = vec!['U'; length];
            for Claim { start, end, class } in findings.claims.ranges() {
                classes[*start as usize..*end as usize].fill(class.letter());
            }
            self.classes.extend(classes);
        }
        if !message.what.is_empty() {
            self.messages.push(format!("{} {}", message.what, findings.subject));
        }
        let fact = |fact: &crate::bytes::Fact| {
            let evidence = &bytes[fact.start as usize..fact.end as usize];
            let (value, evidence) = (String::from_utf8_lossy(&fact.value), String::from_utf8_lossy(evidence));
            if value == evidence { format!("{} {value}", fact.field.name) } else { format!("{} {value} ({evidence})", fact.field.name) }
        };
        self.facts.extend(findings.facts.iter().map(fact));
        self.then = message.then;
    }
}

/// What a server's answer to `request` is read as.
fn answer(request: &str, response: &[u8]) -> Vec<String> {
    let mut wire = Wire::new();
    wire.says(CLIENT, request.as_bytes());
    wire.messages.clear();
    wire.says(SERVER, response);
    wire.messages
}

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn what_an_observer_learns_stands_in_the_bytes() {
    let mut wire = Wire::new();
    wire.says(
        CLIENT,
        b"POST /login?next=%2F HTTP/1.1\r\nHost: shop.example\r\nUser-Agent:curl/8\r\nAuthorization: Basic dTpw\r\n\
          Cookie: a=1; b=2\r\nContent-Length: 3\r\n\r\na=b",
    );
    assert_eq!(wire.messages, ["request POST /login?next=%2F", "body "]);
    assert_eq!(
        wire.facts,
        [
            "http.request.uri /login?next=%2F",
            "http.host shop.example",
            "http.user_agent curl/8",
            "http.authorization Basic (Basic dTpw)",
            "http.cookie a=1; b=2"
        ]
    );
    assert!(wire.classes.ends_with("MCCC"), "{}", wire.classes);
}

#[test]
fn a_body_ends_where_the_request_says_that_it_must() {
    let ok = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(answer(GET, ok), ["response 200 OK", "body ", "response 404 No"]);
    // HEAD: the length of a body that does not come; 204 and 304: never a body; 1xx: the answer comes later.
    let head = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
    let lengths = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 204 No\r\n\r\n";
    assert_eq!(answer(head, lengths), ["response 200 OK", "response 204 No"]);
    let interim = b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nHTTP/1.1 304 Not\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(answer(head, interim), ["response 103 Early Hints", "response 200 OK", "response 304 Not"]);
}

#[test]
fn requests_in_a_row_have_their_answers_in_a_row() {
    let pipelined = "GET /a HTTP/1.1\r\n\r\nHEAD /b HTTP/1.1\r\n\r\n\r\nGET /c HTTP/1.1\r\n\r\n";
    let answers = b"HTTP/1.1 200 a\r\nContent-Length: 1\r\n\r\n1HTTP/1.1 200 b\r\nContent-Length: 1\r\n\r\n\
                    HTTP/1.1 200 c\r\nContent-Length: 1\r\n\r\n3";
    assert_eq!(answer(pipelined, answers), ["response 200 a", "body ", "response 200 b", "response 200 c", "body "]);
}

#[test]
fn chunks_with_extensions_and_trailers_are_one_body() {
    let mut wire = Wire::new();
    wire.says(SERVER, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n00A\n0123456789\n0\r\nDigest: x\r\n\r\nHTTP/1.1 204 No\r\n\r\n");
    assert_eq!(wire.messages, ["response 200 OK", "body ", "response 204 No"]);
    assert_eq!(wire.classes.matches('C').count(), 13);
    assert!(!wire.classes.contains('U'));
}

/// RFC 9112, section 6.3: Transfer-Encoding overrides Content-Length, and of both only the last chunked counts.
#[test]
fn where_two_lengths_contradict_each_other_the_standard_decides() {
    let both = "POST / HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n";
    let mut wire = Wire::new();
    assert_eq!(wire.says(CLIENT, both.as_bytes()).messages, ["request POST /", "body ", "request GET /smuggled"]);
    // Folded, it still counts; with a space before the colon it is another field; behind it, chunked is not the last coding.
    let folded = "HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n1\r\na\r\n0\r\n\r\n";
    assert_eq!(Wire::new().says(SERVER, folded.as_bytes()).classes.matches('C').count(), 1);
    for until_close in ["Transfer-Encoding : chunked", "Transfer-Encoding: chunked, gzip", "Transfer-Encoding: chunkedx"] {
        let response = format!("HTTP/1.1 200 OK\r\n{until_close}\r\n\r\n1\r\na\r\n0\r\n\r\n");
        assert_eq!(Wire::new().says(SERVER, response.as_bytes()).classes.matches('C').count(), 11, "{until_close}");
    }
}

#[test]
fn a_length_that_is_none_leaves_the_close_to_end_the_body() {
    for length in ["-1", "+3", "0x3", "3, 4", "", "99999999999999999999999999", "3\r\nContent-Length: 4"] {
        let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\nabcdef");
        let mut wire = Wire::new();
        assert_eq!(wire.says(SERVER, response.as_bytes()).classes.matches('C').count(), 6, "{length}");
    }
    // The same number twice is one number (section 6.3, point 5).
    let twice = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 204 No\r\n\r\n";
    assert_eq!(answer(GET, twice), ["response 200 OK", "body ", "response 204 No"]);
}

#[test]
fn a_chunk_size_that_overflows_is_no_size() {
    assert_eq!(lines::chunk_size(b"ffffffffffffffff"), Some(u64::MAX));
    for bad in [&b"10000000000000000"[..], b"", b"-1", b"0x10", b"g", b";x"] {
        assert_eq!(lines::chunk_size(bad), None, "{}", bad.escape_ascii());
    }
    let response = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nxxHTTP/1.1 204 No\r\n\r\n";
    assert_eq!(answer(GET, response), ["response 200 OK", "response 204 No"]);
}

#[test]
fn a_head_without_end_is_given_up_at_a_limit() {
    let mut endless = b"GET / HTTP/1.1\r\n".to_vec();
    while endless.len() <= HEAD {
        endless.extend_from_slice(b"X-Padding: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n");
    }
    let mut conversation = Conversation::over(Transport::Tcp);
    assert!(matches!(conversation.extent(CLIENT, &endless[..HEAD]), Extent::Needs(_)));
    assert_eq!(conversation.extent(CLIENT, &endless), Extent::Lost(1));
    // Then the next head is looked for.
    endless.extend_from_slice(b"GET /next HTTP/1.1\r\n\r\n");
    let mut wire = Wire { conversation, ..Wire::new() };
    assert_eq!(wire.says(CLIENT, &endless[1..]).messages, ["request GET /next"]);
}

#[test]
fn over_sctp_a_head_does_not_wait_for_its_body() {
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
    assert_eq!(Conversation::over(Transport::Tcp).extent(SERVER, response), Extent::Part(response.len()));
    assert_eq!(Conversation::over(Transport::Sctp).extent(SERVER, response), Extent::Whole(response.len()));
    let mut wire = Wire { conversation: Conversation::over(Transport::Sctp), ..Wire::new() };
    assert_eq!(wire.says(SERVER, &[response, &b"hello"[..]].concat()).messages, ["response 200 OK", "body "]);
}

#[test]
fn behind_a_gap_reading_goes_on_at_a_head() {
    let mut wire = Wire::new();
    wire.conversation.lost(SERVER);
    wire.conversation.lost(CLIENT);
    wire.says(SERVER, b"...HTTP/1. and HTTP/1.1 2xx HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!");
    wire.says(CLIENT, b"POST is a word; GET /a HTTP/2\r\nGET /b HTTP/1.0\r\n\r\n");
    assert_eq!(wire.messages, ["response 200 OK", "body ", "request GET /b"]);
}

#[test]
fn tunnels_and_upgrades_are_recognised_anew() {
    let mut wire = Wire::new();
    wire.says(CLIENT, b"CONNECT shop.example:443 HTTP/1.1\r\n\r\n\x16\x03\x01");
    assert_eq!(wire.conversation.extent(CLIENT, b"\x16\x03\x01"), Extent::Needs(6), "early data waits for the answer");
    assert_eq!(wire.says(SERVER, b"HTTP/1.1 200 Connected\r\nContent-Length: 5\r\n\r\n").then, Then::Anew);
    let mut wire = Wire::new();
    wire.says(CLIENT, b"GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
    wire.says(SERVER, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n\r\n");
    assert_eq!(wire.then, Then::Protocol(&super::super::websocket::PROTOCOL));
    // A tunnel that is refused is none.
    let mut wire = Wire::new();
    wire.says(CLIENT, b"CONNECT a:1 HTTP/1.1\r\n\r\n");
    assert_eq!(wire.says(SERVER, b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n").then, Then::Same);
}

#[test]
fn a_decoded_body_has_a_limit() {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..40 {
        gzip.write_all(&vec![0; 1 << 20]).unwrap();
    }
    let bomb = gzip.finish().unwrap();
    assert!(bomb.len() < 64 << 10);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", bomb.len());
    let about = About::read(head.as_bytes());
    let mut findings = Findings::keeping();
    let mut tree = Tree::new();
    let mut c = Cursor::new(&[], 0, 0, &mut findings, Some(&mut tree)).with_passed(Some(&bomb));
    body::note(&mut c, &about, bomb.len() as u64);
    let lengths: Vec<usize> = tree.derived().iter().map(|derived| derived.bytes.len()).collect();
    assert_eq!(lengths, [16 << 20]);
    assert!(tree.nodes().iter().any(|node| node.field.name == "husk.remark"));
}

#[test]
fn what_is_probed_stays_what_it_was() {
    use Answer::{No, Yes};
    let texts: [&[u8]; 9] = [
        b"GET /index.html HTTP/1.1\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"OPTIONS sip:a@b SIP/2.0\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"brew coffee HTTP/1.0\r\n",
        b"EHLO mail.example\r\n",
        b"\x16\x03\x01\x02\x00\x01",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"ICY 200 OK\r\n",
    ];
    let answers: Vec<Answer> = texts.iter().map(|text| lines::judge(text)).collect();
    assert_eq!(answers, [Yes, Yes, No, No, Yes, No, No, No, Yes]);
    for text in texts {
        let mut last = Answer::More;
        for length in 1..=text.len() {
            let now = lines::judge(&text[..length]);
            assert!(last == Answer::More || now == last, "{}", text[..length].escape_ascii());
            last = now;
        }
    }
}

/// Pieces that a peer might send in any order, right and wrong.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "GET /a HTTP/1.1\r\n",
        "POST /b HTTP/1.1\r\n",
        "CONNECT c:1 HTTP/1.1\r\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 304 Not Modified\r\n",
        "Content-Length: 7\r\n",
        "Content-Length: 18446744073709551615\r\n",
        "Transfer-Encoding: chunked\r\n",
        " folded\r\n",
        "Content-Encoding: gzip\r\n",
        "no colon\r\n",
        "\r\n",
        "\n",
        "\r",
        "5\r\nhello\r\n",
        "0\r\n\r\n",
        "ffffffffffffffff\r\n",
        "\u{0}\u{7f}",
    ]);
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat().into_bytes())
}

proptest! {
    /// Whatever is said, every byte gets one class, nothing stands still, and a probe keeps its word.
    #[test]
    fn anything_may_be_said(client in pieces(), server in pieces()) {
        let mut wire = Wire::new();
        wire.says(CLIENT, &client).says(SERVER, &server);
        prop_assert!(wire.classes.len() <= client.len() + server.len());
        for bytes in [client, server] {
            let mut last = Answer::More;
            for length in 1..=bytes.len() {
                let now = lines::judge(&bytes[..length]);
                prop_assert!(last == Answer::More || now == last);
                last = now;
            }
        }
    }
}
