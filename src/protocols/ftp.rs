//! FTP's control connection (RFC 959), its extensions for IPv6 (RFC 2428), and TLS (RFC 4217).
//!
//! Each line is a message. The connections that carry files are flows of their own ([`super::ftp_data`]); where they
//! will be is said here.

use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, Under, ftp_data, heading, lines, tls};
use crate::bytes::{Announced, Class, Cursor, Stop, Value, Whose};
use crate::fields;

/// File Transfer Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ftp", "File Transfer Protocol (FTP)", Class::Metadata, "RFC 959"),
    fields: FIELDS,
    under: &PORTS,
    read: Read::Dialogue { new: |_| Box::new(Ftp::default()), probe: Some(probe) },
};

const PORTS: [Under; 1] = [Under::Tcp(21)];

/// TCP's IP protocol number.
const TCP: u8 = 6;

fields! { class Metadata, "RFC 959, section 4";
    REQUEST: Flag "ftp.request" "Request";
    RESPONSE: Flag "ftp.response" "Response";
    COMMAND: Text "ftp.request.command" "Request command", "RFC 959, section 4.1";
    ARGUMENT: Text "ftp.request.arg" "Request arg", "RFC 959, section 4.1";
    CODE: Number "ftp.response.code" "Response code", "RFC 959, section 4.2";
    RESPONSE_ARGUMENT: Text "ftp.response.arg" "Response arg", "RFC 959, section 4.2";
    ACTIVE_ADDRESS: Ipv4 "ftp.active.cip" "Active IP address", "RFC 959, section 4.1.2";
    ACTIVE_PORT: Number "ftp.active.port" "Active port", "RFC 959, section 4.1.2";
    PASSIVE_ADDRESS: Ipv4 "ftp.passive.ip" "Passive IP address", "RFC 959, section 4.1.2";
    PASSIVE_PORT: Number "ftp.passive.port" "Passive port", "RFC 959, section 4.1.2";
    EPRT_FAMILY: Number "ftp.eprt.af" "Extended active address family", "RFC 2428, section 2";
    EPRT_IPV4: Ipv4 "ftp.eprt.ip" "Extended active IP address", "RFC 2428, section 2";
    EPRT_IPV6: Ipv6 "ftp.eprt.ipv6" "Extended active IPv6 address", "RFC 2428, section 2";
    EPRT_PORT: Number "ftp.eprt.port" "Extended active port", "RFC 2428, section 2";
    EPSV_PORT: Number "ftp.epsv.port" "Extended passive port", "RFC 2428, section 3";
    GREETING: Text "husk.ftp.greeting" "How the server greets", "RFC 959, section 5.4";
    USER: Text "husk.ftp.user" "User who logs in", "RFC 959, section 4.1.1";
    PASSWORD: Text "husk.ftp.password" "Password", "RFC 959, section 4.1.1";
    PATH: Text "husk.ftp.path" "File or directory asked for", "RFC 959, section 4.1.3";
}

/// FTP over one connection.
#[derive(Clone, Debug, Default)]
struct Ftp {
    greeted: bool,
    /// Whether AUTH waits for its answer.
    upgrading: bool,
}

fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    lines::probe(start, &PORTS, first, |line| lines::code(line) == Some(220) && lines::says(line, b"FTP"))
}

impl Ftp {
    fn command(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.say(&REQUEST, Value::Number(1));
        c.say(&RESPONSE, Value::Number(0));
        let command = lines::pass_word(c, &COMMAND)?;
        let argument = lines::pass_text(c, &ARGUMENT)?;
        let what = match command.to_ascii_uppercase().as_slice() {
            b"USER" => {
                c.fact(&USER, argument);
                c.subject(&String::from_utf8_lossy(argument));
                "USER"
            }
            b"PASS" => {
                c.fact(&PASSWORD, argument);
                "PASS"
            }
            name @ (b"RETR" | b"STOR" | b"STOU" | b"APPE" | b"DELE" | b"CWD" | b"MKD" | b"RMD" | b"SIZE" | b"MDTM") => {
                if !argument.is_empty() {
                    c.fact(&PATH, argument);
                    c.subject(&String::from_utf8_lossy(argument));
                }
                match name {
                    b"RETR" => "RETR",
                    b"STOR" | b"STOU" | b"APPE" => "STOR",
                    _ => "command",
                }
            }
            b"PORT" => {
                if let Some((address, port)) = host_port(argument) {
                    c.part(&ACTIVE_ADDRESS, Value::Ipv4(address));
                    c.part(&ACTIVE_PORT, Value::Number(port.into()));
                    announce(c, Whose::Address(address.into()), port);
                    announce(c, Whose::Sender, port);
                }
                "PORT"
            }
            b"EPRT" => {
                extended(c, argument);
                "EPRT"
            }
            b"AUTH" => {
                self.upgrading = true;
                "AUTH"
            }
            _ => "command",
        };
        lines::pass_end(c)?;
        Ok(Message::new(what))
    }

    fn reply(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.say(&REQUEST, Value::Number(0));
        c.say(&RESPONSE, Value::Number(1));
        let code = lines::code(c.rest());
        let mut last = true;
        if let Some(code) = code {
            c.pass(3)?;
            c.part(&CODE, Value::Number(code));
            c.subject(&code.to_string());
            last = c.peek(1) != [b'-'];
            if matches!(c.peek(1), [b' ' | b'-']) {
                c.pass(1)?;
            }
        }
        let argument = lines::pass_text(c, &RESPONSE_ARGUMENT)?;
        if !std::mem::replace(&mut self.greeted, true) && code == Some(220) {
            c.fact(&GREETING, argument);
        }
        match code {
            Some(227) => {
                if let Some((address, port)) = host_port(argument) {
                    c.part(&PASSIVE_ADDRESS, Value::Ipv4(address));
                    c.part(&PASSIVE_PORT, Value::Number(port.into()));
                    announce(c, Whose::Address(address.into()), port);
                    announce(c, Whose::Sender, port);
                }
            }
            Some(229) => {
                if let Some(port) = extended_port(argument) {
                    c.part(&EPSV_PORT, Value::Number(port.into()));
                    announce(c, Whose::Sender, port);
                }
            }
            _ => {}
        }
        lines::pass_end(c)?;
        let answers = code.is_some() && last;
        let upgraded = answers && std::mem::take(&mut self.upgrading) && code == Some(234);
        let then = if upgraded { Then::Protocol(&tls::PROTOCOL) } else { Then::Same };
        Ok(Message { what: if upgraded { "ready for TLS" } else { "reply" }, then })
    }
}

/// `h1,h2,h3,h4,p1,p2` wherever it stands (RFC 959, section 4.1.2).
fn host_port(text: &[u8]) -> Option<([u8; 4], u16)> {
    let start = text.windows(2).position(|two| two.first().is_some_and(u8::is_ascii_digit) && is_numeral(two.get(1)))?;
    let list = text.get(start..)?;
    let end = list.iter().position(|byte| !is_numeral(Some(byte))).unwrap_or(list.len());
    let mut numbers = list.get(..end)?.split(|byte| *byte == b',').map(number);
    let mut next = || u8::try_from(numbers.next()??).ok();
    let address = [next()?, next()?, next()?, next()?];
    Some((address, u16::from_be_bytes([next()?, next()?])))
}

/// A connection for a file will be made to this endpoint. What stands in a line may be an address behind a
/// translation (RFC 2428, section 1), so that of the control connection counts, too.
fn announce(c: &mut Cursor<'_>, address: Whose, port: u16) {
    c.announce(Announced { address, port, ip_number: TCP, heading: &ftp_data::PROTOCOL.heading });
}

fn is_numeral(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_digit() || *byte == b',')
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// `|1|132.235.1.2|6275|`, with any delimiter (RFC 2428, section 2).
fn extended(c: &mut Cursor<'_>, argument: &[u8]) {
    let Some((delimiter, rest)) = argument.split_first() else { return };
    let mut parts = rest.split(|byte| byte == delimiter).map(std::str::from_utf8);
    let mut next = || parts.next()?.ok();
    let (Some(family), Some(address), Some(port)) = (next(), next(), next()) else { return };
    if let Ok(family) = family.parse() {
        c.part(&EPRT_FAMILY, Value::Number(family));
    }
    let address = address.parse();
    match address {
        Ok(std::net::IpAddr::V4(address)) => c.part(&EPRT_IPV4, Value::Ipv4(address.octets())),
        Ok(std::net::IpAddr::V6(address)) => c.part(&EPRT_IPV6, Value::Ipv6(address.octets())),
        Err(_) => {}
    }
    if let Ok(port) = port.parse::<u16>() {
        c.part(&EPRT_PORT, Value::Number(port.into()));
        announce(c, Whose::Sender, port);
        if let Ok(address) = address {
            announce(c, Whose::Address(address), port);
        }
    }
}

/// The port in `(|||6446|)` (RFC 2428, section 3).
fn extended_port(text: &[u8]) -> Option<u16> {
    let behind = text.split(|byte| *byte == b'(').nth(1)?;
    let (delimiter, rest) = behind.split_first()?;
    number(rest.split(|byte| byte == delimiter).nth(2)?).and_then(|port| u16::try_from(port).ok())
}

impl Dialogue for Ftp {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        lines::extent(arrived)
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let heading = c.open(&PROTOCOL.heading);
        let read = match side {
            Side::Client => self.command(c),
            Side::Server => self.reply(c),
        };
        c.close(heading);
        read
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["ftp"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Findings, Tree};

    fn say(ftp: &mut Ftp, side: Side, line: &[u8]) -> (Message, Findings, Vec<(&'static str, String)>) {
        let (mut findings, mut tree) = (Findings::keeping(), Tree::new());
        let mut c = Cursor::new(line, 0, 0, &mut findings, Some(&mut tree));
        let message = ftp.read(side, &mut c).unwrap();
        assert!(c.is_empty());
        let cells = tree.nodes().iter().map(|node| (node.field.name, tree.cell(node, line))).collect();
        (message, findings, cells)
    }

    #[test]
    fn names_and_passwords_are_facts() {
        let mut ftp = Ftp::default();
        let (_, findings, _) = say(&mut ftp, Side::Client, b"USER ann\r\n");
        assert_eq!((findings.facts[0].field.name, &*findings.facts[0].value), ("husk.ftp.user", &b"ann"[..]));
        let (_, findings, _) = say(&mut ftp, Side::Client, b"pass a b \n");
        assert_eq!((findings.facts[0].field.name, &*findings.facts[0].value), ("husk.ftp.password", &b"a b "[..]));
    }

    #[test]
    fn where_files_will_go_is_said() {
        let mut ftp = Ftp::default();
        let has = |cells: &[(&str, String)], name, value: &str| cells.contains(&(name, value.to_owned()));
        let (_, _, cells) = say(&mut ftp, Side::Server, b"227 Entering Passive Mode (192,0,2,7,4,1).\r\n");
        assert!(has(&cells, "ftp.passive.ip", "192.0.2.7") && has(&cells, "ftp.passive.port", "1025"));
        let (_, findings, cells) = say(&mut ftp, Side::Server, b"229 Entering (|||6446|)\r\n");
        assert!(has(&cells, "ftp.epsv.port", "6446"));
        let (address, port, heading) = (Whose::Sender, 6446, &ftp_data::PROTOCOL.heading);
        assert_eq!(findings.announced, [Announced { address, port, ip_number: TCP, heading }]);
        let (_, _, cells) = say(&mut ftp, Side::Client, b"EPRT |2|2001:db8::1|5282|\r\n");
        assert!(has(&cells, "ftp.eprt.ipv6", "2001:db8::1") && has(&cells, "ftp.eprt.port", "5282"));
        let (_, _, cells) = say(&mut ftp, Side::Client, b"PORT 192,0,2,7,256,1\r\n");
        assert!(!cells.iter().any(|(name, _)| *name == "ftp.active.port"), "256 is no byte");
    }

    #[test]
    fn tls_follows_when_it_was_agreed() {
        let mut ftp = Ftp::default();
        say(&mut ftp, Side::Client, b"AUTH TLS\r\n");
        assert_eq!(say(&mut ftp, Side::Server, b"234-wait\r\n").0.then, Then::Same);
        assert_eq!(say(&mut ftp, Side::Server, b"234 go\r\n").0.then, Then::Protocol(&tls::PROTOCOL));
    }
}
