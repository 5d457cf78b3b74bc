//! SMB, version 1 (MS-CIFS), recognised: which command a message is.

use super::{Protocol, Read, heading, nbss};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// Server Message Block.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("smb", "SMB (Server Message Block Protocol)", Class::Metadata, "MS-CIFS, section 2.2.3"),
    fields: FIELDS,
    under: &[],
    read: Read::Noted,
};

fields! { class Metadata, "MS-CIFS, section 2.2.3.1";
    COMMAND: Hex(2) "husk.smb.command" "SMB Command", names command;
    FLAGS: Hex(2) "smb.flags" "Flags";
    RESPONSE: Flag "smb.flags.response" "Request/Response";
    FLAGS_2: Hex(4) "smb.flags2" "Flags2";
    TREE: Number "smb.tid" "Tree ID";
    USER: Number "smb.uid" "User ID";
    MULTIPLEX: Number "smb.mid" "Multiplex ID";
}

/// What a message begins with.
pub(super) const MAGIC: &[u8] = b"\xffSMB";

fn command(number: u64) -> Option<&'static str> {
    Some(match number {
        0x04 => "close",
        0x24 => "locking",
        0x25 => "transaction",
        0x2b => "echo",
        0x2d => "open",
        0x2e => "read",
        0x2f => "write",
        0x32 => "transaction 2",
        0x70 => "tree connect",
        0x71 => "tree disconnect",
        0x72 => "negotiate",
        0x73 => "session setup",
        0x74 => "logoff",
        0x75 => "tree connect",
        0xa0 => "nt transaction",
        0xa2 => "nt create",
        _ => return None,
    })
}

/// Reads a message's header, whose numbers are little-endian; returns what the message is.
pub(super) fn read(c: &mut Cursor<'_>) -> Result<&'static str, Stop> {
    c.group(&PROTOCOL.heading, |c| {
        c.pass(MAGIC.len())?;
        let number = c.u8(&COMMAND)?;
        c.pass(4)?;
        let flags = c.u8(&FLAGS)?;
        c.bits(&RESPONSE, flags, 7, 1);
        c.number_le(&FLAGS_2, 2)?;
        c.pass(12)?;
        c.number_le(&TREE, 2)?;
        c.pass(2)?;
        c.number_le(&USER, 2)?;
        c.number_le(&MULTIPLEX, 2)?;
        if !c.is_empty() {
            c.skim(&nbss::CONTENT, c.remaining(), Class::Unknown)?;
        }
        Ok(command(number.into()).unwrap_or("other command"))
    })
}
