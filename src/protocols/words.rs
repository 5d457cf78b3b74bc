//! The words that protocols share: what a protocol is, what headers hand upwards, how messages are cut.

use crate::bytes::{Class, Cursor, Field, Kind, Pairing, Stop, hexadecimal};

/// One protocol: its fields, where it is found, and how it is read. One `static` in one file.
#[derive(Debug)]
pub struct Protocol {
    /// Its heading in the tree; the heading's name is the protocol's.
    pub heading: Field,
    /// All fields that it declares.
    pub fields: &'static [&'static Field],
    /// Below which numbers of lower layers it is found.
    pub under: &'static [Under],
    /// How it is read.
    pub read: Read,
}

impl Protocol {
    /// The protocol's name: Wireshark's filter name.
    pub const fn name(&self) -> &'static str {
        self.heading.name
    }
}

impl PartialEq for Protocol {
    /// Each protocol exists once.
    fn eq(&self, other: &Protocol) -> bool {
        std::ptr::eq(self, other)
    }
}

/// A protocol's heading: its name, what people call it, the class of its bytes, its document.
pub const fn heading(name: &'static str, label: &'static str, class: Class, source: &'static str) -> Field {
    Field { name, label, kind: Kind::Group, class, source, names: None }
}

/// The fields of a protocol that is written in two files, in one list. `N` must be the sum of both lengths.
#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // evaluated by the compiler: a wrong `N` does not build
pub(super) const fn join<const N: usize>(first: &[&'static Field], second: &[&'static Field]) -> [&'static Field; N] {
    let mut joined = [first[0]; N];
    let mut at = 0;
    while at < N {
        joined[at] = if at < first.len() { first[at] } else { second[at - first.len()] };
        at += 1;
    }
    joined
}

/// The name of an IP protocol number (IANA).
pub(super) fn ip_number_name(number: u64) -> Option<&'static str> {
    etherparse::IpNumber(u8::try_from(number).ok()?).keyword_str()
}

/// A number by which a lower layer names what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    /// A link type of capture files (LINKTYPE_).
    Link(u32),
    /// An EtherType.
    EtherType(u16),
    /// An 802.2 service access point (DSAP).
    Sap(u8),
    /// A PPP protocol number.
    Ppp(u16),
    /// An IP protocol number.
    Ip(u8),
    /// A UDP port.
    Udp(u16),
    /// A TCP port; what is found below it runs over SCTP's, too.
    Tcp(u16),
}

/// How a protocol is read.
#[derive(Clone, Copy)]
pub enum Read {
    /// A header: read within its packet, once, without state.
    Header(fn(&mut Cursor<'_>, &mut Outline) -> Result<Next, Stop>),
    /// A header found by port above a transport, which must accept the payload first: the port alone does not tell.
    Tunnel {
        /// Whether the payload begins like one.
        accepts: fn(&[u8]) -> bool,
        /// Reads it.
        read: fn(&mut Cursor<'_>, &mut Outline) -> Result<Next, Stop>,
    },
    /// Noted by the pass itself, from the circumstances of a packet; no bytes of its own.
    Noted,
    /// Messages over a flow: a state for each flow.
    Dialogue {
        /// Makes the state for a new flow.
        new: fn(&Start) -> Box<dyn Dialogue>,
        /// Tells by content whether a flow speaks this protocol.
        probe: Option<Probe>,
    },
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Read::Header(_) => "Header",
            Read::Tunnel { .. } => "Tunnel",
            Read::Noted => "Noted",
            Read::Dialogue { .. } => "Dialogue",
        })
    }
}

/// What comes behind a header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Next {
    /// Nothing that this header names; what is left is Unknown.
    End,
    /// A frame of this link type.
    Link(u32),
    /// What this EtherType names.
    EtherType(u16),
    /// What this service access point names.
    Sap(u8),
    /// What this PPP number names.
    Ppp(u16),
    /// What this IP number names.
    Ip(u8),
    /// A fragment of an IP datagram: read on when the datagram is whole.
    Fragment,
    /// The beginning of another packet that this one complains about (ICMP errors): an EtherType.
    Quoted(u16),
    /// The payload of a transport: a header found by port, or a flow's messages.
    Payload(Transport),
    /// This very protocol.
    Protocol(&'static Protocol),
}

/// A transport protocol with ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Transport {
    /// Transmission Control Protocol.
    Tcp,
    /// User Datagram Protocol (and UDP-Lite).
    Udp,
    /// Stream Control Transmission Protocol.
    Sctp,
}

/// Source and destination, as one IP header gives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Addresses {
    /// IPv4: source, destination.
    V4([u8; 4], [u8; 4]),
    /// IPv6: source, destination.
    V6([u8; 16], [u8; 16]),
}

impl Addresses {
    /// The source.
    pub fn source(&self) -> std::net::IpAddr {
        match self {
            Addresses::V4(source, _) => (*source).into(),
            Addresses::V6(source, _) => (*source).into(),
        }
    }

    /// The destination.
    pub fn destination(&self) -> std::net::IpAddr {
        match self {
            Addresses::V4(_, destination) => (*destination).into(),
            Addresses::V6(_, destination) => (*destination).into(),
        }
    }
}

/// Two endpoints as one set of headers names them. Tunnels nest them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Endpoints {
    /// Network addresses.
    pub addresses: Addresses,
    /// IP protocol number of what the network layer carries (behind extension headers).
    pub ip_number: u8,
    /// Source and destination port, if the transport has some.
    pub ports: Option<(u16, u16)>,
    /// Everything outside that tells flows apart (VLAN, tunnel id), mixed into one number.
    pub context: u64,
}

/// What the flow layer needs of a TCP header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpOutline {
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgment number.
    pub ack: u32,
    /// The low 12 bits of bytes 12 and 13: reserved, accurate ECN, CWR to FIN.
    pub flags: u16,
    /// Window as it stands in the header.
    pub window: u16,
    /// Window scale option, if present.
    pub window_scale: Option<u8>,
    /// Maximum segment size option, if present.
    pub mss: Option<u16>,
    /// Timestamp value and echo reply, if present.
    pub timestamps: Option<(u32, u32)>,
    /// Number of SACK blocks in `sack`.
    pub sack_blocks: u8,
    /// Left and right edges of the SACK blocks; an option list has room for four.
    pub sack: [(u32, u32); 4],
    /// Length of the segment's data on the wire; unknown if the data offset points beyond the segment.
    pub length: Option<u32>,
}

impl TcpOutline {
    /// FIN flag.
    pub const FIN: u16 = 0x01;
    /// SYN flag.
    pub const SYN: u16 = 0x02;
    /// RST flag.
    pub const RST: u16 = 0x04;
    /// PSH flag.
    pub const PSH: u16 = 0x08;
    /// ACK flag.
    pub const ACK: u16 = 0x10;
    /// URG flag.
    pub const URG: u16 = 0x20;

    /// The names of the flags that are set, as they stand in the header from its end on (RFC 9293, section 3.1).
    pub fn flag_names(flags: u16) -> impl Iterator<Item = &'static str> {
        const NAMES: [&str; 9] = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"];
        NAMES.into_iter().enumerate().filter(move |(bit, _)| flags & (1 << bit) != 0).map(|(_, name)| name)
    }

    /// Whether all of `flags` are set.
    pub const fn has(&self, flags: u16) -> bool {
        self.flags & flags == flags
    }
}

/// What defragmentation needs of an IP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Identification (16 bits for IPv4, 32 for IPv6).
    pub id: u32,
    /// Offset of this fragment in the datagram's payload, bytes.
    pub offset: u32,
    /// Whether more fragments follow.
    pub more: bool,
    /// What the whole datagram carries.
    pub next: u8,
}

/// The fields that tell how a datagram was put together; one version of IP has one of these.
#[derive(Debug)]
pub struct Reassembly {
    /// A packet that carried a fragment.
    pub fragment: &'static Field,
    /// A packet whose fragment contradicts the others.
    pub error: &'static Field,
    /// A fragment brought bytes for a place that others had brought before.
    pub overlap: &'static Field,
    /// It brought other bytes.
    pub conflict: &'static Field,
    /// How many fragments.
    pub count: &'static Field,
    /// Bytes of the whole payload.
    pub length: &'static Field,
}

/// A frame that knows where its payload ends only when the payload has said how long it is: what lies beyond is
/// padding, a trailer, a frame check sequence.
#[derive(Clone, Copy, Debug)]
pub struct Framing {
    /// Bytes of frame check sequence at the end, if that is known.
    pub fcs_length: Option<u8>,
    /// The field of a trailer that is neither padding nor check sequence.
    pub trailer: &'static Field,
    /// Depth of its fields in the tree.
    pub depth: u8,
}

/// What an ICMP error says of the packet that it quotes.
#[derive(Clone, Copy, Debug)]
pub struct Complaint {
    /// The field that says it, and its value.
    pub field: &'static Field,
    /// In words.
    pub what: &'static str,
    /// Where that stands in the packet.
    pub at: (u32, u32),
}

/// A message that a header is, to others on the link: ARP's, and those of neighbour discovery.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// What it is: `request`, `Neighbor Advertisement`.
    pub what: &'static str,
    /// Whether it asks or answers.
    pub pairing: Option<Pairing>,
    /// The address that it is about.
    pub about: Option<std::net::IpAddr>,
    /// The link address that it says is behind that one.
    pub at: Option<[u8; 6]>,
    /// Where it stands in the packet.
    pub place: (u32, u32),
}

impl Said {
    /// What it is about, in a few words.
    pub fn tell(&self, words: &mut String) {
        use std::fmt::Write as _;
        // Writing to a string does not fail.
        let _ = match (self.about, self.at) {
            (Some(about), Some(at)) => write!(words, "{about} at {}", hexadecimal(&at, ":")),
            (Some(about), None) => write!(words, "{about}"),
            (None, Some(at)) => write!(words, "{}", hexadecimal(&at, ":")),
            (None, None) => Ok(()),
        };
    }
}

/// User data that one DATA chunk of SCTP carries (RFC 9260, section 3.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UserData {
    /// Where it begins, counted from the payload's first byte.
    pub start: u32,
    /// One past its last byte.
    pub end: u32,
    /// Bytes of it that were on the wire and not captured.
    pub cut: u32,
    /// Its transmission sequence number.
    pub tsn: u32,
}

/// The few values that headers hand upwards.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// The kind of link-layer header that the packet begins with (LINKTYPE_).
    pub link_type: u32,
    /// Bytes of the whole packet on the wire.
    pub wire_length: u32,
    /// Bytes of frame check sequence at the end of the packet, if the capture says.
    pub fcs_length: Option<u8>,
    /// Whether the 802.11 header is filled up to a multiple of four bytes, as the radio says.
    pub aligned: bool,
    /// The frame right around the layer that is being read.
    pub around: Option<Framing>,
    /// The frame whose payload comes next.
    pub framing: Option<Framing>,
    /// Protocols met, outermost first, as places in THE LIST.
    pub layers: smallvec::SmallVec<[u8; 8]>,
    /// VLAN and tunnel ids met so far, mixed; becomes part of the next endpoints.
    pub context: u64,
    /// The innermost endpoints.
    pub endpoints: Option<Endpoints>,
    /// The endpoints outside the innermost ones (tunnels), outermost first.
    pub outer: smallvec::SmallVec<[Endpoints; 1]>,
    /// The innermost transport, once its header was read.
    pub transport: Option<Transport>,
    /// TCP numbers of the innermost header.
    pub tcp: Option<TcpOutline>,
    /// What SCTP's DATA chunks carry, in the order of the chunks.
    pub user_data: smallvec::SmallVec<[UserData; 1]>,
    /// The datagram that this packet is a fragment of.
    pub fragment: Option<Fragment>,
    /// Payload that flows read: where it lies in the source it was read from.
    pub payload: std::ops::Range<u32>,
    /// How long the payload was on the wire, by the headers; more than `payload` if the packet was cut.
    pub payload_length: u32,
    /// Bytes that the innermost network header promised and the capture does not hold.
    pub missing: u32,
    /// The endpoints of the packet that an ICMP error quotes, if enough of it is there to tell its stream.
    pub quoted: Option<Endpoints>,
    /// What is said of that packet.
    pub complaint: Option<Complaint>,
    /// What the last header says to others on the link.
    pub said: Option<Said>,
    /// Why reading the headers stopped, if it did.
    pub stop: Option<Stop>,
}

impl Outline {
    /// Becomes the outline of a packet of which no more is known than what the capture says: kind of link, bytes on the
    /// wire, bytes of frame check sequence.
    #[inline]
    pub fn begin(&mut self, link_type: u32, wire_length: u32, fcs_length: Option<u8>) {
        let Outline {
            aligned,
            around,
            framing,
            layers,
            context,
            endpoints,
            outer,
            transport,
            tcp,
            fragment,
            payload,
            payload_length,
            missing,
            quoted,
            complaint,
            said,
            stop,
            user_data,
            link_type: link,
            wire_length: length,
            fcs_length: fcs,
        } = self;
        (*aligned, *context, *payload_length, *missing) = (false, 0, 0, 0);
        (*around, *framing, *endpoints, *transport, *tcp) = (None, None, None, None, None);
        (*fragment, *quoted, *complaint, *said, *stop) = (None, None, None, None, None);
        *payload = 0..0;
        layers.clear();
        outer.clear();
        user_data.clear();
        (*link, *length, *fcs) = (link_type, wire_length, fcs_length);
    }

    /// A network header was read: what was innermost becomes an outer pair of endpoints.
    pub fn network(&mut self, addresses: Addresses, ip_number: u8) {
        const DEEPEST: usize = 8;
        if let Some(outer) = self.endpoints.take()
            && self.outer.len() < DEEPEST
        {
            self.outer.push(outer);
        }
        self.transport = None;
        self.tcp = None;
        self.user_data.clear();
        self.endpoints = Some(Endpoints { addresses, ip_number, ports: None, context: self.context });
    }

    /// An extension header was read: what the innermost network header carries is behind it.
    pub fn carries(&mut self, ip_number: u8) {
        if let Some(endpoints) = &mut self.endpoints {
            endpoints.ip_number = ip_number;
        }
    }

    /// A transport header was read.
    pub fn transport(&mut self, transport: Transport, ports: (u16, u16)) {
        self.transport = Some(transport);
        if let Some(endpoints) = &mut self.endpoints {
            endpoints.ports = Some(ports);
        }
    }

    /// A number that tells flows apart (a VLAN id, a tunnel id) was read.
    pub fn tells_apart(&mut self, kind: &'static Field, number: u64) {
        // Mixing only has to keep different nestings different; it is no defence, the flow table's hash is.
        let name = kind.name.len() as u64;
        self.context = (self.context.rotate_left(17) ^ number ^ name << 56).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Which of a flow's two endpoints sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Side {
    /// The one that opened the flow, as far as can be told.
    Client,
    /// The other one.
    Server,
}

impl Side {
    /// The other side.
    #[must_use]
    pub const fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }

    /// 0 for the client, 1 for the server.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Lower-case name, as in JSON lines.
    pub const fn name(self) -> &'static str {
        match self {
            Side::Client => "client",
            Side::Server => "server",
        }
    }
}

/// What a dialogue knows when it begins.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// The transport below.
    pub transport: Transport,
    /// The client's port.
    pub client_port: u16,
    /// The server's port.
    pub server_port: u16,
}

impl Start {
    /// Whether bytes come as a stream. SCTP's user data is read as one, too: what runs over both says itself where a
    /// message ends.
    pub fn is_stream(&self) -> bool {
        self.transport != Transport::Udp
    }
}

/// How far the next message reaches in what has arrived of one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// The message is the first `n` bytes, and they are here; or they are its last part.
    Whole(usize),
    /// The first `n` bytes are a part of a message that goes on behind them: they are read now, and what is noted of
    /// them waits for the packet that completes the message.
    Part(usize),
    /// Cannot be told, or is not all here: ask again when at least `n` bytes have arrived.
    Needs(usize),
    /// The message is `total` bytes long, of which only the first `head` need be seen.
    Skip {
        /// Bytes to be kept for reading.
        head: usize,
        /// The whole message.
        total: usize,
    },
    /// The next `length` bytes are of this class (a body): they are claimed as they come, and nobody has to see them.
    Pass {
        /// What they are.
        class: Class,
        /// How many; `u64::MAX` for all that follows.
        length: u64,
        /// Whether the message ends with them: then `read` is called when the last of them has passed, and claims
        /// nothing.
        ends: bool,
    },
    /// Context is lost: the first `n` bytes are Unknown; ask again behind them.
    Lost(usize),
}

/// What is spoken behind a message.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Then {
    /// The same as before.
    #[default]
    Same,
    /// Another protocol (an upgrade, STARTTLS).
    Protocol(&'static Protocol),
    /// Something that its first bytes will tell (a tunnel).
    Anew,
    /// Another connection, which this one carries from here on (SOCKS): its first bytes will tell what it speaks, and
    /// it is counted among those of its transport.
    Carried,
}

/// One message, as the dialogue that read it sums it up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Message {
    /// What it is: `ClientHello`, `query`, `sealed`. Nothing for a part that belongs to the row of a later one.
    pub what: &'static str,
    /// What is spoken from here on.
    pub then: Then,
}

impl Message {
    /// A part that has no row of its own.
    pub const PART: Message = Message::new("");

    /// A message after which the same protocol goes on.
    pub const fn new(what: &'static str) -> Message {
        Message { what, then: Then::Same }
    }
}

/// The state of one protocol within one flow. One driver in `flow` serves them all.
pub trait Dialogue: Send + Sync {
    /// How far the next message of `side` reaches in what has `arrived` of it (empty only if the side has closed
    /// behind a part of a message). Over datagrams this is not asked: a datagram is a message.
    ///
    /// The answer must hold however much more arrives: how a stream was cut into segments must not be seen in what is
    /// read. So where what has arrived ends is no evidence; what cannot be told yet is [`Extent::Needs`].
    /// `tests/it/cuts.rs` holds every protocol to it.
    fn extent(&mut self, side: Side, arrived: &[u8]) -> Extent;

    /// The same when no more can come, for the side's stream ends here or a gap does: here alone the end is
    /// evidence. What stays unused is read as a message that was cut.
    fn extent_at_end(&mut self, side: Side, arrived: &[u8]) -> Extent {
        self.extent(side, arrived)
    }

    /// Reads one whole message: claims classes, notes fields if a tree listens, states facts, moves the
    /// state on. What it leaves is Unknown.
    fn read(&mut self, side: Side, c: &mut Cursor<'_>) -> Result<Message, Stop>;

    /// Bytes of `side` are missing here, outside of a message that was being skipped.
    fn lost(&mut self, side: Side) {
        let _ = side;
    }

    /// What is spoken, outermost first, as far as is known: `["tls1.3", "h2"]`.
    fn stack(&self) -> Vec<&'static str>;

    /// What is remarkable of the conversation as a whole, in words (not escaped): resumed, refused.
    fn remarks(&self) -> Vec<String> {
        Vec::new()
    }

    /// A copy, to go on from here another time.
    fn fork(&self) -> Box<dyn Dialogue>;
}

/// Whether a flow speaks a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Certainly, or as good as.
    Yes,
    /// Certainly not.
    No,
    /// More bytes will tell.
    More,
}

/// Tells from the ports and the first bytes of one side. Over a stream `Yes` and `No` must hold for whatever
/// follows: of fewer bytes than tell, the answer is `More`.
pub type Probe = fn(start: &Start, side: Side, first: &[u8]) -> Answer;

/// How a conversation turns to a protocol: by what a side says when its turn comes. (A protocol that is read mostly says
/// by [`Message::then`] what follows.)
#[derive(Debug)]
pub struct Opening {
    /// The protocol.
    pub protocol: &'static Protocol,
    /// Where it begins in these bytes. It has to be certain, for bytes of every kind are shown.
    pub find: fn(&[u8]) -> Found,
}

/// Whether something begins. As with a [`Probe`], `At` and `Nowhere` must hold for whatever follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// At this byte.
    At(usize),
    /// More bytes will tell.
    Maybe,
    /// Not here.
    Nowhere,
}
