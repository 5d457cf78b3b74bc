//! Link-Local Multicast Name Resolution (RFC 4795): DNS messages with other flags. Read as in [`super::dns`].

use super::dns::{self, Variant};
use super::{Protocol, Read, Under, heading};
use crate::bytes::Class;

/// Link-Local Multicast Name Resolution.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("llmnr", "Link-local Multicast Name Resolution", Class::Metadata, "RFC 4795"),
    fields: &[],
    under: &[Under::Udp(5355)],
    read: Read::Dialogue { new: |start| dns::conversation(Variant::LinkLocal, start), probe: None },
};
