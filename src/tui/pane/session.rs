//! The card of a TLS session: hello beside hello, the certificate, fingerprints.

use crate::capture::Fetch;
use crate::exposure::{self, Said};
use crate::protocols::Side;
use crate::tui::eyes::Eyes;

/// One line of the card.
#[derive(Clone, Debug)]
pub(in crate::tui) enum SessionRow {
    /// What the next lines are about.
    Heading(&'static str),
    /// What both said.
    Pair(Option<Said>, Option<Said>),
    /// A value of the certificate.
    Certificate(&'static str, Said),
    /// A fingerprint.
    Fingerprint(&'static str, Side, Said),
    /// A part of it: what it is, its text before the digest, and the packet that says it.
    Part(&'static str, String, u32),
}

/// The card.
pub(in crate::tui) struct Session {
    pub(in crate::tui) rows: Vec<SessionRow>,
}

impl Session {
    /// Reads the hellos of a flow again.
    pub(in crate::tui) fn read(eyes: &Eyes, fetch: &Fetch, flow: u32) -> Result<Session, String> {
        let found = exposure::session(&eyes.trace(), fetch, flow);
        match found.map_err(|error| format!("flow {flow} cannot be read again: {error}"))? {
            Some(session) => Ok(Session { rows: rows(session) }),
            None => Err(format!("flow {flow} has no TLS hello in this capture")),
        }
    }
}

fn rows(session: exposure::Session) -> Vec<SessionRow> {
    let mut rows = Vec::new();
    for topic in session.topics {
        rows.push(SessionRow::Heading(topic.what));
        let longest = topic.client.len().max(topic.server.len());
        let (mut client, mut server) = (topic.client.into_iter(), topic.server.into_iter());
        rows.extend((0..longest).map(|_| SessionRow::Pair(client.next(), server.next())));
    }
    if !session.certificate.is_empty() {
        rows.push(SessionRow::Heading("certificate"));
        rows.extend(session.certificate.into_iter().map(|(label, said)| SessionRow::Certificate(label, said)));
    }
    if !session.fingerprints.is_empty() {
        rows.push(SessionRow::Heading("fingerprints"));
        for mark in session.fingerprints {
            let packet = mark.said.packet;
            rows.push(SessionRow::Fingerprint(mark.label, mark.side, mark.said));
            rows.extend(mark.parts.into_iter().map(|(what, text)| SessionRow::Part(what, text, packet)));
        }
    }
    rows
}

impl SessionRow {
    /// The packet that says it.
    pub(in crate::tui) fn packet(&self) -> Option<u32> {
        match self {
            SessionRow::Heading(_) => None,
            SessionRow::Pair(client, server) => client.as_ref().or(server.as_ref()).map(|said| said.packet),
            SessionRow::Certificate(_, said) | SessionRow::Fingerprint(_, _, said) => Some(said.packet),
            SessionRow::Part(_, _, packet) => Some(*packet),
        }
    }
}
