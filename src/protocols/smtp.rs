//! SMTP (RFC 5321), its authentication (RFC 4954), BDAT (RFC 3030), and STARTTLS (RFC 3207).
//!
//! ```text
//! client: EHLO a, MAIL FROM, RCPT TO, DATA ─► text, dot ─► ... STARTTLS
//! server: 220, 250, 250, 250, 354              250              220 ─► TLS from here on
//! ```

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, Under, base64, heading, lines, tls};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// Simple Mail Transfer Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("smtp", "Simple Mail Transfer Protocol", Class::Metadata, "RFC 5321"),
    fields: FIELDS,
    under: &PORTS,
    read: Read::Dialogue { new: |_| Box::new(Smtp::default()), probe: Some(probe) },
};

const PORTS: [Under; 2] = [Under::Tcp(25), Under::Tcp(587)];

fields! { class Metadata, "RFC 5321, section 4.1";
    REQUEST: Flag "smtp.req" "Request";
    COMMAND_LINE: Text "smtp.command_line" "Command Line";
    COMMAND: Text "smtp.req.command" "Command", "RFC 5321, section 4.1.1";
    PARAMETER: Text "smtp.req.parameter" "Request parameter", "RFC 5321, section 4.1.1";
    RESPONSE_LINE: Text "smtp.response" "Response", "RFC 5321, section 4.2";
    FURTHER_LINE: Group "husk.smtp.further_line" "Further line", "RFC 5321, section 4.2.1";
    CODE: Number "smtp.response.code" "Response code", "RFC 5321, section 4.2";
    RESPONSE_PARAMETER: Text "smtp.rsp.parameter" "Response parameter", "RFC 5321, section 4.2";
    AUTH_USER: Text "smtp.auth.username" "Username", "draft-murchison-sasl-login-00";
    AUTH_PASSWORD: Text "smtp.auth.password" "Password", "draft-murchison-sasl-login-00";
    AUTH_BOTH: Text "smtp.auth.username_password" "Username/Password", "RFC 4616, section 2";
    AUTH_LINE: Text "husk.smtp.auth" "Authentication", "RFC 4954, section 4";
    CONTENT: Text "husk.smtp.content" "Mail", "RFC 5321, section 3.3", class Content;
    CLIENT_NAME: Text "husk.smtp.client_name" "Name that the client gives itself", "RFC 5321, section 4.1.1.1";
    GREETING: Text "husk.smtp.greeting" "How the server greets", "RFC 5321, section 4.2";
    FROM: Text "husk.smtp.mail_from" "Sender's address", "RFC 5321, section 4.1.1.2";
    TO: Text "husk.smtp.rcpt_to" "Recipient's address", "RFC 5321, section 4.1.1.3";
    USER: Text "husk.smtp.user" "User who logs in", "RFC 4954, section 4";
    PASSWORD: Text "husk.smtp.password" "Password", "RFC 4954, section 4";
}

/// What the client sends next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Command,
    /// The mail, to a dot.
    Data,
    /// So many bytes of it.
    Chunk(u64),
    /// A line of authentication.
    Auth(Auth),
}

/// The line of authentication that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Auth {
    Plain,
    LoginUser,
    LoginPassword,
    Other,
}

/// SMTP over one connection.
#[derive(Clone, Debug, Default)]
struct Smtp {
    stage: Stage,
    greeted: bool,
    /// Whether STARTTLS waits for its answer.
    upgrading: bool,
    /// Whether a part of a mail was what the client said last.
    part: bool,
}

fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    lines::probe(start, &PORTS, first, |line| lines::code(line) == Some(220) && lines::says(line, b"SMTP"))
}

impl Smtp {
    fn client(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        match self.stage {
            Stage::Data => {
                if lines::text_until_dot(c, &CONTENT)? {
                    self.stage = Stage::Command;
                    Ok(Message::new("mail"))
                } else {
                    Ok(Message::PART)
                }
            }
            // All of it has passed.
            Stage::Chunk(_) => {
                self.stage = Stage::Command;
                Ok(Message::new("mail"))
            }
            Stage::Auth(auth) => self.auth(c, auth).map(|()| Message::new("authentication")),
            Stage::Command => self.command(c),
        }
    }

    fn command(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.say(&REQUEST, Value::Number(1));
        let heading = c.open(&COMMAND_LINE);
        let command = lines::pass_word(c, &COMMAND)?;
        let parameter = lines::pass_text(c, &PARAMETER)?;
        let what = match command.to_ascii_uppercase().as_slice() {
            b"EHLO" | b"HELO" | b"LHLO" => {
                c.fact(&CLIENT_NAME, parameter);
                c.subject(&String::from_utf8_lossy(parameter));
                "hello"
            }
            b"MAIL" => address(c, parameter, &FROM, "MAIL FROM"),
            b"RCPT" => address(c, parameter, &TO, "RCPT TO"),
            b"DATA" => {
                self.stage = Stage::Data;
                "DATA"
            }
            b"BDAT" => {
                let (length, _) = lines::word(parameter);
                self.stage = Stage::Chunk(number(length).unwrap_or(0));
                "BDAT"
            }
            b"STARTTLS" => {
                self.upgrading = true;
                "STARTTLS"
            }
            b"AUTH" => self.begin_auth(c, parameter),
            _ => "command",
        };
        if matches!(self.stage, Stage::Chunk(0)) {
            self.stage = Stage::Command;
        }
        lines::pass_end(c)?;
        c.close(heading);
        Ok(Message::new(what))
    }

    /// AUTH, with or without its first line (RFC 4954, section 4).
    fn begin_auth(&mut self, c: &mut Cursor<'_>, parameter: &[u8]) -> &'static str {
        let (mechanism, initial) = lines::word(parameter);
        let next = match mechanism.to_ascii_uppercase().as_slice() {
            b"PLAIN" => Auth::Plain,
            b"LOGIN" => Auth::LoginUser,
            _ => Auth::Other,
        };
        self.stage = Stage::Auth(next);
        if !initial.is_empty() {
            self.told(c, next, initial);
        }
        "AUTH"
    }

    fn auth(&mut self, c: &mut Cursor<'_>, auth: Auth) -> Result<(), Stop> {
        let text = lines::text(c.rest());
        let place = c.open(&AUTH_LINE);
        c.pass(text.len())?;
        self.told(c, auth, text);
        c.close(place);
        lines::pass_end(c)
    }

    /// What the bytes passed last say of the user; what comes next.
    fn told(&mut self, c: &mut Cursor<'_>, auth: Auth, text: &[u8]) {
        let value = Value::Bytes(text.into());
        let decoded = base64::decode(text).unwrap_or_default();
        self.stage = Stage::Command;
        match auth {
            Auth::Plain => {
                c.part(&AUTH_BOTH, value);
                if let Some((user, password)) = lines::plain(text) {
                    c.fact(&USER, &user);
                    c.fact(&PASSWORD, &password);
                }
            }
            Auth::LoginUser => {
                c.part(&AUTH_USER, value);
                c.fact(&USER, &decoded);
                self.stage = Stage::Auth(Auth::LoginPassword);
            }
            Auth::LoginPassword => {
                c.part(&AUTH_PASSWORD, value);
                c.fact(&PASSWORD, &decoded);
            }
            Auth::Other => self.stage = Stage::Auth(Auth::Other),
        }
    }

    /// A reply, of one or more lines.
    fn server(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let code = lines::code(c.rest());
        let mut first = true;
        while !c.is_empty() {
            let line = c.rest().split_inclusive(|byte| *byte == b'\n').next().unwrap_or(&[]).len();
            let place = c.open(if first { &RESPONSE_LINE } else { &FURTHER_LINE });
            c.inside(line, |c| self.response_line(c, first))?;
            c.close(place);
            first = false;
        }
        if let Some(code) = code {
            c.subject(&code.to_string());
        }
        match (code, self.stage) {
            // The command was refused: no text follows it.
            (Some(400..), Stage::Data) if !self.part => self.stage = Stage::Command,
            // Not while a chunk passes: behind a gap this may answer what came later.
            (Some(354), Stage::Command) => self.stage = Stage::Data,
            (Some(code), Stage::Auth(_)) if code != 334 => self.stage = Stage::Command,
            _ => {}
        }
        let upgraded = std::mem::take(&mut self.upgrading) && code == Some(220);
        let then = if upgraded { Then::Protocol(&tls::PROTOCOL) } else { Then::Same };
        Ok(Message { what: if upgraded { "ready for TLS" } else { "reply" }, then })
    }

    fn response_line(&mut self, c: &mut Cursor<'_>, first: bool) -> Result<(), Stop> {
        if let Some(code) = lines::code(c.rest()) {
            c.pass(3)?;
            if first {
                c.part(&CODE, Value::Number(code));
            }
            if matches!(c.peek(1), [b' ' | b'-']) {
                c.pass(1)?;
            }
        }
        let text = lines::pass_text(c, &RESPONSE_PARAMETER)?;
        if !std::mem::replace(&mut self.greeted, true) && !text.is_empty() {
            c.fact(&GREETING, text);
        }
        lines::pass_end(c)
    }
}

/// The address in `FROM:<a@b> ...` as a fact; `what` the command is.
fn address(c: &mut Cursor<'_>, parameter: &[u8], field: &'static Field, what: &'static str) -> &'static str {
    let behind = parameter.iter().position(|byte| *byte == b':').and_then(|at| parameter.get(at.saturating_add(1)..));
    let behind = behind.unwrap_or(&[]).trim_ascii_start();
    let address = match behind.strip_prefix(b"<") {
        Some(inside) => inside.split(|byte| *byte == b'>').next().unwrap_or(inside),
        None => lines::word(behind).0,
    };
    if !address.is_empty() {
        c.fact(field, address);
        c.subject(&String::from_utf8_lossy(address));
    }
    what
}

/// A decimal number.
fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

impl Dialogue for Smtp {
    fn extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        match (side, self.stage) {
            (Side::Server, _) => lines::reply(arrived),
            (Side::Client, Stage::Data) => lines::until_dot(arrived),
            (Side::Client, Stage::Chunk(length)) => Extent::Pass { class: Class::Content, length, ends: true },
            (Side::Client, _) => lines::extent(arrived),
        }
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let heading = c.open(&PROTOCOL.heading);
        let read = match side {
            Side::Client => self.client(c),
            Side::Server => self.server(c),
        };
        self.part = side == Side::Client && read == Ok(Message::PART);
        c.close(heading);
        read
    }

    fn lost(&mut self, side: Side) {
        if side == Side::Client && matches!(self.stage, Stage::Auth(_) | Stage::Chunk(_)) {
            self.stage = Stage::Command;
        }
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["smtp"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Confidence, Findings};

    /// What a message is, its facts, and what follows it.
    type Said = (&'static str, Vec<(&'static str, String)>, Then);

    fn say(smtp: &mut Smtp, side: Side, mut bytes: &[u8]) -> Vec<Said> {
        let mut said = Vec::new();
        while !bytes.is_empty() {
            let (n, ends) = match smtp.extent(side, bytes) {
                Extent::Whole(n) | Extent::Part(n) => (n, false),
                Extent::Pass { length, ends, .. } => (length as usize, ends),
                other => panic!("{other:?} of {bytes:?}"),
            };
            let (message, rest) = bytes.split_at(n);
            let mut findings = Findings::keeping();
            let mut c = Cursor::new(if ends { &[] } else { message }, 0, 0, &mut findings, None);
            let read = smtp.read(side, &mut c).unwrap();
            assert!(c.is_empty());
            assert!(findings.facts.iter().all(|fact| fact.confidence == Confidence::Certain));
            let facts = findings.facts.iter();
            let facts = facts.map(|fact| (fact.field.name, String::from_utf8_lossy(&fact.value).into_owned()));
            said.push((read.what, facts.collect(), read.then));
            bytes = rest;
        }
        said
    }

    #[test]
    fn addresses_and_names_are_facts() {
        let mut smtp = Smtp::default();
        say(&mut smtp, Side::Server, b"220 mx.example ESMTP\r\n");
        let said = say(&mut smtp, Side::Client, b"EHLO laptop\r\nMAIL FROM:<a@b.example> SIZE=3\r\nRCPT TO: c@d.example\r\n");
        let facts: Vec<_> = said.into_iter().flat_map(|(_, facts, _)| facts).collect();
        assert_eq!(facts, [
            ("husk.smtp.client_name", "laptop".to_owned()),
            ("husk.smtp.mail_from", "a@b.example".to_owned()),
            ("husk.smtp.rcpt_to", "c@d.example".to_owned()),
        ]);
    }

    #[test]
    fn what_authenticates_is_decoded() {
        let mut smtp = Smtp::default();
        let said = say(&mut smtp, Side::Client, b"AUTH PLAIN AGFubgBzZWNyZXQ=\r\nAUTH LOGIN\r\nYW5u\r\nc2VjcmV0\r\nQUIT\r\n");
        let facts: Vec<_> = said.iter().flat_map(|(_, facts, _)| facts.clone()).collect();
        let both = [("husk.smtp.user", "ann".to_owned()), ("husk.smtp.password", "secret".to_owned())];
        assert_eq!(facts, [both.clone(), both].concat());
        assert_eq!(said.last().unwrap().0, "command");
    }

    #[test]
    fn mail_is_content_to_its_dot_and_commands_follow() {
        let mut smtp = Smtp::default();
        let said = say(&mut smtp, Side::Client, b"DATA\r\nSubject: x\r\n\r\nQUIT\r\n.\r\nBDAT 4 LAST\r\nabcdQUIT\r\n");
        assert_eq!(said.iter().map(|said| said.0).collect::<Vec<_>>(), ["DATA", "mail", "BDAT", "mail", "command"]);
    }

    #[test]
    fn refused_data_is_followed_by_commands() {
        let mut smtp = Smtp::default();
        say(&mut smtp, Side::Client, b"DATA\r\n");
        say(&mut smtp, Side::Server, b"554 no\r\n");
        assert_eq!(say(&mut smtp, Side::Client, b"RSET\r\n")[0].0, "command");
    }

    #[test]
    fn a_chunk_stays_one_whatever_is_answered_meanwhile() {
        let mut smtp = Smtp::default();
        say(&mut smtp, Side::Client, b"BDAT 4 LAST\r\n");
        say(&mut smtp, Side::Server, b"354 go on\r\n");
        assert_eq!(say(&mut smtp, Side::Client, b"a\n.\nQUIT\r\n").iter().map(|said| said.0).collect::<Vec<_>>(), [
            "mail", "command"
        ]);
    }

    #[test]
    fn tls_follows_only_if_the_server_agrees() {
        let mut smtp = Smtp::default();
        say(&mut smtp, Side::Client, b"STARTTLS\r\n");
        assert_eq!(say(&mut smtp, Side::Server, b"454 not now\r\n")[0].2, Then::Same);
        say(&mut smtp, Side::Client, b"STARTTLS\r\n");
        assert_eq!(say(&mut smtp, Side::Server, b"220 go\r\n")[0].2, Then::Protocol(&tls::PROTOCOL));
    }
}
