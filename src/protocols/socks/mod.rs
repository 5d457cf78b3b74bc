//! SOCKS 4, 4a and 5 (RFC 1928, RFC 1929): a client tells a proxy where to connect it to.
//!
//! ```text
//! 4   client  4 | command | port | address | user, 0 | (name, 0 if the address is 0.0.0.x)     server  0 | result | port | address
//! 5   client  5 | n | n methods                                                                 server  5 | method
//!     client  1 | user | password  (method 2)                                                   server  1 | status
//!     client  5 | command | 0 | address type | address | port                                   server  5 | result | 0 | type | address | port
//! ```
//!
//! Everything is in the clear, names and passwords too. Behind a connection that was granted anything may be spoken:
//! it is recognised anew.

use super::{Dialogue, Extent, Message, Protocol, Read, Side, Then, Under, heading};
use crate::bytes::{Class, Cursor, Stop, Value};

mod shape;
#[cfg(test)]
mod tests;

use shape::{Length, Shape};

/// SOCKS, all versions.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("socks", "SOCKS", Class::Metadata, "RFC 1928"),
    fields: FIELDS,
    under: &[Under::Tcp(PORT)],
    read: Read::Dialogue { new: |_| Box::new(Conversation::default()), probe: Some(shape::probe) },
};

/// The port that is registered.
const PORT: u16 = 1080;

crate::fields! { class Metadata, "RFC 1928, section 4";
    VERSION: Number "socks.version" "Version";
    METHOD_COUNT: Number "socks.auth_method_count" "Number of methods", "RFC 1928, section 3";
    METHOD: Number "socks.auth_method" "Method offered", "RFC 1928, section 3", names method_name;
    METHOD_ACCEPTED: Number "socks.auth_accepted_method" "Method chosen", "RFC 1928, section 3", names method_name;
    SUBNEGOTIATION: Number "socks.subnegotiation_version" "Subnegotiation version", "RFC 1929, section 2";
    USERNAME: Text "socks.username" "User name", "RFC 1929, section 2";
    PASSWORD: Text "socks.password" "Password", "RFC 1929, section 2";
    STATUS: Number "socks.auth_status" "Status", "RFC 1929, section 2";
    GSSAPI_COMMAND: Number "socks.gssapi.command" "GSS-API message type", "RFC 1961, section 3.2";
    GSSAPI_LENGTH: Number "socks.gssapi.length" "Token length", "RFC 1961, section 3.2";
    GSSAPI_DATA: Bytes "socks.gssapi.data" "Token", "RFC 1961, section 3.2";
    COMMAND: Number "socks.command" "Command", names command_name;
    RESULT: Number "socks.results" "Result", "RFC 1928, section 6", names result_name;
    RESERVED: Number "socks.reserved" "Reserved";
    ADDRESS_TYPE: Number "socks.address_type" "Address type", "RFC 1928, section 5", names address_type_name;
    ADDRESS: Ipv4 "socks.dst" "Remote address", "RFC 1928, section 5";
    ADDRESS_V6: Ipv6 "socks.dstV6" "Remote address", "RFC 1928, section 5";
    NAME_LENGTH: Number "husk.socks.remote_name.length" "Length of the remote name", "RFC 1928, section 5";
    NAME: Text "socks.remote_name" "Remote name", "RFC 1928, section 5";
    NAME_4A: Text "socks.v4a_dns_name" "Remote name", "SOCKS 4A";
    REMOTE_PORT: Number "socks.port" "Remote port";
    REMOTE_PORT_4: Number "socks.dstport" "Remote port", "SOCKS 4";
}

/// What the next bytes of a side are. `Nothing` if nobody can tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Next {
    #[default]
    First,
    /// What the method chosen needs, then a request or its reply.
    Negotiation,
    /// Whatever the reply decides.
    Tunnel,
    Nothing,
}

/// SOCKS within one connection.
#[derive(Clone, Debug, Default)]
struct Conversation {
    client: Next,
    server: Next,
    /// What the server chose. It may be read before the client's first bytes are, if those were not certain.
    method: Option<u8>,
    /// What was asked for: a connection to here has two replies, the second of which begins the tunnel.
    binds: bool,
    /// What carries no tunnel: the datagrams go elsewhere.
    associates: bool,
}

impl Conversation {
    fn next(&mut self, side: Side) -> &mut Next {
        match side {
            Side::Client => &mut self.client,
            Side::Server => &mut self.server,
        }
    }

    /// What a message of `side` that begins with `bytes` is.
    fn shape(&self, side: Side, bytes: &[u8]) -> Option<Shape> {
        let next = if side == Side::Client { self.client } else { self.server };
        Some(match (side, next, *bytes.first()?) {
            (Side::Client, Next::First, 4) => Shape::Request4,
            (Side::Client, Next::First, _) => Shape::Methods,
            (Side::Server, Next::First, 0) => Shape::Reply4,
            (Side::Server, Next::First, _) => Shape::Method,
            (Side::Client, Next::Negotiation, 5) => Shape::Request,
            (Side::Server, Next::Negotiation, 5) => Shape::Reply,
            (Side::Server, Next::Negotiation, 0) => Shape::Reply4,
            (_, Next::Negotiation, 1) => match (self.method, side) {
                (Some(1), _) => Shape::Gssapi,
                // A client that does not wait for the answer shows what it takes.
                (None | Some(2), Side::Client) => Shape::Password,
                (None | Some(2), Side::Server) => Shape::Status,
                _ => return None,
            },
            _ => return None,
        })
    }

    fn extent(&mut self, side: Side, arrived: &[u8], ends: bool) -> Extent {
        if *self.next(side) == Next::Tunnel && !ends {
            return Extent::Needs(arrived.len().saturating_add(1));
        }
        let length = self.shape(side, arrived).map_or(Length::No, |shape| shape.length(arrived));
        match length {
            Length::Is(length) => Extent::Whole(length),
            Length::Needs(length) => Extent::Needs(length.max(arrived.len().saturating_add(1))),
            Length::No => {
                *self.next(side) = Next::Nothing;
                Extent::Lost(arrived.len().max(1))
            }
        }
    }

    fn message(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let Some(shape) = self.shape(side, c.rest()) else {
            return Err(c.malformed("no message is known to come here"));
        };
        match shape {
            Shape::Request4 => self.request4(c),
            Shape::Reply4 => {
                c.u8(&VERSION)?;
                let result = c.u8(&RESULT)?;
                c.u16(&REMOTE_PORT_4)?;
                c.ipv4(&ADDRESS)?;
                tell_result(result, c);
                Ok(self.replied(result == 90))
            }
            Shape::Methods => {
                c.u8(&VERSION)?;
                for _ in 0..c.u8(&METHOD_COUNT)? {
                    c.u8(&METHOD)?;
                }
                self.client = Next::Negotiation;
                Ok(Message::new("methods"))
            }
            Shape::Method => self.method(c),
            Shape::Password => {
                c.say(&VERSION, Value::Number(5));
                c.u8(&SUBNEGOTIATION)?;
                for field in [&USERNAME, &PASSWORD] {
                    let length = c.octets(1)?;
                    let word = c.bytes(field, length as usize)?;
                    c.fact(field, word);
                }
                Ok(Message::new("password"))
            }
            Shape::Status => {
                c.say(&VERSION, Value::Number(5));
                c.u8(&SUBNEGOTIATION)?;
                let status = c.u8(&STATUS)?;
                c.subject(if status == 0 { "accepted" } else { "refused" });
                Ok(Message::new("status"))
            }
            Shape::Gssapi => {
                c.u8(&SUBNEGOTIATION)?;
                if c.u8(&GSSAPI_COMMAND)? != 0xff {
                    let length = c.u16(&GSSAPI_LENGTH)?;
                    c.bytes(&GSSAPI_DATA, length.into())?;
                }
                Ok(Message::new("token"))
            }
            Shape::Request => self.request(c),
            Shape::Reply => {
                c.u8(&VERSION)?;
                let result = c.u8(&RESULT)?;
                tell_result(result, c);
                c.u8(&RESERVED)?;
                place(c, false)?;
                Ok(self.replied(result == 0))
            }
        }
    }

    fn request4(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.u8(&VERSION)?;
        let command = c.u8(&COMMAND)?;
        let port = c.u16(&REMOTE_PORT_4)?;
        let address = c.ipv4(&ADDRESS)?;
        let word = |c: &Cursor<'_>| c.rest().iter().position(|byte| *byte == 0).unwrap_or(c.remaining());
        let user = word(c);
        if user > 0 {
            let user = c.bytes(&USERNAME, user)?;
            c.fact(&USERNAME, user);
        }
        c.pass(1)?;
        let named = shape::is_named(&address);
        let mut host = std::net::Ipv4Addr::from(address).to_string();
        if named {
            let name = c.bytes(&NAME_4A, word(c))?;
            c.fact(&NAME_4A, name);
            host = String::from_utf8_lossy(name).into_owned();
            c.pass(1)?;
        }
        c.subject(command_name(command.into()).unwrap_or("command"));
        c.subject(&format!("{host}:{port}"));
        self.asked(command);
        Ok(Message::new("request"))
    }

    fn request(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.u8(&VERSION)?;
        let command = c.u8(&COMMAND)?;
        c.subject(command_name(command.into()).unwrap_or("command"));
        c.u8(&RESERVED)?;
        place(c, true)?;
        self.asked(command);
        Ok(Message::new("request"))
    }

    fn asked(&mut self, command: u8) {
        (self.binds, self.associates) = (command == 2, command == 3);
        self.client = Next::Tunnel;
    }

    fn method(&mut self, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.u8(&VERSION)?;
        let method = c.u8(&METHOD_ACCEPTED)?;
        c.subject(method_name(method.into()).unwrap_or("unknown"));
        self.method = Some(method);
        self.server = Next::Negotiation;
        Ok(Message::new("method"))
    }

    /// What follows a reply.
    fn replied(&mut self, granted: bool) -> Message {
        let then = if granted && !self.binds && !self.associates { Then::Carried } else { Then::Same };
        if !granted {
            (self.client, self.server) = (Next::Nothing, Next::Nothing);
        } else if std::mem::take(&mut self.binds) {
            self.server = Next::Negotiation;
        } else if self.associates {
            self.server = Next::Nothing;
        }
        Message { what: "reply", then }
    }
}

/// An address of any type and a port (RFC 1928, section 5). What is `asked` for is a fact, if it is a name.
fn place(c: &mut Cursor<'_>, asked: bool) -> Result<(), Stop> {
    let host = match c.u8(&ADDRESS_TYPE)? {
        1 => std::net::Ipv4Addr::from(c.ipv4(&ADDRESS)?).to_string(),
        4 => format!("[{}]", std::net::Ipv6Addr::from(c.ipv6(&ADDRESS_V6)?)),
        3 => {
            let length = c.u8(&NAME_LENGTH)?;
            let name = c.bytes(&NAME, length.into())?;
            if asked {
                c.fact(&NAME, name);
            }
            String::from_utf8_lossy(name).into_owned()
        }
        _ => return Err(c.malformed("an address of an unknown type")),
    };
    let port = c.u16(&REMOTE_PORT)?;
    if asked {
        c.subject(&format!("{host}:{port}"));
    }
    Ok(())
}

fn tell_result(result: u8, c: &mut Cursor<'_>) {
    c.subject(result_name(result.into()).unwrap_or("unknown"));
}

impl Dialogue for Conversation {
    fn extent(&mut self, side: Side, arrived: &[u8]) -> Extent {
        self.extent(side, arrived, false)
    }

    fn extent_at_end(&mut self, side: Side, arrived: &[u8]) -> Extent {
        self.extent(side, arrived, true)
    }

    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.group(&PROTOCOL.heading, |c| self.message(side, c))
    }

    fn lost(&mut self, side: Side) {
        *self.next(side) = Next::Nothing;
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

fn method_name(method: u64) -> Option<&'static str> {
    Some(match method {
        0 => "no authentication",
        1 => "GSS-API",
        2 => "user name and password",
        3 => "CHAP",
        0xff => "no acceptable method",
        _ => return None,
    })
}

fn command_name(command: u64) -> Option<&'static str> {
    Some(match command {
        1 => "CONNECT",
        2 => "BIND",
        3 => "UDP ASSOCIATE",
        _ => return None,
    })
}

fn address_type_name(kind: u64) -> Option<&'static str> {
    Some(match kind {
        1 => "IPv4",
        3 => "domain name",
        4 => "IPv6",
        _ => return None,
    })
}

/// Results of version 5, and from 90 on those of version 4.
fn result_name(result: u64) -> Option<&'static str> {
    Some(match result {
        0 => "succeeded",
        1 => "general failure",
        2 => "not allowed by ruleset",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        7 => "command not supported",
        8 => "address type not supported",
        90 => "granted",
        91 => "rejected or failed",
        92 => "rejected: no identd at the client",
        93 => "rejected: identd names another user",
        _ => return None,
    })
}
