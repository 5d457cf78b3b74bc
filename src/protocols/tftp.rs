//! TFTP (RFC 1350, RFC 2347): which file is fetched or stored, asked for in clear. The transfer goes on between other
//! ports; it is found where it begins with known options, or with a first block of the usual size.

use super::datagrams::datagrams;
use super::{Answer, Message, Protocol, Read, Side, Start, Transport, Under, heading};
use crate::bytes::{Class, Cursor, Field, Stop};
use crate::fields;

/// The Trivial File Transfer Protocol.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("tftp", "Trivial File Transfer Protocol", Class::Metadata, "RFC 1350"),
    fields: FIELDS,
    under: &[Under::Udp(69)],
    read: Read::Dialogue { new: |_| datagrams(&PROTOCOL, message), probe: Some(probe) },
};

fields! { class Metadata, "RFC 1350, section 5";
    OPCODE: Number "tftp.opcode" "Opcode", names opcode;
    SOURCE: Text "husk.tftp.source_file" "Source File";
    DESTINATION: Text "husk.tftp.destination_file" "Destination File";
    MODE: Text "tftp.type" "Type";
    OPTION_NAME: Text "tftp.option.name" "Option name", "RFC 2347";
    OPTION_VALUE: Text "tftp.option.value" "Option value", "RFC 2347";
    BLOCK: Number "tftp.block" "Block";
    DATA: Bytes "husk.tftp.data" "Data";
    ERROR: Number "tftp.error.code" "Error code";
    ERROR_MESSAGE: Text "tftp.error.message" "Error message";
}

fn opcode(number: u64) -> Option<&'static str> {
    ["read request", "write request", "data", "acknowledgement", "error", "option acknowledgement"]
        .get(usize::try_from(number.checked_sub(1)?).ok()?)
        .copied()
}

/// By port; and an answer from another port by what it begins with.
fn probe(start: &Start, _: Side, first: &[u8]) -> Answer {
    const OPTIONS: [&[u8]; 4] = [b"blksize\0", b"timeout\0", b"tsize\0", b"windowsize\0"];
    const FIRST_BLOCK: &[u8] = &[0, 3, 0, 1];
    const USUAL: usize = 516;
    if start.transport != Transport::Udp {
        return Answer::No;
    }
    let ported = [start.client_port, start.server_port].contains(&69);
    let yes = match first {
        [0, 1..=6, ..] if ported => true,
        [0, 6, options @ ..] => OPTIONS.iter().any(|option| options.starts_with(option)) && options.ends_with(&[0]),
        _ => first.starts_with(FIRST_BLOCK) && first.len() == USUAL,
    };
    if yes { Answer::Yes } else { Answer::No }
}

fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let kind = c.u16(&OPCODE)?;
    let read = match kind {
        1 | 2 => request(c, if kind == 1 { &SOURCE } else { &DESTINATION }),
        3 => c.u16(&BLOCK).and_then(|_| c.skim(&DATA, c.remaining(), Class::Content)),
        4 => c.u16(&BLOCK).map(drop),
        5 => c.u16(&ERROR).and_then(|_| string(c, &ERROR_MESSAGE)).map(drop),
        6 => options(c),
        _ => Ok(()),
    };
    if let Err(stop) = read {
        c.stopped(&stop);
    }
    Ok(Message::new(opcode(kind.into()).unwrap_or("unknown operation")))
}

fn request(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    let file = string(c, field)?;
    c.fact(field, file);
    c.subject(&String::from_utf8_lossy(file));
    string(c, &MODE)?;
    options(c)
}

fn options(c: &mut Cursor<'_>) -> Result<(), Stop> {
    while !c.is_empty() {
        string(c, &OPTION_NAME)?;
        string(c, &OPTION_VALUE)?;
    }
    Ok(())
}

/// Text that a zero ends.
fn string<'a>(c: &mut Cursor<'a>, field: &'static Field) -> Result<&'a [u8], Stop> {
    let rest = c.rest();
    let Some(end) = rest.iter().position(|byte| *byte == 0) else {
        return Err(c.short(rest.len().saturating_add(1), Some(field)));
    };
    let text = c.bytes(field, end)?;
    c.pass(1)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::super::Side;
    use super::super::datagrams::read_alone;
    use super::*;

    #[test]
    fn a_request_names_the_file() {
        let bytes = b"\0\x01boot.bin\0octet\0tsize\x000\0";
        let (message, findings, _) = read_alone(&mut *datagrams(&PROTOCOL, message), Side::Client, bytes);
        assert_eq!((message.what, findings.subject.as_str()), ("read request", "boot.bin"));
    }

    #[test]
    fn text_without_end_stops_it() {
        for bytes in [&b"\0\x01boot.bin"[..], b"\0\x06a", b"\0\x05", b"\0\x03", b"\0"] {
            let (_, _, tree) = read_alone(&mut *datagrams(&PROTOCOL, message), Side::Client, bytes);
            assert!(tree.nodes().iter().any(|node| node.field.name == "husk.stopped"));
        }
    }
}
