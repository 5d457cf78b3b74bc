//! MySQL's connection phase (MySQL's protocol documentation, "Connection Phase"), and its turn to TLS.
//!
//! ```text
//! packet: length (3, little-endian) | number | payload
//! server: protocol 10, version, ...    client: flags, ... CLIENT_SSL ─► TLS from here on, or the user's name
//! ```

use super::{
    Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Then, Under, heading, strings, tls,
};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// MySQL.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("mysql", "MySQL Protocol", Class::Metadata, "MySQL, Connection Phase"),
    fields: FIELDS,
    under: &[Under::Tcp(PORT)],
    read: Read::Dialogue { new: |_| Box::new(MySql::default()), probe: Some(probe) },
};

const PORT: u16 = 3306;

fields! { class Metadata, "MySQL, Connection Phase";
    LENGTH: Number "mysql.packet_length" "Packet Length";
    NUMBER: Number "mysql.packet_number" "Packet Number";
    PROTOCOL_VERSION: Number "mysql.protocol" "Protocol";
    VERSION: Text "mysql.version" "Version";
    GREETING: Bytes "husk.mysql.greeting" "Rest of the greeting";
    CAPABILITIES: Hex(8) "husk.mysql.capabilities" "Client capabilities";
    LOGIN: Bytes "husk.mysql.login" "Rest of the login";
    USER: Text "mysql.user" "Username";
    COMMAND: Number "mysql.command" "Command", "MySQL, Command Phase", names command;
    QUERY: Text "mysql.query" "Statement", "MySQL, COM_QUERY";
    PAYLOAD: Bytes "husk.mysql.payload" "Payload", "MySQL, Command Phase";
}

/// Length and number.
const HEADER: usize = 4;
/// The client wants TLS before it logs in.
const CLIENT_SSL: u64 = 1 << 11;
/// Its capabilities have four bytes.
const CLIENT_PROTOCOL_41: u64 = 1 << 9;

fn command(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "Quit",
        2 => "Use Database",
        3 => "Query",
        14 => "Ping",
        22 => "Prepare Statement",
        23 => "Execute Statement",
        _ => return None,
    })
}

/// MySQL over one connection.
#[derive(Clone, Copy, Debug, Default)]
struct MySql {
    /// Whether the server has greeted.
    greeted: bool,
    /// Whether the client has logged in.
    logged_in: bool,
    /// Whether the server accepted that.
    accepted: bool,
}

/// By the server's greeting: number 0, protocol 10, and a version of printable characters.
fn probe(start: &Start, side: Side, first: &[u8]) -> Answer {
    let on_port = start.client_port == PORT || start.server_port == PORT;
    if !start.is_stream() || side == Side::Client && !on_port {
        return Answer::No;
    }
    match first {
        [_, 0, 0, 0, 10, b'0'..=b'9', ..] => Answer::Yes,
        // An error, because the host is not allowed.
        [_, 0, 0, 0, 0xff, ..] if on_port => Answer::Yes,
        [_, _, 0, 1, _, ..] if on_port && side == Side::Client => Answer::Yes,
        [] | [_] | [_, _] | [_, _, 0] => Answer::More,
        [_, _, 0, number] if *number <= 1 => Answer::More,
        [_, 0, 0, 0, 10] => Answer::More,
        _ => Answer::No,
    }
}

impl MySql {
    fn packet(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let length = c.number_le(&LENGTH, 3)? as usize;
        c.u8(&NUMBER)?;
        c.inside(length, |c| match side {
            Side::Server => self.server(c),
            Side::Client => self.client(c),
        })
    }

    fn server(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        const ERROR: u8 = 0xff;
        if std::mem::replace(&mut self.greeted, true) || c.peek(1) == [ERROR] {
            self.accepted |= self.logged_in;
            c.class(if self.accepted { Class::Content } else { Class::Metadata });
            strings::rest(c, &PAYLOAD)?;
            return Ok(Message::new("answer"));
        }
        c.u8(&PROTOCOL_VERSION)?;
        let version = strings::zero_ended(c, &VERSION)?;
        c.fact(&VERSION, version);
        c.subject(&String::from_utf8_lossy(version));
        strings::rest(c, &GREETING)?;
        Ok(Message::new("greeting"))
    }

    fn client(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        /// The largest packet, the character set, and 23 bytes that are kept for later.
        const FIXED: usize = 4 + 1 + 23;
        if self.logged_in {
            return self.command(c);
        }
        self.logged_in = true;
        let flags = match c.ahead(0, 2) {
            Some(low) if u64::from((low as u16).swap_bytes()) & CLIENT_PROTOCOL_41 == 0 => {
                strings::rest(c, &LOGIN)?;
                return Ok(Message::new("login"));
            }
            _ => c.number_le(&CAPABILITIES, 4)?,
        };
        c.bytes(&LOGIN, FIXED.min(c.remaining()))?;
        if flags & CLIENT_SSL != 0 && c.is_empty() {
            self.logged_in = false;
            return Ok(Message { what: "TLS request", then: Then::Protocol(&tls::PROTOCOL) });
        }
        let user = strings::zero_ended(c, &USER)?;
        c.fact(&USER, user);
        c.subject(&String::from_utf8_lossy(user));
        strings::rest(c, &LOGIN)?;
        Ok(Message::new("login"))
    }

    fn command(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        const QUERY_COMMAND: u8 = 3;
        if !self.accepted {
            strings::rest(c, &PAYLOAD)?;
            return Ok(Message::new("authentication"));
        }
        let command = c.u8(&COMMAND)?;
        c.class(Class::Content);
        if command == QUERY_COMMAND {
            strings::rest(c, &QUERY)?;
            return Ok(Message::new("query"));
        }
        strings::rest(c, &PAYLOAD)?;
        Ok(Message::new("command"))
    }
}

impl Dialogue for MySql {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        /// Longer packets are results: passed without being gathered.
        const LONGEST: usize = 256 << 10;
        let [low, middle, high, ..] = *arrived else { return Extent::Needs(HEADER) };
        let total = (u32::from_le_bytes([low, middle, high, 0]) as usize).saturating_add(HEADER);
        if total > LONGEST {
            return Extent::Pass { class: Class::Content, length: total as u64, ends: false };
        }
        Extent::Whole(total)
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        let heading = c.open(&PROTOCOL.heading);
        let read = self.packet(side, c);
        c.close(heading);
        read
    }

    fn stack(&self) -> Vec<&'static str> {
        vec!["mysql"]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(*self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Transport;
    use super::*;
    use crate::bytes::Findings;

    fn packet(number: u8, payload: &[u8]) -> Vec<u8> {
        [&[payload.len() as u8, 0, 0, number], payload].concat()
    }

    fn say(mysql: &mut MySql, side: Side, bytes: &[u8]) -> (Message, Vec<String>) {
        assert_eq!(mysql.extent(side, bytes), Extent::Whole(bytes.len()));
        let mut findings = Findings::keeping();
        let mut c = Cursor::new(bytes, 0, 0, &mut findings, None);
        let message = mysql.read(side, &mut c).unwrap();
        let facts = findings.facts.iter().map(|fact| String::from_utf8_lossy(&fact.value).into_owned());
        (message, facts.collect())
    }

    fn login(flags: u32, behind: &[u8]) -> Vec<u8> {
        packet(1, &[&flags.to_le_bytes()[..], &[0; 28], behind].concat())
    }

    #[test]
    fn a_client_may_turn_to_tls_before_it_says_its_name() {
        let mut mysql = MySql::default();
        let greeting = packet(0, b"\x0a8.0.36\0rest");
        let start = Start { transport: Transport::Tcp, client_port: 1, server_port: 2 };
        assert_eq!(probe(&start, Side::Server, &greeting), Answer::Yes);
        assert_eq!(probe(&start, Side::Server, &greeting[..5]), Answer::More);
        assert_eq!(say(&mut mysql, Side::Server, &greeting).1, ["8.0.36"]);
        let flags = (CLIENT_SSL | CLIENT_PROTOCOL_41) as u32;
        assert_eq!(say(&mut mysql, Side::Client, &login(flags, &[])).0.then, Then::Protocol(&tls::PROTOCOL));
    }

    #[test]
    fn without_it_names_and_queries_are_readable() {
        let mut mysql = MySql::default();
        say(&mut mysql, Side::Server, &packet(0, b"\x0a8.0.36\0rest"));
        let (message, facts) = say(&mut mysql, Side::Client, &login(CLIENT_PROTOCOL_41 as u32, b"ann\0\x14x"));
        assert_eq!((message.then, facts), (Then::Same, vec!["ann".to_owned()]));
        say(&mut mysql, Side::Server, &packet(2, &[0, 0, 0]));
        assert_eq!(say(&mut mysql, Side::Client, &packet(0, b"\x03SELECT 1")).0.what, "query");
    }
}
