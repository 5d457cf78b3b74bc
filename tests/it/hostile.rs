//! What others wrote, and what is wrong: names made to steer a terminal or a spreadsheet, and inputs that are none, through
//! every command that reads a capture. Commands are found in `husk --help`, so that a new one is tried too.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::cli::{Strict, code, file, fixture, husk, stderr, stdout};
use crate::holds::is_hostile;

/// Commands that read no capture, or want more than a capture, or run something.
const OTHERS: &[&str] =
    &["assert", "completions", "demo", "doctor", "explain", "fields", "help", "interfaces", "man", "run", "session"];

/// Every command that reads a capture, with what it needs besides.
fn commands() -> Vec<(Vec<String>, Vec<String>)> {
    let help = stdout(&husk(&["--help"]));
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let names = listed.lines().filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<&str> = names.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 8 && names.contains(&"list"), "the commands were not found in {help}");
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut all = vec![(vec![], vec![]), (words(&["fields"]), words(&["-e", "frame.number"]))];
    for name in names.into_iter().filter(|name| !OTHERS.contains(name)) {
        let behind = match name {
            "show" => words(&["1"]),
            "follow" | "units" | "lanes" => words(&["0"]),
            "report" => words(&["-o", "-"]),
            _ => vec![],
        };
        all.push((words(&[name]), behind));
    }
    all
}

/// Runs a command on a capture.
fn on(command: &(Vec<String>, Vec<String>), path: &str, more: &[&str]) -> Output {
    let (before, behind) = command;
    let (before, behind) = (before.iter().map(String::as_str), behind.iter().map(String::as_str));
    husk(&before.chain([path]).chain(behind).chain(more.iter().copied()).collect::<Vec<_>>())
}

/// A text on its way to somebody's terminal.
fn is_tame(text: &str, allowed: &[char]) -> Result<(), String> {
    match text.lines().find(|line| line.chars().any(|c| is_hostile(c) && !allowed.contains(&c))) {
        None => Ok(()),
        Some(line) => Err(format!("{line:?}")),
    }
}

/// Everything that a name should not be able to do: colour, a title, bidirectional and invisible characters, C1, a new
/// line, a new cell, a formula, an element of a page.
const NAME: &str =
    "=cmd()\x1b[31m\x1b]0;owned\x07\u{202e}\u{200b}\u{9b}2J\r\n\t<script>alert(1)</script>\"',|\\%s\u{feff}\u{e0041}";

/// The same for places that end at the end of a line.
fn line_name() -> String {
    NAME.replace(['\r', '\n'], "")
}

/// An IPv4 packet.
fn ip(protocol: u8, body: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend((20 + body.len() as u16).to_be_bytes());
    packet.extend([0, 0, 0, 0, 64, protocol, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
    packet.extend(body);
    packet
}

fn udp(source: u16, target: u16, body: &[u8]) -> Vec<u8> {
    let words = [source, target, 8 + body.len() as u16, 0];
    ip(17, &[words.iter().flat_map(|word| word.to_be_bytes()).collect(), body.to_vec()].concat())
}

fn tcp(source: u16, target: u16, sequence: u32, flags: u8, body: &[u8]) -> Vec<u8> {
    let mut segment = [source, target].iter().flat_map(|port| port.to_be_bytes()).collect::<Vec<_>>();
    segment.extend(sequence.to_be_bytes());
    segment.extend([0, 0, 0, 1, 0x50, flags, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend(body);
    ip(6, &segment)
}

/// A connection in which both sides say something.
fn said(client_port: u16, port: u16, client: &[u8], server: &[u8]) -> Vec<Vec<u8>> {
    vec![
        tcp(client_port, port, 0, 2, &[]),
        tcp(port, client_port, 0, 0x12, &[]),
        tcp(client_port, port, 1, 0x18, client),
        tcp(port, client_port, 1, 0x18, server),
    ]
}

/// A length and then the bytes.
fn sized(bytes: usize, body: &[u8]) -> Vec<u8> {
    [&(body.len() as u64).to_be_bytes()[8 - bytes..], body].concat()
}

fn dns(name: &[u8]) -> Vec<u8> {
    let mut message = vec![0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    name.chunks(60).for_each(|label| message.extend(sized(1, label)));
    message.extend([0, 0, 16, 0, 1]);
    message
}

fn der(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag, 0x82][..], &sized(2, body)].concat()
}

/// A certificate with this subject and issuer, as far as it is read without being checked.
fn certificate(name: &[u8]) -> Vec<u8> {
    let common_name = der(0x30, &[der(6, &[0x55, 4, 3]), der(0x0c, name)].concat());
    let names = der(0x30, &der(0x31, &common_name));
    let algorithm = der(0x30, &der(6, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]));
    let validity = der(0x30, &[der(0x17, b"260101000000Z"), der(0x17, b"270101000000Z")].concat());
    let key = der(0x30, &[algorithm.clone(), der(3, &[0, 1, 2])].concat());
    let body = [der(2, &[1]), algorithm.clone(), names.clone(), validity, names, key].concat();
    der(0x30, &[der(0x30, &body), algorithm, der(3, &[0, 1])].concat())
}

fn tls(kind: u8, body: &[u8]) -> Vec<u8> {
    let message = [&[kind][..], &sized(3, body)].concat();
    [&[0x16, 3, 3][..], &sized(2, &message)].concat()
}

fn client_hello(name: &[u8]) -> Vec<u8> {
    let server_name = [&[0, 0][..], &sized(2, &sized(2, &[&[0][..], &sized(2, name)].concat()))].concat();
    let protocols = [&[0, 16][..], &sized(2, &sized(2, &sized(1, name)))].concat();
    let extensions = sized(2, &[server_name, protocols].concat());
    tls(1, &[&[3, 3][..], &[7; 32], &[0, 0, 2, 0xc0, 0x2f, 1, 0], &extensions].concat())
}

/// Packets whose every name is hostile.
fn packets() -> Vec<Vec<u8>> {
    let (name, line) = (NAME.as_bytes(), line_name());
    let line = line.as_bytes();
    let with = |before: &str, behind: &str| [before.as_bytes(), line, behind.as_bytes()].concat();
    let request = [
        with("GET /", " HTTP/1.1\r\n"),
        with("Host: ", "\r\n"),
        with("Cookie: a=", "\r\n"),
        with("User-Agent: ", "\r\n"),
        with("X-", ": 1\r\n\r\n"),
    ]
    .concat();
    let response =
        [with("HTTP/1.1 200 ", "\r\n"), with("Set-Cookie: a=", "\r\nContent-Length: 3\r\n\r\nabc")].concat();
    let chain = sized(3, &sized(3, &certificate(name)));
    let server_hello = [&[3, 3][..], &[7; 32], &[0, 0xc0, 0x2f, 0]].concat();
    let answer = [tls(2, &server_hello), tls(11, &chain)].concat();
    let mut dhcp = vec![1, 1, 6, 0];
    dhcp.resize(236, 0);
    dhcp.extend([0x63, 0x82, 0x53, 0x63, 53, 1, 3]);
    for option in [12, 15, 60, 81] {
        dhcp.extend([&[option][..], &sized(1, name)].concat());
    }
    dhcp.push(255);
    let mut all = vec![
        udp(40_000, 53, &dns(name)),
        udp(5353, 5353, &dns(&[name, b"._http"].concat())),
        udp(137, 137, &dns(name)),
        udp(68, 67, &dhcp),
        udp(40_000, 514, &with("<13>", "")),
        udp(1900, 1900, &with("M-SEARCH * HTTP/1.1\r\nST: ", "\r\n\r\n")),
        udp(5060, 5060, &with("OPTIONS sip:a SIP/2.0\r\nFrom: ", "\r\n\r\n")),
        udp(40_000, 69, &with("\0\x01", "\0octet\0")),
    ];
    all.extend(said(40_001, 80, &request, &response));
    all.extend(said(40_002, 443, &client_hello(name), &answer));
    all.extend(said(40_003, 22, &with("SSH-2.0-", "\r\n"), &with("SSH-2.0-", "\r\n")));
    all.extend(said(40_004, 21, &with("USER ", "\r\n"), &with("220 ", "\r\n")));
    all.extend(said(40_005, 25, &with("EHLO ", "\r\n"), &with("220 mx ESMTP ", "\r\n")));
    all.extend(said(40_006, 143, &with("a LOGIN ", " x\r\n"), &with("* OK IMAP4rev1 ", "\r\n")));
    all.extend(said(40_007, 110, &with("USER ", "\r\n"), &with("+OK POP3 ", "\r\n")));
    all.extend(said(40_008, 6667, &with("NICK ", "\r\nUSER a b c :d\r\n"), &with(":x 001 a :", "\r\n")));
    all.extend(said(40_009, 9999, name, name));
    all
}

fn option(code: u16, value: &[u8]) -> Vec<u8> {
    let mut option = [code.to_le_bytes(), (value.len() as u16).to_le_bytes()].concat();
    option.extend(value);
    option.resize(option.len().next_multiple_of(4), 0);
    option
}

fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let length = (12 + body.len() as u32).to_le_bytes();
    [&kind.to_le_bytes()[..], &length, body, &length].concat()
}

/// A pcapng capture of hostile packets, with hostile comments, names and descriptions.
fn capture() -> Vec<u8> {
    let name = NAME.as_bytes();
    let options = |codes: &[u16]| codes.iter().flat_map(|code| option(*code, name)).collect::<Vec<u8>>();
    let section = [&0x1a2b_3c4d_u32.to_le_bytes()[..], &[1, 0, 0, 0], &[0xff; 8], &options(&[1, 2, 3, 4])].concat();
    let interface = [&[228, 0, 0, 0, 0, 0, 4, 0][..], &options(&[1, 2, 3, 12, 15])].concat();
    let resolved = [option(1, &[&[192, 0, 2, 1][..], name, b"\0"].concat()), vec![0; 4]].concat();
    let mut file = [block(0x0a0d_0d0a, &section), block(1, &interface), block(4, &resolved)].concat();
    for (packet, n) in packets().into_iter().zip(0_u32..) {
        let length = packet.len() as u32;
        let head: [u32; 5] = [0, 0, n * 1000, length, length];
        let mut body: Vec<u8> = head.iter().flat_map(|word| word.to_le_bytes()).chain(packet).collect();
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend(options(&[1]));
        file.extend(block(6, &body));
    }
    file
}

/// The hostile capture under a hostile name.
fn hostile_file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(NAME.replace(['/', '\0'], "_") + ".pcapng");
    std::fs::write(&path, capture()).unwrap();
    (folder, path)
}

#[test]
fn hostile_names_reach_no_terminal() {
    let (_folder, path) = hostile_file();
    let path = path.to_str().unwrap();
    let mut told = 0;
    for command in commands() {
        for more in [&[][..], &["--json"]] {
            if command.0 == ["report"] && !more.is_empty() {
                continue; // it is a page
            }
            let output = on(&command, path, more);
            let (out, err) = (stdout(&output), stderr(&output));
            assert!(code(&output) <= 2, "{command:?}: {err}");
            // A tab parts cells, and stands in what was said; a page has lines of its own.
            let allowed: &[char] = if more.is_empty() { &['\t'] } else { &[] };
            is_tame(&out, allowed).unwrap_or_else(|line| panic!("{command:?} {more:?}: {line}"));
            is_tame(&err, &[]).unwrap_or_else(|line| panic!("{command:?} {more:?} on stderr: {line}"));
            if command.0 == ["report"] {
                assert!(!out.contains("<script>alert"), "a page with somebody else's script");
            }
            if !more.is_empty() && code(&output) == 0 {
                out.lines().for_each(|line| drop(serde_json::from_str::<Strict>(line).unwrap()));
            }
            told += usize::from(out.contains("cmd()"));
        }
    }
    assert!(told >= 10, "the names were told by {told} commands only");
}

#[test]
fn hostile_packets_and_flows_reach_no_terminal() {
    let (_folder, path) = file(&capture());
    let path = path.to_str().unwrap();
    let (packets, flows) =
        (stdout(&husk(&["list", path])).lines().count(), stdout(&husk(&["flows", path, "--json"])).lines().count());
    assert_eq!(packets, self::packets().len());
    assert!(flows > 12);
    let mut named = 0;
    for (command, count, from) in [("show", packets, 1), ("follow", flows, 0), ("units", flows, 0)] {
        for number in from..count + from {
            let output = husk(&[command, path, &number.to_string()]);
            assert_eq!(code(&output), 0, "{command} {number}: {}", stderr(&output));
            is_tame(&stdout(&output), &['\t']).unwrap_or_else(|line| panic!("{command} {number}: {line}"));
            named += usize::from(stdout(&output).contains("=cmd()"));
        }
    }
    assert!(named > 30, "the names were shown {named} times only");
}

#[test]
fn a_cell_stays_one_cell() {
    let (_folder, path) = file(&capture());
    let path = path.to_str().unwrap();
    let asked = ["http.host", "dns.qry.name", "tls.handshake.extensions_server_name", "dhcp.option.hostname"];
    let arguments = asked.iter().flat_map(|name| ["-e", name]);
    let output = stdout(&husk(&["fields", path].into_iter().chain(arguments).collect::<Vec<_>>()));
    assert_eq!(output.lines().count(), packets().len());
    assert!(output.lines().all(|line| line.matches('\t').count() == asked.len() - 1), "{output}");
    // Of DNS, mDNS, TLS, HTTP and DHCP one each.
    assert_eq!(output.matches("=cmd()").count(), 5, "{output}");
}

#[test]
fn a_table_for_spreadsheets_has_no_formulas() {
    if !stdout(&husk(&["exposure", "--help"])).contains("--csv") {
        println!("skipped: no command writes CSV");
        return;
    }
    let (_folder, path) = file(&capture());
    let output = stdout(&husk(&["exposure", path.to_str().unwrap(), "--by", "name", "--by", "host", "--csv"]));
    is_tame(&output, &[]).unwrap();
    assert!(output.contains("cmd()"), "{output}");
    let cells = output.lines().flat_map(|line| line.split(',')).map(|cell| cell.trim_start_matches('"'));
    let formula = cells.clone().find(|cell| cell.starts_with(['=', '+', '-', '@']));
    assert_eq!(formula, None, "a spreadsheet would compute this");
}

/// What is told of an input that is none: where, what, and no more than a few lines.
fn refused(arguments: &[&str], output: &Output, place: &str) {
    let said = stderr(output);
    assert_eq!(code(output), 2, "{arguments:?}: {said}");
    assert!(said.starts_with("husk: ") || said.starts_with("error: "), "{arguments:?}: {said}");
    assert!(said.contains(place), "{arguments:?} does not say where: {said}");
    assert!(!said.contains("panicked") && said.lines().count() <= 8, "{arguments:?}: {said}");
    assert_eq!(stdout(output), "", "{arguments:?}: errors go to stderr");
}

#[test]
fn an_input_that_is_none_is_told_by_every_command() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, content: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.display().to_string()
    };
    let whole = std::fs::read(fixture("http-page.pcap")).unwrap();
    let inputs = [
        ("/nowhere/x.pcap".to_owned(), "/nowhere/x.pcap: there is no such file"),
        (made("empty", b""), "empty"),
        (folder.path().display().to_string(), "this is a directory"),
        (made("text", b"Hello, world"), "not a capture"),
        (made("short", &whole[..10]), "cut off within the file's header"),
        (made("first", &whole[..30]), "no packet could be read"),
        (made("packed", b"\x1f\x8b\x08nonsense"), "gzip"),
        (made("lies", &[&whole[..24], &[0xff; 40]].concat()), "no packet could be read"),
        // Reading it fails, also for root.
        ("/proc/self/mem".to_owned(), "/proc/self/mem"),
    ];
    for command in commands() {
        for (path, said) in &inputs {
            let output = on(&command, path, &[]);
            refused(&[&format!("{command:?} {path}")], &output, said);
            assert!(stderr(&output).contains(path.as_str()), "{command:?} does not name {path}: {}", stderr(&output));
        }
    }
}

#[test]
fn what_is_wrong_about_a_hostile_file_is_told_tamely() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(NAME.replace(['/', '\0'], "_"));
    let missing = path.display().to_string();
    let (cut, mut whole) = (folder.path().join(format!("{}.pcapng", line_name().replace('/', "_"))), capture());
    whole.truncate(whole.len() - 7);
    std::fs::write(&cut, whole).unwrap();
    let cut = cut.display().to_string();
    for command in commands() {
        let output = on(&command, &missing, &[]);
        refused(&[&format!("{command:?}")], &output, "there is no such file");
        is_tame(&stderr(&output), &[]).unwrap();
        let output = on(&command, &cut, &[]);
        assert!(
            stderr(&output).contains("warning") && stderr(&output).contains("at byte"),
            "{command:?}: {}",
            stderr(&output)
        );
        is_tame(&stderr(&output), &[]).unwrap();
    }
    // Names of files that a shell put in the place of other arguments.
    for arguments in
        [&["list", &cut, &missing][..], &["show", &cut, &missing], &["follow", &cut, &missing], &["--x\x1b[31m"]]
    {
        let output = husk(arguments);
        refused(arguments, &output, "");
        is_tame(&stderr(&output), &[]).unwrap();
    }
}

#[test]
fn output_that_cannot_be_written_is_told_and_a_closed_pipe_is_success() {
    let capture = fixture("tcp-loss-sender.pcap");
    for command in commands() {
        for more in [&[][..], &["--json"]] {
            let words =
                command.0.iter().chain([&capture]).chain(&command.1).map(String::as_str).chain(more.iter().copied());
            let words: Vec<&str> = words.collect();
            let run = |out: Stdio, err: Stdio| {
                let mut husk = Command::new(assert_cmd::cargo::cargo_bin!("husk"));
                husk.args(&words).stdout(out).stderr(err).spawn().unwrap()
            };
            let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
            let output = run(full(), Stdio::piped()).wait_with_output().unwrap();
            if more.is_empty() || command.0 != ["report"] {
                let said = stderr(&output);
                assert_eq!(code(&output), 2, "{words:?}: {said}");
                assert!(said.contains("writing") && said.contains("No space left"), "{words:?}: {said}");
            }
            // Nowhere to complain.
            let mut child = run(full(), full());
            assert!(child.wait().unwrap().code().is_some_and(|code| code <= 2), "{words:?}");
            let mut child = run(Stdio::piped(), Stdio::piped());
            drop(child.stdout.take());
            let output = child.wait_with_output().unwrap();
            assert!(code(&output) <= 2 && !stderr(&output).contains("roken pipe"), "{words:?}: {}", stderr(&output));
        }
    }
}

#[test]
fn the_screen_shows_no_hostile_character() {
    let mut screens = 0;
    // Down the list, into layers and bytes, every view and overlay, with a filter typed, at sizes from nothing to large.
    let scripts: [&[u8]; 4] =
        [b"jjjjjjjjj\x09jjll\x09jj\x09", b"2jjj\x0d?\x1b1", b"/dns\x0dG\x09jjjj", b"eimxcCTf]["];
    for size in [(80, 24), (200, 60), (20, 5), (1, 1)] {
        for script in scripts {
            let source = husk::capture::Source::from_bytes(capture()).unwrap();
            husk::tui::rehearse(source, NAME, size, script, &mut |screen| {
                screens += 1;
                is_tame(screen, &[]).unwrap();
            })
            .unwrap();
        }
    }
    assert!(screens > 100);
}

#[test]
fn no_file_of_ours_is_unsafe() {
    fn look(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                look(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let mut text = String::new();
                File::open(&path).unwrap().read_to_string(&mut text).unwrap();
                let word = concat!("un", "safe");
                let is_code = |line: &&str| !line.trim_start().starts_with("//") && line.contains(word);
                let lines = text.lines().filter(is_code).filter(|line| !line.contains(concat!("un", "safe_code")));
                found.extend(lines.map(|line| format!("{}: {line}", path.display())));
            }
        }
    }
    let (root, mut found) = (Path::new(env!("CARGO_MANIFEST_DIR")), Vec::new());
    for folder in ["src", "tests", "benches"] {
        look(&root.join(folder), &mut found);
    }
    assert!(std::fs::read_to_string(root.join("Cargo.toml")).unwrap().contains("unsafe_code = \"deny\""));
    found.retain(|line| !line.contains("fn no_file_of_ours_is_"));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
