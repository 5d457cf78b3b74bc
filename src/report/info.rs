//! What a packet is about, in a few words: its messages, or else what its uppermost header says.

use std::fmt::Write as _;

use crate::bytes::{Field, Node, Tree, Value, escape_bytes};
use crate::flow::MessageRow;
use crate::protocols::{self, Outline, Read, TcpOutline};
use crate::trace::Trace;

/// The fields that `info` looks at, as far as protocols declare them. One table, so that a tree need keep no other.
const WANTED: &[&str] = &[
    "arp.dst.proto_ipv4",
    "arp.opcode",
    "arp.src.hw_mac",
    "arp.src.proto_ipv4",
    "eth.dst",
    "eth.src",
    "eth.type",
    "husk.icmp.meaning",
    "husk.icmpv6.meaning",
    "icmp.ident",
    "icmp.seq",
    "icmp.type",
    "icmpv6.echo.identifier",
    "icmpv6.echo.sequence_number",
    "icmpv6.nd.na.flag.o",
    "icmpv6.nd.na.flag.r",
    "icmpv6.nd.na.flag.s",
    "icmpv6.nd.na.target_address",
    "icmpv6.nd.ns.target_address",
    "icmpv6.opt.linkaddr",
    "icmpv6.type",
    "igmp.type",
    "ip.proto",
    "ip.ttl",
    "ipv6.hlim",
    "ipv6.nxt",
    "sll.src.eth",
    "tcp.ack",
    "tcp.analysis.duplicate_ack",
    "tcp.analysis.fast_retransmission",
    "tcp.analysis.keep_alive",
    "tcp.analysis.keep_alive_ack",
    "tcp.analysis.lost_segment",
    "tcp.analysis.out_of_order",
    "tcp.analysis.retransmission",
    "tcp.analysis.spurious_retransmission",
    "tcp.analysis.window_full",
    "tcp.analysis.window_update",
    "tcp.analysis.zero_window",
    "tcp.len",
    "tcp.options.mss_val",
    "tcp.options.sack_le",
    "tcp.options.sack_perm",
    "tcp.options.sack_re",
    "tcp.options.timestamp.tsecr",
    "tcp.options.timestamp.tsval",
    "tcp.options.wscale.multiplier",
    "tcp.seq",
    "tcp.window_size",
    "wlan.da",
    "wlan.sa",
];

/// The options of TCP that are told, and how.
const OPTIONS: &[(&str, &str)] = &[
    ("tcp.options.mss_val", "MSS"),
    ("tcp.options.wscale.multiplier", "WS"),
    ("tcp.options.sack_perm", "SACK_PERM"),
    ("tcp.options.timestamp.tsval", "TSval"),
    ("tcp.options.timestamp.tsecr", "TSecr"),
    ("tcp.options.sack_le", "SLE"),
    ("tcp.options.sack_re", "SRE"),
];

/// The fields that a tree must keep for the columns of `list`.
pub fn wanted_fields() -> Vec<&'static Field> {
    WANTED.iter().filter_map(|name| protocols::field(name)).collect()
}

/// A packet, as far as it is described.
#[derive(Clone, Copy)]
pub(super) struct Described<'a> {
    pub(super) number: u32,
    pub(super) outline: &'a Outline,
    pub(super) tree: &'a Tree,
    pub(super) bytes: &'a [u8],
    /// The trace that knows its messages.
    pub(super) trace: &'a Trace,
}

impl Described<'_> {
    fn node(&self, name: &str) -> Option<&Node> {
        debug_assert!(WANTED.contains(&name), "{name} is not in the table");
        self.tree.nodes().iter().find(|node| node.field.name == name)
    }

    /// The first value of a field, as text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.node(name).map(|node| self.tree.cell(node, self.bytes))
    }

    fn number(&self, name: &str) -> Option<u64> {
        match self.node(name)?.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The name of a field's value, or its number.
    fn named(&self, name: &str) -> Option<String> {
        let node = self.node(name)?;
        let Value::Number(number) = node.value else { return self.text(name) };
        let named = node.field.names.and_then(|names| names(number));
        Some(named.map_or_else(|| format!("{} {number}", node.field.label), str::to_owned))
    }

    /// In a few words, escaped.
    pub(super) fn info(&self) -> String {
        let analysis = self.analysis();
        let messages = self.messages();
        let mut info = if messages.is_empty() { self.header() } else { messages };
        if !analysis.is_empty() {
            info.insert_str(0, &analysis);
        }
        if let Some(stop) = &self.outline.stop {
            let _ = write!(info, " [{}]", stop.text());
        }
        info
    }

    /// What was read of the messages that this packet completes. Equal ones that follow each other are counted.
    fn messages(&self) -> String {
        // Of a message that is a header, the header says more.
        let is_header = |message: &MessageRow| {
            protocols::at(message.protocol).is_some_and(|protocol| matches!(protocol.read, Read::Header(_)))
        };
        let all: Vec<MessageRow> =
            self.trace.messages_of(self.number).iter().filter(|message| !is_header(message)).collect();
        let subject = |message: &MessageRow| self.trace.subject(message);
        let mut text = String::new();
        for same in all.chunk_by(|a, b| a.what == b.what && subject(a) == subject(b) && a.flow == b.flow) {
            let Some(first) = same.first() else { continue };
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(first.what);
            if !subject(first).is_empty() {
                let _ = write!(text, " {}", escape_bytes(subject(first)));
            }
            if same.len() > 1 {
                let _ = write!(text, " ×{}", same.len());
            }
        }
        text
    }

    /// What the order of TCP segments tells, in tshark's words.
    fn analysis(&self) -> String {
        const WORDS: &[(&str, &str)] = &[
            ("tcp.analysis.lost_segment", "TCP Previous segment not captured"),
            ("tcp.analysis.spurious_retransmission", "TCP Spurious Retransmission"),
            ("tcp.analysis.fast_retransmission", "TCP Fast Retransmission"),
            ("tcp.analysis.retransmission", "TCP Retransmission"),
            ("tcp.analysis.out_of_order", "TCP Out-Of-Order"),
            ("tcp.analysis.duplicate_ack", "TCP Dup ACK"),
            ("tcp.analysis.zero_window", "TCP ZeroWindow"),
            ("tcp.analysis.window_full", "TCP Window Full"),
            ("tcp.analysis.window_update", "TCP Window Update"),
            ("tcp.analysis.keep_alive_ack", "TCP Keep-Alive ACK"),
            ("tcp.analysis.keep_alive", "TCP Keep-Alive"),
        ];
        if self.outline.tcp.is_none() {
            return String::new();
        }
        let mut out = String::new();
        let mut retransmission = false;
        for (name, words) in WORDS.iter().filter(|(name, _)| self.node(name).is_some()) {
            // Each of these is a retransmission; the most telling word stands alone.
            if name.ends_with("retransmission") && std::mem::replace(&mut retransmission, true) {
                continue;
            }
            let _ = write!(out, "[{words}] ");
        }
        out
    }

    /// What the uppermost header says.
    fn header(&self) -> String {
        if self.outline.fragment.is_some() {
            return self.fragment();
        }
        if self.node("arp.opcode").is_some() {
            return self.arp();
        }
        if self.node("icmp.type").is_some() {
            return self.icmp();
        }
        if self.node("icmpv6.type").is_some() {
            return self.icmpv6();
        }
        let ports = self.outline.endpoints.and_then(|ends| ends.ports);
        match (self.outline.tcp, ports) {
            (Some(tcp), Some(ports)) => self.tcp(tcp, ports),
            (None, Some((source, destination))) => {
                format!("{source} → {destination} Len={}", self.outline.payload_length)
            }
            _ => self.other(),
        }
    }

    /// `52344 → 443 [SYN] Seq=0 Win=64240 Len=0 MSS=1460`.
    fn tcp(&self, tcp: TcpOutline, (source, destination): (u16, u16)) -> String {
        const USUAL: usize = 128;
        let relative = |name, raw: u32| self.number(name).unwrap_or(raw.into());
        let mut out = String::with_capacity(USUAL);
        let _ = write!(out, "{source} → {destination} [");
        let before = out.len();
        for name in TcpOutline::flag_names(tcp.flags) {
            out.push_str(if out.len() > before { ", " } else { "" });
            out.push_str(name);
        }
        out.push_str(if out.len() > before { "] Seq=" } else { "<None>] Seq=" });
        let _ = write!(out, "{}", relative("tcp.seq", tcp.seq));
        if tcp.has(TcpOutline::ACK) {
            let _ = write!(out, " Ack={}", relative("tcp.ack", tcp.ack));
        }
        let window = self.number("tcp.window_size").unwrap_or(tcp.window.into());
        let length = self.number("tcp.len").unwrap_or(self.outline.payload_length.into());
        let _ = write!(out, " Win={window} Len={length}");
        // In the order in which they stand in the header.
        for node in self.tree.nodes() {
            let Some((_, short)) = OPTIONS.iter().find(|(name, _)| *name == node.field.name) else { continue };
            let _ = match node.value {
                Value::Number(number) => write!(out, " {short}={number}"),
                _ => write!(out, " {short}"),
            };
        }
        out
    }

    fn fragment(&self) -> String {
        let Some(fragment) = self.outline.fragment else { return String::new() };
        format!(
            "Fragmented IP protocol (proto={}, off={}, ID={:04x}){}",
            fragment.next,
            fragment.offset,
            fragment.id,
            if fragment.more { "" } else { " last" }
        )
    }

    fn arp(&self) -> String {
        let text = |name| self.text(name).unwrap_or_else(|| "?".to_owned());
        let (sender, target) = (text("arp.src.proto_ipv4"), text("arp.dst.proto_ipv4"));
        match self.number("arp.opcode") {
            Some(1) if sender == target => format!("Gratuitous ARP for {sender} (Request)"),
            Some(2) if sender == target => format!("Gratuitous ARP for {sender} (Reply)"),
            Some(1) => format!("Who has {target}? Tell {sender}"),
            Some(2) => format!("{sender} is at {}", text("arp.src.hw_mac")),
            _ => self.named("arp.opcode").unwrap_or_default(),
        }
    }

    fn icmp(&self) -> String {
        let mut out = self.named("icmp.type").unwrap_or_default();
        if let Some(meaning) = self.text("husk.icmp.meaning") {
            let _ = write!(out, " ({meaning})");
        }
        if let (Some(id), Some(sequence)) = (self.number("icmp.ident"), self.number("icmp.seq")) {
            let swapped = (sequence as u16).swap_bytes();
            let _ = write!(
                out,
                "{}id=0x{id:04x}, seq={sequence}/{swapped}",
                " ".repeat(21usize.saturating_sub(out.len()).max(1))
            );
            if let Some(ttl) = self.number_before("ip.ttl", "icmp.type") {
                let _ = write!(out, ", ttl={ttl}");
            }
        }
        out
    }

    fn icmpv6(&self) -> String {
        let mut out = self.named("icmpv6.type").unwrap_or_default();
        if let Some(meaning) = self.text("husk.icmpv6.meaning") {
            let _ = write!(out, " ({meaning})");
        }
        if let (Some(id), Some(sequence)) =
            (self.number("icmpv6.echo.identifier"), self.number("icmpv6.echo.sequence_number"))
        {
            let _ = write!(out, " id=0x{id:04x}, seq={sequence}");
            if let Some(hops) = self.number_before("ipv6.hlim", "icmpv6.type") {
                let _ = write!(out, ", hop limit={hops}");
            }
        }
        let link = self.text("icmpv6.opt.linkaddr");
        if let Some(target) = self.text("icmpv6.nd.ns.target_address") {
            let _ = write!(out, " for {target}");
        }
        if let Some(target) = self.text("icmpv6.nd.na.target_address") {
            let flags =
                [("icmpv6.nd.na.flag.r", "rtr"), ("icmpv6.nd.na.flag.s", "sol"), ("icmpv6.nd.na.flag.o", "ovr")];
            let set = flags.iter().filter(|(name, _)| self.number(name) == Some(1)).map(|(_, short)| *short);
            let _ = write!(out, " {target} ({})", set.collect::<Vec<_>>().join(", "));
            return link.map(|link| format!("{out} is at {link}")).unwrap_or(out);
        }
        link.map(|link| format!("{out} from {link}")).unwrap_or(out)
    }

    /// The last value of a field before another one: of the header right around it.
    fn number_before(&self, name: &str, other: &str) -> Option<u64> {
        debug_assert!(WANTED.contains(&name), "{name} is not in the table");
        let before = self.tree.nodes().iter().take_while(|node| node.field.name != other);
        match before.filter(|node| node.field.name == name).last()?.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// Nothing better is known: the uppermost layer's name, and what it says that it carries.
    fn other(&self) -> String {
        let Some(top) = self.outline.layers.last().and_then(|place| protocols::at(*place)) else {
            return "unknown link type".to_owned();
        };
        let carries = match top.name() {
            "eth" => self.text("eth.type").map(|number| format!("carries EtherType {number}")),
            "ip" => self.text("ip.proto").map(|number| format!("carries IP protocol {number}")),
            "ipv6" => self.text("ipv6.nxt").map(|number| format!("carries IP protocol {number}")),
            _ => None,
        };
        match (self.node("igmp.type"), carries) {
            (Some(_), _) => self.named("igmp.type").unwrap_or_default(),
            (None, Some(carries)) => format!("{}, {carries}", top.heading.label),
            (None, None) => top.heading.label.to_owned(),
        }
    }
}
