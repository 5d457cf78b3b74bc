//! A file or a listing over a connection of FTP's own (RFC 959, section 5.2): nothing but its bytes, to the close. It is
//! known by what the control connection announced.

use super::{Dialogue, Extent, Message, Protocol, Read, Side, heading};
use crate::bytes::{Class, Cursor, Stop};
use crate::fields;

/// FTP Data.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("ftp-data", "FTP Data", Class::Content, "RFC 959, section 5.2"),
    fields: FIELDS,
    under: &[],
    read: Read::Dialogue { new: |_| Box::new(Transfer), probe: None },
};

fields! { class Content, "RFC 959, section 5.2";
    FILE: Bytes "husk.ftp_data.file" "File or listing";
}

/// One file.
struct Transfer;

impl Dialogue for Transfer {
    fn extent(&mut self, _: Side, _: &[u8]) -> Extent {
        Extent::Pass { class: Class::Content, length: u64::MAX, ends: true }
    }

    fn read(&mut self, _: Side, c: &mut Cursor<'_>) -> Result<Message, Stop> {
        let length = c.remaining();
        if length == 0 {
            return Ok(Message::PART);
        }
        c.group(&PROTOCOL.heading, |c| {
            if let Some(kept) = c.passed().filter(|_| c.listens()) {
                c.decoded(kept.to_vec());
            }
            c.skim(&FILE, length, Class::Content)
        })?;
        Ok(Message::new("file"))
    }

    fn stack(&self) -> Vec<&'static str> {
        vec![PROTOCOL.name()]
    }

    fn fork(&self) -> Box<dyn Dialogue> {
        Box::new(Transfer)
    }
}

#[cfg(test)]
mod tests {
    use super::super::datagrams::read_alone;
    use super::*;

    #[test]
    fn all_bytes_are_the_file() {
        assert!(matches!(Transfer.extent(Side::Server, &[]), Extent::Pass { length: u64::MAX, ends: true, .. }));
        let (message, findings, _) = read_alone(&mut Transfer, Side::Server, b"one\ntwo\n");
        assert_eq!((message.what, findings.claims.ledger.of(Class::Content)), ("file", 8));
        assert_eq!(read_alone(&mut Transfer, Side::Server, b"").0, Message::PART);
    }
}
