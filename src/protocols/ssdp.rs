//! Simple Service Discovery Protocol (UPnP Device Architecture, section 1): HTTP heads in datagrams.

use super::http::{self, lines};
use super::{Answer, Dialogue, Extent, Message, Protocol, Read, Side, Start, Transport, Under, heading};
use crate::bytes::{Class, Cursor, Key, Pairing, Stop};
use crate::fields;

/// Simple Service Discovery Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ssdp", "Simple Service Discovery Protocol", Class::Metadata, "UPnP Device Architecture 2.0"),
    fields: FIELDS,
    under: &[Under::Udp(PORT)],
    read: Read::Dialogue { new: |start| Box::new(Conversation::new(start)), probe: Some(probe) },
};

fields! { class Metadata, "UPnP Device Architecture 2.0, section 1.3";
    REQUEST_IN: Number "husk.ssdp.request_in" "Search in";
    TIME: Duration "husk.ssdp.time" "Time from search";
}

const PORT: u16 = 1900;

/// On its port whatever begins as HTTP does; elsewhere its own two methods.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    let ported = [start.client_port, start.server_port].contains(&PORT);
    let own = first.starts_with(b"M-SEARCH * HTTP/1") || first.starts_with(b"NOTIFY * HTTP/1");
    let is = start.transport == Transport::Udp && (own || ported && lines::judge(first) == Answer::Yes);
    if is { Answer::Yes } else { Answer::No }
}

/// SSDP within one flow.
#[derive(Clone, Debug)]
struct Conversation {
    exchanges: http::Exchanges,
    /// Who searches is told by his port: everybody is asked, and each answers him there (section 1.3.3).
    searching: Key,
}

impl Conversation {
    fn new(start: &Start) -> Conversation {
        let port = if start.client_port == PORT { start.server_port } else { start.client_port };
        Conversation { exchanges: http::Exchanges::default(), searching: Key::Shared(port.into()) }
    }
}

impl Dialogue for Conversation {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        Extent::Whole(arrived.len())
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        if lines::judge(c.rest()) != Answer::Yes {
            return Err(c.malformed("no HTTP head"));
        }
        c.class(Class::Metadata);
        let (exchanges, searching) = (&mut self.exchanges, self.searching);
        let (searches, answers) = (c.rest().starts_with(b"M-SEARCH"), c.rest().starts_with(b"HTTP/"));
        let read = c.group(&PROTOCOL.heading, |c| {
            let what = http::datagram(c, exchanges)?;
            c.pass_rest(Class::Content);
            Ok(Message::new(what))
        });
        if searches {
            c.pairing(Pairing::asks(searching));
        } else if answers {
            c.pairing(Pairing::answers(searching, &REQUEST_IN, &TIME));
        }
        read
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}
