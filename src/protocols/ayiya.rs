//! AYIYA, "anything in anything": IPv6 over UDP of tunnel brokers (draft-massar-v6ops-ayiya).

use super::{Next, Outline, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Anything in Anything.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ayiya", "Anything in Anything", Class::Network, "draft-massar-v6ops-ayiya-02, section 3"),
    fields: FIELDS,
    under: &[Under::Udp(5072)],
    read: Read::Tunnel { accepts, read },
};

fields! { class Network, "draft-massar-v6ops-ayiya-02, section 3";
    IDENTITY_LENGTH: Hex(2) "ayiya.idlen" "Identity field length";
    IDENTITY_TYPE: Hex(2) "ayiya.idtype" "Identity field type";
    SIGNATURE_LENGTH: Hex(2) "ayiya.siglen" "Signature Length";
    HASH: Hex(2) "ayiya.hashmethod" "Hash method";
    AUTHENTICATION: Hex(2) "ayiya.authmethod" "Authentication method";
    OPCODE: Hex(2) "ayiya.opcode" "Operation Code";
    NEXT_HEADER: Hex(2) "ayiya.nextheader" "Next Header";
    EPOCH: Number "husk.ayiya.epoch" "Epoch";
    IDENTITY: Bytes "ayiya.identity" "Identity";
    SIGNATURE: Bytes "ayiya.signature" "Signature";
}

const HEADER: usize = 8;
const FORWARD: u64 = 1;

fn accepts(bytes: &[u8]) -> bool {
    bytes.len() >= HEADER
}

fn read(c: &mut Cursor<'_>, _outline: &mut Outline) -> Result<Next, Stop> {
    let identity = c.octets(1)?;
    c.bits(&IDENTITY_LENGTH, identity, 4, 0xf);
    c.bits(&IDENTITY_TYPE, identity, 0, 0xf);
    let signature = c.octets(1)?;
    c.bits(&SIGNATURE_LENGTH, signature, 4, 0xf);
    c.bits(&HASH, signature, 0, 0xf);
    let operation = c.octets(1)?;
    c.bits(&AUTHENTICATION, operation, 4, 0xf);
    c.bits(&OPCODE, operation, 0, 0xf);
    let next = c.u8(&NEXT_HEADER)?;
    c.u32(&EPOCH)?;
    // A power of two, and a number of words.
    c.bytes(&IDENTITY, 1 << (identity >> 4))?;
    c.bytes(&SIGNATURE, (signature >> 4 << 2) as usize)?;
    Ok(if operation & 0xf == FORWARD { Next::Ip(next) } else { Next::End })
}
