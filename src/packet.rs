//! One packet: its headers, peeled in one bounded loop.
//!
//! ```text
//! link type ─► header ─► number of the next ─► header ─► ... ─► payload (flows read it) or Unknown
//! ```
//!
//! What the headers hand upwards is the [`Outline`]; every byte is claimed on the way.

use smallvec::SmallVec;

mod plain;

use crate::bytes::{Class, Cursor, Derived, Findings, Piece, Stop, Tree, Why};
use crate::capture::Interface;
use crate::protocols::{
    self, Answer, Framing, NONE, Next, Outline, Protocol, Read, Side, Start, Transport, Under, ethernet,
};

/// Layers in one packet. Real tunnels nest five or six, but IPv6 sets no bound on a chain of extension headers
/// (RFC 8200, section 4.1). A layer may pass no byte, so this bounds time.
pub const MOST_LAYERS: usize = 128;

/// Trailers that wait, each with its frame, and the positions of its first byte and its end.
type Trailers = SmallVec<[(Framing, (usize, usize)); 2]>;

/// What the capture says of a packet's frame.
#[derive(Clone, Copy, Debug, Default)]
pub struct Frame {
    /// The kind of link-layer header (LINKTYPE_).
    pub link_type: u32,
    /// Bytes on the wire.
    pub length: u32,
    /// Bytes of frame check sequence at the end, if the capture says.
    pub fcs_length: Option<u8>,
}

impl Frame {
    /// A packet of `length` bytes on the wire that was captured on `interface`.
    pub fn on(interface: Option<&Interface>, length: u32) -> Frame {
        let (link_type, fcs_length) =
            interface.map_or((NO_LINK_TYPE, None), |interface| (interface.link_type, interface.fcs_length));
        Frame { link_type, length, fcs_length }
    }
}

/// No link type: nothing is found under it.
const NO_LINK_TYPE: u32 = u32::MAX;

/// Reads the headers of a packet. Claims every byte: payload that flows read is claimed as Unknown and
/// moved when a message was read. Notes fields if a tree listens.
pub fn walk(frame: Frame, bytes: &[u8], findings: &mut Findings, tree: Option<&mut Tree>) -> Outline {
    let mut outline = Outline::default();
    walk_into(&mut outline, frame, bytes, findings, tree);
    outline
}

/// The same; `outline` becomes the packet's, whatever it was.
#[inline]
pub fn walk_into(
    outline: &mut Outline,
    frame: Frame,
    bytes: &[u8],
    findings: &mut Findings,
    mut tree: Option<&mut Tree>,
) {
    outline.begin(frame.link_type, frame.length, frame.fcs_length);
    let unheard = tree.as_deref_mut().is_none_or(|tree| tree.skips(plain::fields()));
    if !unheard || !plain::read(&frame, bytes, findings, outline) {
        peel_all(outline, bytes, findings, tree);
    }
}

/// Reads the headers of a packet layer by layer.
fn peel_all(outline: &mut Outline, bytes: &[u8], findings: &mut Findings, tree: Option<&mut Tree>) {
    let mut c = Cursor::new(bytes, 0, 0, findings, tree);
    peel(Next::Link(outline.link_type), &mut c, outline);
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
    let mut trailers = Trailers::new();
    for _ in 0..MOST_LAYERS {
        let Some((place, protocol)) = find(next, c, quoted.as_ref().unwrap_or(outline)) else { break };
        let (Read::Header(read) | Read::Tunnel { read, .. }) = protocol.read else { break };
        let target = quoted.as_mut().unwrap_or(outline);
        target.around = target.framing.take();
        c.framed(target.around.is_some());
        target.layers.push(place);
        c.class(protocol.heading.class);
        // Each layer stands one level deeper than the one around it, so headings stay open to the end.
        let heading = c.open(&protocol.heading);
        let read = read(c, target);
        c.end(heading);
        keep_trailer(target, c, &mut trailers);
        next = match read {
            Ok(Next::Quoted(ether_type)) if quoted.is_none() => {
                quoted = Some(Outline::default());
                Next::EtherType(ether_type)
            }
            Ok(next) => next,
            // Only the beginning of a packet is quoted: that it ends early says nothing.
            Err(stop) if quoted.is_some() && stop.why == Why::Short => break,
            Err(stop) => {
                c.stopped(&stop);
                outline.stop = Some(stop);
                break;
            }
        };
    }
    finish(next, c, outline, quoted);
    for (framing, range) in trailers {
        c.trailer(range, framing.depth, |c| ethernet::trailer(c, &framing, outline.wire_length));
    }
}

/// The layer read last has shown where a frame ends, its own (an 802.3 length) or the one around it (an IP length):
/// what lies beyond is read behind all headers, so that in the tree it stands behind them, too.
#[inline]
fn keep_trailer(outline: &mut Outline, c: &mut Cursor<'_>, trailers: &mut Trailers) {
    if let Some(range) = c.beyond()
        && let Some(framing) = outline.framing.take().or(outline.around)
    {
        trailers.push((framing, range));
    }
}

/// The message in a quoted packet, as far as it is quoted. It belongs to no flow and ends where it ends, but
/// who reads the complaint reads it, too. A segment may stand anywhere in its stream, so it has to begin like a message.
fn quoted_message(c: &mut Cursor<'_>, quoted: &Outline, transport: Transport) {
    let Some((source, destination)) = quoted.endpoints.and_then(|ends| ends.ports) else { return };
    let finder = protocols::finder();
    let under = |port| if transport == Transport::Udp { Under::Udp(port) } else { Under::Tcp(port) };
    let by_port = [source.min(destination), source.max(destination)].map(|port| finder.place(under(port)));
    let Some(protocol) = by_port.into_iter().find_map(protocols::at) else { return };
    let Read::Dialogue { new, probe } = protocol.read else { return };
    let start = Start { transport, client_port: source, server_port: destination };
    if transport == Transport::Tcp && probe.is_none_or(|probe| probe(&start, Side::Client, c.rest()) != Answer::Yes) {
        return;
    }
    if let Err(stop) = new(&start).read(Side::Client, c) {
        c.stopped(&stop);
    }
}

/// What is left is payload of a flow, or Unknown.
fn finish(next: Next, c: &mut Cursor<'_>, outline: &mut Outline, quoted: Option<Outline>) {
    let start = c.offset();
    if let (Some(quoted), Next::Payload(transport)) = (quoted.as_ref(), next) {
        quoted_message(c, quoted, transport);
    }
    c.pass_rest(Class::Unknown);
    match quoted {
        Some(quoted) => {
            // As in tshark, a TCP header that is cut before its numbers is not counted as part of a stream.
            let counted = quoted.tcp.is_some() || quoted.transport != Some(Transport::Tcp);
            outline.quoted = quoted.endpoints.filter(|_| counted);
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
fn find(next: Next, c: &Cursor<'_>, outline: &Outline) -> Option<(u8, &'static Protocol)> {
    let finder = protocols::finder();
    let place = match next {
        Next::End | Next::Fragment | Next::Quoted(_) => NONE,
        Next::Link(number) => finder.place(Under::Link(number)),
        Next::EtherType(number) => finder.place(Under::EtherType(number)),
        Next::Sap(number) => finder.place(Under::Sap(number)),
        Next::Ppp(number) => finder.place(Under::Ppp(number)),
        Next::Ip(number) => finder.place(Under::Ip(number)),
        Next::Protocol(protocol) => protocols::place(protocol),
        Next::Payload(Transport::Udp) => return tunnel(c, outline),
        Next::Payload(_) => NONE,
    };
    protocols::at(place)
        .map(|protocol| (place, protocol))
        .filter(|(_, p)| matches!(p.read, Read::Header(_) | Read::Tunnel { .. }))
}

/// The tunnel that a UDP payload is, by the lower port first, as the well-known one.
fn tunnel(c: &Cursor<'_>, outline: &Outline) -> Option<(u8, &'static Protocol)> {
    let (source, destination) = outline.endpoints.and_then(|ends| ends.ports)?;
    [source.min(destination), source.max(destination)].into_iter().find_map(|port| {
        let place = protocols::finder().udp_tunnel(port);
        let protocol = protocols::at(place)?;
        match protocol.read {
            Read::Tunnel { accepts, .. } if accepts(c.rest()) => Some((place, protocol)),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests;
