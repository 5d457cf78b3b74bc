//! The frame: what the capture says about a packet, in no byte of it.

use super::{Protocol, Read, heading};
use crate::bytes::{Class, Tree, Value, Node};
use crate::fields;

/// The frame.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("frame", "Frame", Class::Link, "pcapng, section 4.3"),
    fields: FIELDS,
    under: &[],
    read: Read::Noted,
};

fields! { class Link, "pcapng, section 4.3";
    NUMBER: Number "frame.number" "Frame Number";
    TIME_EPOCH: Time "frame.time_epoch" "Epoch Time";
    LENGTH: Number "frame.len" "Frame length on the wire";
    CAPTURED: Number "frame.cap_len" "Frame length stored into the capture file";
    INTERFACE: Number "frame.interface_id" "Interface id";
}

/// The circumstances of a packet.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// Number, from 1.
    pub number: u32,
    /// Nanoseconds since 1970, if the capture tells.
    pub time: Option<i64>,
    /// Bytes on the wire.
    pub length: u32,
    /// Bytes captured.
    pub captured: u32,
    /// Interface, if the format numbers them.
    pub interface: Option<u32>,
}

/// Notes the circumstances of a packet.
pub fn note(tree: &mut Tree, of: &Circumstances) {
    let mut push = |field, value| {
        tree.push(Node { field, value, start: 0, end: 0, source: 0, depth: 0 });
    };
    push(&NUMBER, Value::Number(of.number.into()));
    if let Some(time) = of.time {
        push(&TIME_EPOCH, Value::Signed(time));
    }
    push(&LENGTH, Value::Number(of.length.into()));
    push(&CAPTURED, Value::Number(of.captured.into()));
    if let Some(interface) = of.interface {
        push(&INTERFACE, Value::Number(interface.into()));
    }
}
