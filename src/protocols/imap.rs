//! IMAP (RFC 9051, RFC 3501): lines with tags, literals within them, and STARTTLS.
//!
//! A literal, `{3}` at the end of a line and then three bytes, is content; what follows it continues the line.

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, Under, heading, lines, tls};
use crate::bytes::{Class, Confidence, Cursor, Stop, Value};
use crate::fields;

/// Internet Message Access Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("imap", "Internet Message Access Protocol", Class::Metadata, "RFC 9051"),
    fields: FIELDS,
    under: &PORTS,
    read: Read::Dialogue { new: |_| Box::new(Imap::default()), probe: Some(probe) },
};

const PORTS: [Under; 2] = [Under::Tcp(143), Under::Tcp(220)];

/// The longest tag that is remembered: clients use a letter and a few digits.
const LONGEST_TAG: usize = 64;

fields! { class Metadata, "RFC 9051, section 2.2";
    LINE: Text "imap.line" "Line";
    REQUEST: Text "imap.request" "Request", "RFC 9051, section 2.2.1";
    REQUEST_TAG: Text "imap.request_tag" "Request Tag", "RFC 9051, section 2.2.1";
    COMMAND: Text "imap.request.command" "Request Command", "RFC 9051, section 6";
    BY_UID: Flag "imap.request.command.uid" "Request UID", "RFC 9051, section 6.4.9";
    USERNAME: Text "imap.request.username" "Request Username", "RFC 9051, section 6.2.3";
    PASSWORD: Text "imap.request.password" "Request Password", "RFC 9051, section 6.2.3";
    FOLDER: Text "imap.request.folder" "Request Folder", "RFC 9051, section 6.3.2";
    RESPONSE: Text "imap.response" "Response", "RFC 9051, section 2.2.2";
    RESPONSE_TAG: Text "imap.response_tag" "Response Tag", "RFC 9051, section 2.2.2";
    STATUS: Text "imap.response.status" "Response Status", "RFC 9051, section 7.1";
    USER: Text "husk.imap.user" "User who logs in", "RFC 9051, section 6.2";
    SECRET: Text "husk.imap.password" "Password in clear", "RFC 9051, section 6.2";
    GREETING: Text "husk.imap.greeting" "How the server greets", "RFC 9051, section 7.1";
    AUTH_LINE: Text "husk.imap.auth" "Authentication", "RFC 9051, section 6.2.2";
}

/// Where one side is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Half {
    /// Bytes of a literal that comes next.
    literal: u64,
    /// Whether the next line continues one, behind a literal.
    continues: bool,
}

/// IMAP over one connection.
#[derive(Clone, Debug, Default)]
struct Imap {
    halves: [Half; 2],
    greeted: bool,
    /// The tag of the command that asked for TLS.
    upgrading: Option<Box<[u8]>>,
    /// Whether AUTHENTICATE PLAIN waits for its line.
    plain: bool,
}

fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    lines::probe(start, &PORTS, first, |line| {
        (line.starts_with(b"* OK") || line.starts_with(b"* PREAUTH")) && lines::says(line, b"IMAP")
    })
}

impl Imap {
    fn half(&mut self, side: Side) -> Half {
        self.halves.get(side.index()).copied().unwrap_or_default()
    }

    fn set(&mut self, side: Side, half: Half) {
        if let Some(known) = self.halves.get_mut(side.index()) {
            *known = half;
        }
    }

    fn line(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let literal = literal(lines::text(c.rest()));
        let continues = self.half(side).continues;
        self.set(side, Half { literal: literal.unwrap_or(0), continues: literal.is_some() });
        let heading = c.open(&LINE);
        let read = match side {
            _ if continues => lines::pass_text_only(c).map(|()| Message::new("data")),
            Side::Client => self.command(c),
            Side::Server => self.answer(c),
        };
        lines::pass_end(c)?;
        c.close(heading);
        // A literal goes on with the line.
        if literal.is_some() { read.map(|_| Message::PART) } else { read }
    }

    fn command(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        if std::mem::take(&mut self.plain) {
            let text = lines::pass_text(c, &AUTH_LINE)?;
            plain(c, text);
            return Ok(Message::new("authentication"));
        }
        let heading = c.open(&REQUEST);
        let tag = lines::pass_word(c, &REQUEST_TAG)?;
        let mut command = lines::pass_word(c, &COMMAND)?;
        if command.eq_ignore_ascii_case(b"UID") {
            c.part(&BY_UID, Value::Number(1));
            command = lines::word(lines::text(c.rest())).0;
        }
        let what = match command.to_ascii_uppercase().as_slice() {
            b"LOGIN" => {
                let start = c.offset();
                let user = lines::pass_word(c, &USERNAME)?;
                // A space was passed with it.
                c.fact_at(&USER, unquoted(user), start, start.saturating_add(user.len() as u32), Confidence::Certain);
                c.subject(&String::from_utf8_lossy(unquoted(user)));
                let password = unquoted(lines::text(c.rest()));
                lines::pass_text_only(c)?;
                if !password.is_empty() {
                    c.part(&PASSWORD, Value::Bytes(password.into()));
                    c.fact(&SECRET, password);
                }
                "LOGIN"
            }
            b"SELECT" | b"EXAMINE" => {
                let folder = lines::pass_word(c, &FOLDER)?;
                c.subject(&String::from_utf8_lossy(unquoted(folder)));
                "SELECT"
            }
            b"AUTHENTICATE" => {
                let text = lines::text(c.rest());
                let (mechanism, initial) = lines::word(text);
                self.plain = mechanism.eq_ignore_ascii_case(b"PLAIN") && initial.is_empty();
                let end = c.offset().saturating_add(text.len() as u32);
                let start = end.saturating_sub(initial.len() as u32);
                if let Some((user, password)) = lines::plain(initial) {
                    c.fact_at(&USER, &user, start, end, Confidence::Certain);
                    c.fact_at(&SECRET, &password, start, end, Confidence::Certain);
                }
                "AUTHENTICATE"
            }
            b"STARTTLS" => {
                self.upgrading = tag.get(..LONGEST_TAG).or(Some(tag)).map(Into::into);
                "STARTTLS"
            }
            b"FETCH" => "FETCH",
            b"APPEND" => "APPEND",
            _ => "command",
        };
        lines::pass_text_only(c)?;
        c.close(heading);
        Ok(Message::new(what))
    }

    fn answer(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let (tag, text) = lines::word(lines::text(c.rest()));
        if !std::mem::replace(&mut self.greeted, true) && tag == b"*" {
            lines::pass_text_only(c)?;
            c.fact(&GREETING, text);
            return Ok(Message::new("greeting"));
        }
        if matches!(tag, b"*" | b"+") {
            lines::pass_text_only(c)?;
            return Ok(Message::new(if tag == b"+" { "go ahead" } else { "data" }));
        }
        let heading = c.open(&RESPONSE);
        lines::pass_word(c, &RESPONSE_TAG)?;
        let status = lines::pass_word(c, &STATUS)?;
        c.subject(&String::from_utf8_lossy(status));
        lines::pass_text_only(c)?;
        c.close(heading);
        let asked = self.upgrading.as_deref().is_some_and(|asked| tag.starts_with(asked));
        if asked {
            self.upgrading = None;
        }
        let upgraded = asked && status.eq_ignore_ascii_case(b"OK");
        let then = if upgraded { Then::Protocol(&tls::PROTOCOL) } else { Then::Same };
        Ok(Message { what: if upgraded { "ready for TLS" } else { "answer" }, then })
    }
}

/// How long the literal is that a line announces (RFC 9051, section 4.3; non-synchronizing: RFC 7888).
fn literal(line: &[u8]) -> Option<u64> {
    let inside = line.strip_suffix(b"}")?;
    let digits = inside.rsplit(|byte| matches!(byte, b'{')).next()?;
    let digits = digits.strip_suffix(b"+").or_else(|| digits.strip_suffix(b"-")).unwrap_or(digits);
    (inside.len() > digits.len()).then_some(())?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn unquoted(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")).unwrap_or(text)
}

/// States what PLAIN says (RFC 4616, section 2).
fn plain(c: &mut Cursor<'_>, text: &[u8]) {
    if let Some((user, password)) = lines::plain(text) {
        c.fact(&USER, &user);
        c.fact(&SECRET, &password);
    }
}

impl Dialogue for Imap {
    fn extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        match self.half(side).literal {
            0 => match lines::extent(arrived) {
                Extent::Whole(n) if arrived.get(..n).is_some_and(|line| literal(lines::text(line)).is_some()) => {
                    Extent::Part(n)
                }
                extent => extent,
            },
            length => {
                self.set(side, Half { literal: 0, continues: true });
                Extent::Pass { class: Class::Content, length, ends: false }
            }
        }
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let heading = c.open(&PROTOCOL.heading);
        let read = self.line(side, c);
        c.close(heading);
        read
    }

    fn lost(&mut self, side: Side) {
        self.set(side, Half::default());
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["imap"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Findings;

    fn say(imap: &mut Imap, side: Side, mut bytes: &[u8]) -> (Vec<&'static str>, Vec<String>, Then) {
        let (mut said, mut facts, mut then) = (Vec::new(), Vec::new(), Then::Same);
        while !bytes.is_empty() {
            let n = match imap.extent(side, bytes) {
                Extent::Whole(n) | Extent::Part(n) => n,
                Extent::Pass { length, .. } => {
                    bytes = &bytes[length as usize..];
                    continue;
                }
                other => panic!("{other:?}"),
            };
            let mut findings = Findings::keeping();
            let mut c = Cursor::new(&bytes[..n], 0, 0, &mut findings, None);
            let message = imap.read(side, &mut c).unwrap();
            assert!(c.is_empty());
            said.push(message.what);
            facts.extend(findings.facts.iter().map(|fact| String::from_utf8_lossy(&fact.value).into_owned()));
            then = message.then;
            bytes = &bytes[n..];
        }
        (said, facts, then)
    }

    #[test]
    fn who_logs_in_is_a_fact() {
        let mut imap = Imap::default();
        assert_eq!(say(&mut imap, Side::Client, b"a LOGIN \"ann\" \"secret\"\r\n").1, ["ann", "secret"]);
        let said = say(&mut imap, Side::Client, b"b AUTHENTICATE PLAIN\r\nAGFubgBzZWNyZXQ=\r\nc NOOP\r\n");
        assert_eq!(said.1, ["ann", "secret"]);
        assert_eq!(said.0, ["AUTHENTICATE", "authentication", "command"]);
    }

    #[test]
    fn a_literal_is_content_within_a_line() {
        let mut imap = Imap::default();
        say(&mut imap, Side::Server, b"* OK IMAP4rev1 ready\r\n");
        let (said, _, _) = say(&mut imap, Side::Server, b"* 1 FETCH (BODY[] {5}\r\na\r\nb )\r\na OK done\r\n");
        assert_eq!(said, ["", "data", "answer"]);
        assert_eq!(literal(b"x {3+}"), Some(3));
        assert_eq!(literal(b"3}"), None);
        assert_eq!(literal(b"{99999999999999999999}"), None);
    }

    #[test]
    fn tls_follows_the_answer_to_its_own_tag() {
        let mut imap = Imap::default();
        say(&mut imap, Side::Client, b"a1 STARTTLS\r\n");
        assert_eq!(say(&mut imap, Side::Server, b"* CAPABILITY\r\na0 OK\r\n").2, Then::Same);
        assert_eq!(say(&mut imap, Side::Server, b"a1 OK go\r\n").2, Then::Protocol(&tls::PROTOCOL));
    }
}
