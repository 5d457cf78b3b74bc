//! SMB, versions 2 and 3 (MS-SMB2), recognised: which commands a message is made of. Version 3 may encrypt it all.

use super::{Protocol, Read, heading, nbss};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Server Message Block, versions 2 and 3.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("smb2", "SMB2 (Server Message Block Protocol version 2)", Class::Metadata, "MS-SMB2, section 2.2"),
    fields: FIELDS,
    under: &[],
    read: Read::Noted,
};

fields! { class Metadata, "MS-SMB2, section 2.2.1.2";
    HEADER_LENGTH: Number "smb2.header_len" "Header Length";
    COMMAND: Number "smb2.cmd" "Command", names command;
    FLAGS: Hex(8) "husk.smb2.flags" "Flags";
    RESPONSE: Flag "smb2.flags.response" "Response";
    CHAIN: Hex(8) "smb2.chain_offset" "Chain Offset";
    MESSAGE: Number "smb2.msg_id" "Message ID";
    SESSION: Hex(16) "smb2.sesid" "Session Id";
    SIGNATURE: Bytes "husk.smb2.signature" "Signature";
    NONCE: Bytes "husk.smb2.header.nonce" "Nonce", "MS-SMB2, section 2.2.41";
    SEALED: Bytes "husk.smb2.sealed" "Encrypted message", "MS-SMB2, section 2.2.41", class Sealed;
}

/// What a message begins with.
pub(super) const MAGIC: &[u8] = b"\xfeSMB";
/// What an encrypted one begins with.
pub(super) const ENCRYPTED: &[u8] = b"\xfdSMB";
/// What a compressed one begins with.
pub(super) const COMPRESSED: &[u8] = b"\xfcSMB";
/// Bytes of a message's header.
pub(super) const HEADER: usize = 64;

const NAMES: [[&str; 2]; 19] = [
    ["negotiate request", "negotiate response"],
    ["session setup request", "session setup response"],
    ["logoff request", "logoff response"],
    ["tree connect request", "tree connect response"],
    ["tree disconnect request", "tree disconnect response"],
    ["create request", "create response"],
    ["close request", "close response"],
    ["flush request", "flush response"],
    ["read request", "read response"],
    ["write request", "write response"],
    ["lock request", "lock response"],
    ["ioctl request", "ioctl response"],
    ["cancel request", "cancel response"],
    ["echo request", "echo response"],
    ["query directory request", "query directory response"],
    ["change notify request", "change notify response"],
    ["query info request", "query info response"],
    ["set info request", "set info response"],
    ["oplock break", "oplock break"],
];

fn command(number: u64) -> Option<&'static str> {
    let [request, _] = NAMES.get(usize::try_from(number).ok()?)?;
    Some(request.trim_end_matches(" request"))
}

/// Reads a message, or several in a chain; returns what the first one is.
pub(super) fn read(c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
    match c.peek(MAGIC.len()) {
        ENCRYPTED => c.group(&PROTOCOL.heading, sealed),
        COMPRESSED => {
            c.skim(&nbss::CONTENT, c.remaining(), Class::Unknown)?;
            Ok("compressed")
        }
        _ => {
            let mut first = None;
            // Each turn passes a header or stops.
            while c.peek(MAGIC.len()) == MAGIC {
                let what = c.group(&PROTOCOL.heading, one)?;
                match first {
                    None => first = Some(what),
                    Some(_) => c.subject(what),
                }
            }
            Ok(first.unwrap_or("message"))
        }
    }
}

/// One message of a chain. Its numbers are little-endian.
fn one(c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
    const RESPONSE_FLAG: u64 = 1;
    c.pass(MAGIC.len())?;
    c.number_le(&HEADER_LENGTH, 2)?;
    c.pass(6)?;
    let number = c.number_le(&COMMAND, 2)?;
    c.pass(2)?;
    let flags = c.number_le(&FLAGS, 4)?;
    c.bits(&RESPONSE, flags, 0, 1);
    let next = c.number_le(&CHAIN, 4)? as usize;
    c.number_le(&MESSAGE, 8)?;
    c.pass(8)?;
    c.number_le(&SESSION, 8)?;
    c.bytes(&SIGNATURE, 16)?;
    let body = match next.checked_sub(HEADER) {
        // An offset that leads back, or beyond the message, leads nowhere.
        Some(body) if body <= c.remaining() => body,
        _ => c.remaining(),
    };
    if body > 0 {
        c.skim(&nbss::CONTENT, body, Class::Unknown)?;
    }
    let names = NAMES.get(usize::try_from(number).unwrap_or(usize::MAX));
    Ok(names.map_or("other command", |[request, response]| if flags & RESPONSE_FLAG == 0 { request } else { response }))
}

/// MS-SMB2, section 2.2.41: what encryption adds stands before the message.
fn sealed(c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
    c.pass(ENCRYPTED.len())?;
    c.class(Class::Tag);
    c.bytes(&SIGNATURE, 16)?;
    c.bytes(&NONCE, 16)?;
    c.class(Class::Metadata);
    c.pass(8)?;
    c.number_le(&SESSION, 8)?;
    c.skim(&SEALED, c.remaining(), Class::Sealed)?;
    Ok("sealed")
}
