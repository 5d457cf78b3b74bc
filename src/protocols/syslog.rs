//! Syslog over UDP (RFC 5424, and as it was before, RFC 3164): what happens on a machine, told to another one in
//! clear. The text is Content.

use super::datagrams::datagrams;
use super::{Message, Protocol, Read, Under, heading};
use crate::bytes::{Class, Cursor, Field, Stop, Value};
use crate::fields;

/// Syslog.
pub static PROTOCOL: Protocol = Protocol {
    heading: heading("syslog", "Syslog Message", Class::Metadata, "RFC 5424"),
    fields: FIELDS,
    under: &[Under::Udp(514)],
    read: Read::Dialogue { new: |_| datagrams(&PROTOCOL, message), probe: None },
};

fields! { class Metadata, "RFC 5424, section 6";
    FACILITY: Number "syslog.facility" "Facility", "RFC 5424, section 6.2.1", names facility;
    LEVEL: Number "syslog.level" "Level", "RFC 5424, section 6.2.1", names level;
    MESSAGE: Text "syslog.msg" "Message", "RFC 5424, section 6.4", class Content;
    VERSION: Text "syslog.version" "Version", "RFC 5424, section 6.2.2";
    TIME: Text "husk.syslog.timestamp" "Timestamp", "RFC 5424, section 6.2.3";
    HOST: Text "husk.syslog.hostname" "Host name", "RFC 5424, section 6.2.4";
    PROGRAM: Text "husk.syslog.appname" "Program", "RFC 5424, section 6.2.5";
    PROCESS: Text "husk.syslog.procid" "Process", "RFC 5424, section 6.2.6";
    KIND: Text "husk.syslog.msgid" "Message ID", "RFC 5424, section 6.2.7";
}

const LEVELS: [&str; 8] = ["emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"];

fn level(number: u64) -> Option<&'static str> {
    LEVELS.get(usize::try_from(number).ok()?).copied()
}

fn facility(number: u64) -> Option<&'static str> {
    [
        "kernel", "user", "mail", "daemon", "authorization", "syslog", "printer", "news", "uucp", "clock",
        "private authorization", "ftp", "ntp", "audit", "alert", "clock 2", "local 0", "local 1", "local 2", "local 3",
        "local 4", "local 5", "local 6", "local 7",
    ]
    .get(usize::try_from(number).ok()?)
    .copied()
}

fn message(c: &mut Cursor<'_>) -> Result<Message, Stop> {
    let what = match priority(c.rest()) {
        Some((size, number)) => {
            c.pass(size)?;
            c.part(&FACILITY, Value::Number(u64::from(number >> 3)));
            c.part(&LEVEL, Value::Number(u64::from(number & 7)));
            level(u64::from(number & 7)).unwrap_or("message")
        }
        None => "message",
    };
    header_notes(c);
    // Some senders end the text with a zero.
    let text = c.rest().iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    if text > 0 {
        c.skim(&MESSAGE, text, Class::Content)?;
    }
    c.pass_rest(Class::Padding);
    Ok(Message::new(what))
}

/// `<165>`: how many octets, and the number.
fn priority(message: &[u8]) -> Option<(usize, u16)> {
    let digits = message.strip_prefix(b"<")?;
    let end = digits.iter().take(4).position(|byte| *byte == b'>')?;
    let number = std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()?;
    Some((end.saturating_add(2), number))
}

/// The words of RFC 5424's header, which are part of the message for those who read it as one text; who wrote
/// it is a fact.
fn header_notes(c: &mut Cursor<'_>) {
    const ABSENT: &[u8] = b"-";
    let text = c.rest();
    if !text.starts_with(b"1 ") {
        return;
    }
    let fields: [(&'static Field, bool); 6] =
        [(&VERSION, false), (&TIME, false), (&HOST, true), (&PROGRAM, true), (&PROCESS, false), (&KIND, false)];
    let mut start = c.offset();
    for (word, (field, told)) in text.split(|byte| *byte == b' ').zip(fields) {
        let end = start.saturating_add(word.len() as u32);
        if word != ABSENT {
            c.note(field, Value::Span, start, end);
            if told {
                c.fact_at(field, word, start, end, crate::bytes::Confidence::Certain);
                c.subject(&String::from_utf8_lossy(word));
            }
        }
        start = end.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Side;
    use super::super::datagrams::read_alone;
    use super::*;

    fn read(bytes: &[u8]) -> (Message, crate::bytes::Findings) {
        let (message, findings, _) = read_alone(&mut *datagrams(&PROTOCOL, message), Side::Client, bytes);
        (message, findings)
    }

    #[test]
    fn who_wrote_it_is_told() {
        let (message, findings) = read(b"<165>1 2003-10-11T22:14:15.003Z host.example app - ID47 - text");
        assert_eq!((message.what, findings.subject.as_str()), ("notice", "host.example app"));
        assert!(findings.claims.ledger.of(Class::Content) > 0);
    }

    #[test]
    fn what_has_no_priority_is_text() {
        for bytes in [&b"X"[..], b"<", b"<>x", b"<99999>x", b"<-1>x", b"<12", b"<1>", b"1 "] {
            let (_, findings) = read(bytes);
            assert_eq!(findings.claims.ledger.total(), bytes.len() as u64);
        }
    }
}
