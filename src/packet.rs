//! One packet: its headers, peeled in one bounded loop.
//!
//! ```text
//! link type ─► header ─► number of the next ─► header ─► ... ─► payload (flows read it) or Unknown
//! ```
//!
//! What the headers hand upwards is the [`Outline`]; every byte is claimed on the way.

use crate::bytes::{Class, Cursor, Derived, Findings, Piece, Stop, Tree, Why};
use crate::protocols::{self, NONE, Next, Outline, Protocol, Read, Transport, Under};

/// Layers in one packet. Real tunnels nest five or six; each layer is at least one byte, so this bounds time.
pub const MOST_LAYERS: usize = 32;

/// Reads the headers of a packet. Claims every byte: payload that flows read is claimed as Unknown and
/// moved when a message was read. Notes fields if a tree listens.
pub fn walk(link_type: u32, bytes: &[u8], findings: &mut Findings, tree: Option<&mut Tree>) -> Outline {
    let mut outline = Outline::default();
    let mut c = Cursor::new(bytes, 0, 0, findings, tree);
    peel(Next::Link(link_type), &mut c, &mut outline);
    outline
}

/// Goes on with an IP datagram that was put together from fragments. Its bytes are a derived source;
/// claims count from its first byte, and the caller moves them to the packets that carried them.
pub fn resume(
    next: Next,
    datagram: &[u8],
    origins: &[Piece],
    outline: &mut Outline,
    findings: &mut Findings,
    mut tree: Option<&mut Tree>,
) {
    let source = tree.as_deref_mut().map_or(0, |tree| {
        tree.derive(Derived { label: "IP datagram", bytes: datagram.to_vec(), origins: origins.to_vec() })
    });
    outline.fragment = None;
    let depth = outline.layers.len() as u8;
    let mut c = Cursor::new(datagram, 0, source, findings, tree).with_origins(origins).with_depth(depth);
    peel(next, &mut c, outline);
}

fn peel(first: Next, c: &mut Cursor<'_>, outline: &mut Outline) {
    let mut next = first;
    let mut quoted: Option<Outline> = None;
    for _ in 0..MOST_LAYERS {
        let Some((place, protocol)) = find(next, quoted.as_ref().unwrap_or(outline)) else { break };
        let Read::Header(read) = protocol.read else { break };
        let target = quoted.as_mut().unwrap_or(outline);
        target.layers.push(place);
        c.class(protocol.heading.class);
        // Each layer stands one level deeper than the one around it, so headings stay open to the end.
        let heading = c.open(&protocol.heading);
        let read = read(c, target);
        c.end(heading);
        next = match read {
            Ok(Next::Quoted(ether_type)) if quoted.is_none() => {
                quoted = Some(Outline::default());
                Next::EtherType(ether_type)
            }
            Ok(next) => next,
            Err(stop) => {
                c.stopped(&stop);
                outline.stop = Some(stop);
                break;
            }
        };
    }
    finish(next, c, outline, quoted);
}

/// What is left is payload of a flow, or Unknown.
fn finish(next: Next, c: &mut Cursor<'_>, outline: &mut Outline, quoted: Option<Outline>) {
    let start = c.offset();
    c.pass_rest(Class::Unknown);
    match quoted {
        Some(quoted) => {
            outline.quoted = quoted.endpoints;
            outline.layers.extend(quoted.layers);
        }
        None if matches!(next, Next::Payload(_) | Next::Fragment) && outline.stop.is_none() => {
            outline.payload = start..c.offset();
        }
        None => {}
    }
    if outline.layers.len() >= MOST_LAYERS && outline.stop.is_none() {
        let why = Why::Limit("layers in one packet");
        outline.stop = Some(Stop { why, field: None, at: start, needed: 0, available: c.offset() - start });
    }
}

/// The protocol that comes next, if it is a header.
#[inline]
fn find(next: Next, outline: &Outline) -> Option<(u8, &'static Protocol)> {
    let finder = protocols::finder();
    let place = match next {
        Next::End | Next::Fragment | Next::Quoted(_) => NONE,
        Next::Link(number) => finder.place(Under::Link(number)),
        Next::EtherType(number) => finder.place(Under::EtherType(number)),
        Next::Sap(number) => finder.place(Under::Sap(number)),
        Next::Ppp(number) => finder.place(Under::Ppp(number)),
        Next::Ip(number) => finder.place(Under::Ip(number)),
        Next::Protocol(protocol) => protocols::place(protocol),
        Next::Payload(Transport::Udp) => {
            let (source, destination) = outline.endpoints.and_then(|ends| ends.ports)?;
            match finder.place(Under::Udp(destination)) {
                NONE => finder.place(Under::Udp(source)),
                place => place,
            }
        }
        Next::Payload(_) => NONE,
    };
    protocols::at(place).map(|protocol| (place, protocol)).filter(|(_, p)| matches!(p.read, Read::Header(_)))
}
