//! Multicast DNS (RFC 6762): DNS messages to everybody on the link. Read as in [`super::dns`].

use super::dns::{self, Variant};
use super::{Protocol, Read, Under, heading};
use crate::bytes::Class;

/// Multicast DNS.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("mdns", "Multicast Domain Name System", Class::Metadata, "RFC 6762"),
    fields: &[],
    under: &[Under::Udp(5353)],
    read: Read::Dialogue { new: |start| dns::conversation(Variant::Multicast, start), probe: None },
};
