//! Protocols whose messages each stand for themselves, one in a datagram.

use super::{Dialogue, Extent, Message, Protocol, Side};
use crate::bytes::{Class, Cursor, Stop};

/// How one message is read, under its protocol's heading.
pub(super) type ReadMessage = fn(&mut Cursor<'_>) -> Result<Message, Stop>;

/// A dialogue without state: `read` reads each datagram, whose bytes are Metadata unless it says otherwise.
pub(super) fn datagrams(protocol: &'static Protocol, read: ReadMessage) -> Box<dyn Dialogue> {
    Box::new(Datagrams { protocol, read })
}

#[derive(Clone, Debug)]
struct Datagrams {
    protocol: &'static Protocol,
    read: ReadMessage,
}

impl Dialogue for Datagrams {
    fn extent(&mut self, _: Side, arrived: &[u8]) -> Extent {
        Extent::Whole(arrived.len())
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        c.class(Class::Metadata);
        c.group(&self.protocol.heading, self.read)
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![self.protocol.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(self.clone())
    }
}

/// Reads one message by itself, for tests: what it was, what was found, and the tree.
#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test fails by panicking
pub(super) fn read_alone(
    dialogue: &mut dyn Dialogue,
    side: Side,
    bytes: &[u8],
) -> (Message, crate::bytes::Findings, crate::bytes::Tree) {
    let (mut findings, mut tree) = (crate::bytes::Findings::keeping(), crate::bytes::Tree::new());
    let mut c = Cursor::new(bytes, 0, 0, &mut findings, Some(&mut tree));
    let message = dialogue.read(side, &mut c).unwrap_or_else(|stop| {
        c.stopped(&stop);
        Message::new("malformed")
    });
    (message, findings, tree)
}
