//! The page of `husk report`: that it is whole, inert, and tells what it should, also of a capture that means harm.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

fn fixture(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name).display().to_string()
}

fn husk(arguments: &[&str]) -> Output {
    Command::new(assert_cmd::cargo::cargo_bin!("husk")).args(arguments).output().unwrap()
}

fn page(arguments: &[&str]) -> String {
    let output = husk(&[&["report", "-o", "-"], arguments].concat());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// A tag: its name, whether it closes, its attributes.
struct Tag {
    name: String,
    closes: bool,
    attributes: Vec<(String, String)>,
}

/// The tags of a page. It fails at anything that is not plainly a tag, an attribute in double quotes, or text.
fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html.strip_prefix("<!DOCTYPE html>").expect("a doctype");
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let closes = rest.starts_with('/');
        rest = rest.trim_start_matches('/');
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap();
        let name = rest[..length].to_owned();
        assert!(!name.is_empty(), "no tag: <{}", &rest[..rest.len().min(40)]);
        rest = &rest[length..];
        let mut attributes = Vec::new();
        while !rest.starts_with('>') {
            rest = rest.strip_prefix(' ').unwrap_or_else(|| panic!("in <{name}: {}", &rest[..rest.len().min(40)]));
            let (key, behind) = rest.split_once("=\"").expect("an attribute in quotes");
            assert!(key.chars().all(|c| c.is_ascii_alphabetic() || c == '-'), "attribute {key:?} of {name}");
            let (value, behind) = behind.split_once('"').expect("a closing quote");
            attributes.push((key.to_owned(), value.to_owned()));
            rest = behind;
        }
        rest = &rest[1..];
        if name == "style" && !closes {
            rest = &rest[rest.find("</style>").expect("an end of the style")..];
        }
        tags.push(Tag { name, closes, attributes });
    }
    tags
}

const TAGS: &str = "html head meta title style body header main footer section article nav figure figcaption h1 h2 h3 p a \
                    strong b span code br ul ol li dl dt dd div table caption thead tbody tr th td svg rect";
const ATTRIBUTES: &str = "lang charset http-equiv content name class id href role tabindex scope aria-label \
                          aria-labelledby viewBox preserveAspectRatio x y width height";

/// Holds what must be so of every page.
fn check(html: &str) {
    const ALONE: [&str; 2] = ["meta", "br"];
    let tags = tags(html);
    let mut open: Vec<&str> = Vec::new();
    let (mut ids, mut links) = (BTreeSet::new(), Vec::new());
    for tag in &tags {
        assert!(TAGS.split_whitespace().any(|name| name == tag.name), "<{}> does not belong here", tag.name);
        for (key, value) in &tag.attributes {
            assert!(ATTRIBUTES.split_whitespace().any(|name| name == key), "{key} of <{}>", tag.name);
            match key.as_str() {
                "id" => assert!(ids.insert(value.as_str()), "{value} is the id of two things"),
                "href" => links.push(value.as_str()),
                _ => {}
            }
        }
        if tag.closes {
            assert_eq!(open.pop(), Some(tag.name.as_str()), "tags close in order");
        } else if !ALONE.contains(&tag.name.as_str()) {
            open.push(&tag.name);
        }
    }
    assert_eq!(open, [] as [&str; 0]);
    for link in links {
        let target = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leads out of the page"));
        assert!(ids.contains(target), "nothing is called {target}");
    }
    let count = |name: &str| tags.iter().filter(|tag| tag.name == name && !tag.closes).count();
    assert_eq!((count("h1"), count("main"), count("header"), count("footer")), (1, 1, 1, 1));
    assert_eq!(count("table"), count("caption"), "every table has a caption");
    let of = |tag: &Tag, key: &str| tag.attributes.iter().any(|(name, value)| name == key && !value.is_empty());
    for tag in tags.iter().filter(|tag| !tag.closes) {
        assert!(tag.name != "th" || of(tag, "scope"), "a heading of a table has a scope");
        assert!(tag.name != "svg" || of(tag, "aria-label"), "a picture says what it shows");
        assert!(!of(tag, "tabindex") || of(tag, "aria-label"), "what can be scrolled has a name");
    }
    let policy = html.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.starts_with("default-src &#39;none&#39;; style-src &#39;sha256-"), "{policy}");
    assert!(!policy.contains("-inline") && !policy.contains("-eval"), "{policy}");
    let hostile = |c: char| {
        c.is_control() && c != '\n'
            || ('\u{200b}'..='\u{200f}').contains(&c)
            || ('\u{202a}'..='\u{202e}').contains(&c)
    };
    assert!(!html.contains(hostile), "control and bidirectional characters are escaped");
}

#[test]
fn every_fixture_makes_a_whole_page() {
    for name in
        ["demo.pcapng", "browser-h3.pcapng", "http-page.pcap", "mdns.pcap", "snap-96.pcap", "wireguard.pcapng"]
    {
        let html = page(&[&fixture(name)]);
        check(&html);
        assert!(html.len() < 3 << 20, "{name}: {} bytes", html.len());
    }
}

#[test]
fn the_page_tells_the_story_and_shows_the_evidence() {
    let html = page(&[&fixture("demo.pcapng")]);
    for text in [
        "What this capture gives away",
        "shop.example",
        "can be read",
        "id=\"packet-",
        "The story, in order",
        "What is not known",
    ] {
        assert!(html.contains(text), "{text}");
    }
    assert!(html.contains(" told\">"), "the bytes that told something are framed");
}

#[test]
fn an_observer_sees_less_and_a_host_narrows() {
    let demo = fixture("demo.pcapng");
    let all = page(&[&demo]);
    for observer in ["isp", "lan", "wifi", "resolver"] {
        let html = page(&[&demo, "--as", observer]);
        check(&html);
        assert!(html.len() < all.len(), "{observer}");
    }
    assert!(!page(&[&demo, "--as", "isp"]).contains("id=\"packet-1\""), "ARP never passes the provider");
    let host = page(&[&demo, "--host", "shop.example"]);
    check(&host);
    assert!(host.contains("only shop.example") && host.len() < all.len());
    let nobody = husk(&["report", &demo, "-o", "-", "--as", "nobody"]);
    assert_eq!(nobody.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("wifi_open"));
}

#[test]
fn it_is_written_where_it_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("leaks.html");
    let (demo, to) = (fixture("dns.pcap"), path.display().to_string());
    assert_eq!(husk(&["report", &demo, "-o", &to]).status.code(), Some(0));
    check(&std::fs::read_to_string(&path).unwrap());
    let nowhere = husk(&["report", &demo, "-o", "/nowhere/leaks.html"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert_eq!(husk(&["report", &demo]).status.code(), Some(2), "where to is asked for");
}

/// What a capture may hold that means harm to whoever looks at it in a browser or a terminal.
const HARM: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>&lt;\u{202e}\u{1b}]0;x\u{7}{{7*7}}";

#[test]
fn a_capture_that_means_harm_renders_inert() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("<b>'\"&.pcap");
    std::fs::write(&path, harmful()).unwrap();
    let html = page(&[&path.display().to_string()]);
    check(&html);
    assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>'"));
    assert!(html.matches("&#60;script&#62;alert(1)").count() >= 4, "names are told as they are: {}", html.len());
    assert!(html.contains("\\u{202e}\\x1b]0;x\\x07"), "what turns or hides text is written out");
    assert!(html.contains("{{7*7}}") && !html.contains(">49<"), "no template is read out of it");
}

/// A question, a TLS hello and an HTTP request that hold [`HARM`] wherever there is room for it.
fn harmful() -> Vec<u8> {
    let mut file = Vec::new();
    for word in [0xa1b2_c3d4u32, 0x0002_0004, 0, 0, 65_535, 1] {
        file.extend(word.to_be_bytes());
    }
    let question = {
        let mut dns = vec![0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in HARM.as_bytes().chunks(60) {
            dns.push(label.len() as u8);
            dns.extend(label);
        }
        dns.extend([0, 0, 1, 0, 1]);
        dns
    };
    let mut udp =
        [40_000u16.to_be_bytes(), 53u16.to_be_bytes(), (8 + question.len() as u16).to_be_bytes(), [0, 0]].concat();
    udp.extend(question);
    frame(&mut file, 17, &udp);
    let request = format!(
        "GET /{HARM} HTTP/1.1\r\nHost: {HARM}\r\nUser-Agent: {HARM}\r\nCookie: {HARM}\r\nReferer: {HARM}\r\n\r\n"
    );
    for (port, said) in [(443, hello()), (80, request.into_bytes())] {
        segment(&mut file, port, 999, 0x02, &[]);
        segment(&mut file, port, 1000, 0x18, &said);
    }
    file
}

/// A ClientHello for a site of a harmful name.
fn hello() -> Vec<u8> {
    let name = HARM.as_bytes();
    let sized = |bytes: &[u8]| [&(bytes.len() as u16).to_be_bytes(), bytes].concat();
    let names = sized(&[&[0][..], &sized(name)].concat());
    let extensions = sized(&[&[0, 0][..], &sized(&names)].concat());
    let body = [&[3, 3][..], &[7; 32], &[0], &sized(&[0x13, 0x01]), &[1, 0], &extensions].concat();
    let handshake = [&[1, 0][..], &sized(&body)].concat();
    [&[22, 3, 1][..], &sized(&handshake)].concat()
}

fn segment(file: &mut Vec<u8>, port: u16, sequence: u32, flags: u8, said: &[u8]) {
    let mut tcp = [40_000u16.to_be_bytes(), port.to_be_bytes()].concat();
    tcp.extend(sequence.to_be_bytes());
    tcp.extend([0, 0, 0, 0, 0x50, flags, 0x10, 0, 0, 0, 0, 0]);
    tcp.extend(said);
    frame(file, 6, &tcp);
}

fn frame(file: &mut Vec<u8>, protocol: u8, payload: &[u8]) {
    let length = 34 + payload.len() as u32;
    for word in [1, 0, length, length] {
        file.extend(word.to_be_bytes());
    }
    file.extend([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0]);
    file.extend((20 + payload.len() as u16).to_be_bytes());
    file.extend([0, 1, 0, 0, 64, protocol, 0, 0, 192, 168, 0, 2, 203, 0, 113, 7]);
    file.extend(payload);
}
