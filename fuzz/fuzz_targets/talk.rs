//! Conversations of pieces that are right in themselves: TLS records around handshake messages, HTTP heads with bodies
//! that fit, frames, lines, DNS messages, datagrams, tunnels. The input says which pieces, who says them, what is in
//! them, and how they are cut: everything that must hold of captures, and cuts change nothing.
#![no_main]

use husk_fuzz::{Capture, Run, cuts_change_nothing, hold, said};
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;

const TCP: [u16; 24] = [
    443, 80, 8080, 53, 25, 110, 143, 21, 22, 1080, 1883, 3306, 5432, 6667, 5222, 389, 445, 139, 179, 853, 5060, 554, 88, 9999,
];
const UDP: [u16; 20] =
    [53, 443, 67, 68, 123, 137, 138, 161, 500, 514, 546, 547, 1194, 1812, 1900, 3478, 4500, 5060, 5353, 51820];
/// IP protocols whose bodies are built here: another IP, GRE, ESP, AH, SCTP, ICMP, IPv6, and any.
const PROTOCOLS: [u8; 8] = [4, 47, 50, 51, 132, 1, 41, 99];

/// Up to so many bytes of the input.
fn some(u: &mut Unstructured<'_>, most: usize) -> Result<Vec<u8>> {
    let length = u.int_in_range(0..=most)?;
    Ok(u.bytes(length.min(u.len()))?.to_vec())
}

/// A length of so many bytes, then the body: the length is mostly right.
fn sized(u: &mut Unstructured<'_>, digits: usize, body: Vec<u8>) -> Result<Vec<u8>> {
    let wrong = if u.ratio(1, 16)? { i64::from(u.arbitrary::<i8>()?) } else { 0 };
    let length = (body.len() as i64 + wrong).max(0) as u64;
    Ok([&length.to_be_bytes()[8 - digits..], &body].concat())
}

fn word<'a>(u: &mut Unstructured<'_>, words: &[&'a [u8]]) -> Result<&'a [u8]> {
    u.choose(words).copied()
}

fn hello(u: &mut Unstructured<'_>, client: bool) -> Result<Vec<u8>> {
    let mut body = vec![3, 3];
    body.extend(u.bytes(32.min(u.len()))?);
    body.resize(34, 7);
    let id = some(u, 32)?;
    body.extend(sized(u, 1, id)?);
    if client {
        let suites = some(u, 40)?;
        body.extend(sized(u, 2, suites)?);
        body.extend([1, 0]);
    } else {
        body.extend(u.choose(&[[0x13, 1, 0], [0xc0, 0x2f, 0], [0, 0x2f, 0]])?);
    }
    let mut extensions = Vec::new();
    for _ in 0..u.int_in_range(0..=6)? {
        let kind = *u.choose(&[0_u16, 10, 13, 16, 21, 22, 35, 41, 43, 45, 51, 57, 0xfe0d, 0xff01, 0x0a0a])?;
        let content = match kind {
            0 => {
                let name = some(u, 40)?;
                let name = sized(u, 2, name)?;
                sized(u, 2, [&[0][..], &name].concat())?
            }
            16 => {
                let name = word(u, &[b"h2", b"http/1.1", b"dot", b"\x1b[0m"])?.to_vec();
                let name = sized(u, 1, name)?;
                sized(u, 2, name)?
            }
            43 if !client => vec![3, 4],
            43 => vec![4, 3, 4, 3, 3],
            _ => some(u, 60)?,
        };
        extensions.extend(kind.to_be_bytes());
        extensions.extend(sized(u, 2, content)?);
    }
    body.extend(sized(u, 2, extensions)?);
    Ok(body)
}

fn tls(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let kind = *u.choose(&[22_u8, 22, 22, 23, 21, 20, 24])?;
    let body = match kind {
        22 => {
            let message = *u.choose(&[1_u8, 2, 4, 8, 11, 12, 13, 14, 16, 20, 22])?;
            let content = match message {
                1 | 2 => hello(u, message == 1)?,
                11 => {
                    let certificate = some(u, 400)?;
                    let certificate = sized(u, 3, certificate)?;
                    sized(u, 3, certificate)?
                }
                _ => some(u, 200)?,
            };
            let content = sized(u, 3, content)?;
            [&[message][..], &content].concat()
        }
        _ => some(u, 300)?,
    };
    let body = sized(u, 2, body)?;
    Ok([&[kind, 3, *u.choose(&[1, 3])?][..], &body].concat())
}

fn http(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let first = word(u, &[
        b"GET / HTTP/1.1\r\n",
        b"POST /x HTTP/1.1\r\n",
        b"CONNECT a.example:443 HTTP/1.1\r\n",
        b"HEAD / HTTP/1.0\r\n",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n",
        b"HTTP/1.1 304 Not Modified\r\n",
        b"HTTP/1.1 100 Continue\r\n",
    ])?;
    let body = some(u, 300)?;
    let mut head = first.to_vec();
    for _ in 0..u.int_in_range(0..=4)? {
        head.extend(word(u, &[
            b"Host: shop.example\r\n",
            b"Cookie: a=b; c=d\r\n",
            b"Content-Encoding: gzip\r\n",
            b"Content-Encoding: br, zstd\r\n",
            b"Upgrade: websocket\r\nConnection: Upgrade\r\n",
            b"Upgrade: h2c\r\nConnection: Upgrade\r\n",
            b"Connection: close\r\n",
            b" folded\r\n",
            b"Transfer-Encoding: chunked\r\n",
        ])?);
    }
    if u.arbitrary()? {
        head.extend(format!("Content-Length: {}\r\n\r\n", body.len()).bytes());
        head.extend(body);
    } else {
        head.extend(b"\r\n");
        head.extend(format!("{:x}\r\n", body.len()).bytes());
        head.extend(body);
        head.extend(b"\r\n0\r\n\r\n");
    }
    Ok(head)
}

fn dns(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let counts = [u.int_in_range(0..=2)?, u.int_in_range(0..=3)?, u.int_in_range(0..=1)?, u.int_in_range(0..=2)?];
    let mut message = vec![0, u.arbitrary()?, *u.choose(&[1, 0x81, 0x85, 0x28])?, *u.choose(&[0, 0x80, 0x83])?];
    counts.iter().for_each(|count: &u16| message.extend(count.to_be_bytes()));
    let kinds = [1_u16, 2, 5, 6, 12, 15, 16, 28, 33, 35, 41, 43, 46, 47, 48, 50, 52, 64, 65, 255, 257];
    for (section, count) in counts.into_iter().enumerate() {
        for _ in 0..count {
            match u.int_in_range(0..=3)? {
                0 => message.extend(b"\x04shop\x07example\0"),
                1 => message.extend([0xc0, 12]),
                2 => message.push(0),
                _ => {
                    let label = some(u, 63)?;
                    message.extend(sized(u, 1, label)?);
                    message.extend([0xc0, 12]);
                }
            }
            message.extend(u.choose(&kinds)?.to_be_bytes());
            message.extend([*u.choose(&[0, 0x80])?, *u.choose(&[1, 3, 255])?]);
            if section > 0 {
                message.extend([0, 0, 0, 60]);
                let data = some(u, 60)?;
                message.extend(sized(u, 2, data)?);
            }
        }
    }
    Ok(message)
}

/// BER: a tag, a length, and more of the same within.
fn ber(u: &mut Unstructured<'_>, depth: u8) -> Result<Vec<u8>> {
    let tag = *u.choose(&[0x30_u8, 0x02, 0x04, 0x06, 0x0c, 0x60, 0x61, 0x63, 0x64, 0xa0, 0xa1, 0xa2, 0x31, 0x41])?;
    let mut body = Vec::new();
    if tag & 0x20 != 0 && depth < 6 {
        for _ in 0..u.int_in_range(0..=4)? {
            body.extend(ber(u, depth + 1)?);
        }
    } else {
        body = some(u, 20)?;
    }
    let short = body.len() < 128;
    let body = sized(u, if short { 1 } else { 2 }, body)?;
    let head: &[u8] = if short { &[tag] } else { &[tag, 0x82] };
    Ok([head, &body].concat())
}

fn line(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let verb = word(u, &[
        b"220 mx ESMTP", b"EHLO a", b"250-STARTTLS\r\n250 ok", b"STARTTLS", b"AUTH PLAIN AGEAYg==", b"AUTH LOGIN", b"DATA",
        b"354 go", b"BDAT 20", b".", b"235 ok", b"+OK POP3", b"USER a", b"PASS b", b"* OK IMAP4rev1", b"a1 LOGIN a b",
        b"a2 STARTTLS", b"a2 OK", b"a3 FETCH {20}", b"220 FTP", b"PORT 10,0,0,1,4,5", b"227 (10,0,0,2,5,6)", b"NICK a",
        b":a 001 b :c", b"SSH-2.0-x", b"OPTIONS sip:a SIP/2.0", b"SIP/2.0 200 OK", b"RTSP/1.0 200 OK", b"CSeq: 1",
        b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2", b"<stream:stream to='a' xmlns='jabber:client'>", b"<starttls/>", b"<proceed/>",
        b"Content-Length: 5", b"",
    ])?;
    Ok([verb, b"\r\n"].concat())
}

fn piece(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    Ok(match u.int_in_range(0..=15)? {
        0..=2 => tls(u)?,
        3 | 4 => http(u)?,
        5 | 6 => line(u)?,
        7 => {
            let message = dns(u)?;
            sized(u, 2, message)?
        }
        8 => {
            let preface = if u.arbitrary()? { &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..] } else { b"" };
            let body = some(u, 200)?;
            let length = body.len() as u32;
            let kind = u.int_in_range(0..=10)?;
            [preface, &length.to_be_bytes()[1..], &[kind, u.arbitrary()?, 0, 0, 0, *u.choose(&[0, 1, 3])?], &body].concat()
        }
        9 => ber(u, 0)?,
        10 => word(u, &[
            b"\x05\x01\0", b"\x05\0", b"\x05\x02", b"\x01\x01a\x01b", b"\x01\0", b"\x05\x01\0\x03\x01a\0\x50",
            b"\x05\0\0\x01\x0a\0\0\x02\0\x50", b"\x04\x01\0\x50\0\0\0\x01a\0b\0", b"\0\x5a\0\0\0\0\0\0",
        ])?.to_vec(),
        // SSH: a length, a padding length, a message; PostgreSQL, MySQL, BGP, MQTT, WebSocket, SMB and NetBIOS alike.
        11 => {
            let body = some(u, 100)?;
            let body = [&[4, *u.choose(&[20, 21, 30, 31])?][..], &body].concat();
            sized(u, 4, body)?
        }
        12 => {
            let (kind, body) = (*u.choose(b"QRSZpEB")?, some(u, 100)?);
            [&[kind][..], &(4 + body.len() as u32).to_be_bytes(), &body].concat()
        }
        13 => {
            let body = some(u, 100)?;
            [&[0xff; 16][..], &(19 + body.len() as u16).to_be_bytes(), &[u.int_in_range(1..=5)?], &body].concat()
        }
        14 => {
            let (first, body) = (*u.choose(&[0x10, 0x20, 0x30, 0x82, 0x81, 0x89, 0, 0x85])?, some(u, 100)?);
            let body = sized(u, 1, body)?;
            [&[first][..], &body].concat()
        }
        _ => some(u, 200)?,
    })
}

fn datagram(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    Ok(match u.int_in_range(0..=9)? {
        0..=2 => dns(u)?,
        3 => {
            let mut long = vec![*u.choose(&[0xc0, 0xd0, 0xe0, 0xf0])?];
            long.extend(u.choose(&[[0, 0, 0, 1], [0x6b, 0x33, 0x43, 0xcf], [0; 4]])?);
            let (to, from, token) = (some(u, 20)?, some(u, 20)?, some(u, 20)?);
            long.extend(sized(u, 1, to)?);
            long.extend(sized(u, 1, from)?);
            long.extend(sized(u, 1, token)?);
            let rest = some(u, 200)?;
            let length = 0x4000 | rest.len() as u16;
            [&long[..], &length.to_be_bytes(), &rest].concat()
        }
        4 => {
            let body = some(u, 200)?;
            let body = sized(u, 2, body)?;
            [&[*u.choose(&[22, 23, 21, 20, 25])?, 0xfe, *u.choose(&[0xfd, 0xff])?, 0, 0, 0, 0, 0, 0, 0, 1][..], &body].concat()
        }
        5 => ber(u, 0)?,
        6 => {
            let mut message = vec![*u.choose(&[1, 2])?, 1, 6, 0];
            message.resize(236, 0);
            message.extend([0x63, 0x82, 0x53, 0x63]);
            for _ in 0..u.int_in_range(0..=8)? {
                let option = some(u, 40)?;
                message.push(u.arbitrary()?);
                message.extend(sized(u, 1, option)?);
            }
            message
        }
        7 => {
            let body = some(u, 100)?;
            let body = sized(u, 2, body)?;
            [&[0, *u.choose(&[1, 3, 4])?][..], &body[..2], &[0x21, 0x12, 0xa4, 0x42], &[7; 12], &body[2..]].concat()
        }
        8 => line(u)?,
        _ => some(u, 300)?,
    })
}

fn talk(u: &mut Unstructured<'_>) -> Result<()> {
    if u.arbitrary()? {
        let port = *u.choose(&TCP)?;
        let plan = some(u, 40)?;
        let mut runs: Vec<Run> = Vec::new();
        while !u.is_empty() && runs.len() < 40 {
            let (from_client, bytes) = (u.arbitrary()?, piece(u)?);
            match runs.last_mut() {
                Some(last) if last.from_client == from_client => last.bytes.extend(bytes),
                _ => runs.push(Run { from_client, bytes }),
            }
        }
        let captures = said(port, &plan, &runs);
        cuts_change_nothing(&captures);
        hold(&captures[0]);
        return Ok(());
    }
    let mut capture = Capture::new(*u.choose(&UDP)?);
    for _ in 0..40 {
        if u.is_empty() {
            break;
        }
        if u.ratio(1, 4)? {
            let inner = datagram(u)?;
            capture.raw(*u.choose(&PROTOCOLS)?, &inner);
        } else {
            let from_client = u.arbitrary()?;
            capture.datagram(from_client, &datagram(u)?);
        }
    }
    hold(&capture.into_file());
    Ok(())
}

fuzz_target!(|data: &[u8]| {
    // An input that ends early says less.
    let _ = talk(&mut Unstructured::new(data));
});
