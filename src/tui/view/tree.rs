//! The packet's layers: envelopes within envelopes, each with its size and whose work it is.
//!
//! ```text
//! ▸ Ethernet  02:42:c0:00:02:0a → 02:42:c0:00:02:01        14  network card
//! │ ▸ IPv4  192.0.2.10 → 203.0.113.7                       20  kernel
//! │ │ ▸ TCP  52344 → 443                                   32  kernel
//! │ │ │ ▾ TLS                                             285  TLS library
//! │ │ │ │ Server Name  shop.example
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{Areas, fit, put_right, tint, width};
use crate::bytes::{Kind, Node, Value};
use crate::flow::NO_FLOW;
use crate::glossary;
use crate::protocols::{self, Protocol};
use crate::report::table::{grouped, seconds};
use crate::tui::app::{App, Focus};
use crate::tui::detail::{Detail, Mark, TreeRow};

/// A protocol's short name, as people write it.
fn short_name(protocol: &Protocol) -> String {
    match protocol.name() {
        "eth" => "Ethernet".to_owned(),
        "vlan" => "VLAN".to_owned(),
        "ip" => "IPv4".to_owned(),
        "ipv6" => "IPv6".to_owned(),
        "icmpv6" => "ICMPv6".to_owned(),
        "sll" => "Linux cooked".to_owned(),
        "mdns" => "mDNS".to_owned(),
        // A part of another protocol has a long name only.
        name if name.contains('.') => protocol.heading.label.to_owned(),
        name => name.to_uppercase(),
    }
}

/// The pane's title: number, size, flow, and the time if there is room.
pub(super) fn title(app: &App, room: usize) -> String {
    let Some(detail) = &app.detail else { return "layers".to_owned() };
    let (number, captured) = (detail.explained.number, detail.explained.bytes.len() as u64);
    let mut parts = vec![format!("packet {number}"), format!("{} B", grouped(captured))];
    if let Some(line) = app.lines.iter().find(|line| line.number == number) {
        if u64::from(line.length) > captured {
            parts.push(format!("of {}", grouped(line.length.into())));
        }
        if line.flow != NO_FLOW {
            parts.push(format!("flow {}", line.flow));
        }
        if let Some(when) = line.when {
            let time = seconds(when.time.saturating_sub(when.first));
            parts.push(format!("{} s", time.strip_suffix("000").unwrap_or(&time)));
        }
    }
    if !detail.whole {
        parts.insert(1, "reading its flow".to_owned());
    }
    while parts.len() > 1 && width(&parts.join(" · ")) > room {
        parts.pop();
    }
    parts.join(" · ")
}

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let area = areas.tree;
    let Some(detail) = app.detail.as_ref().filter(|_| !area.is_empty()) else { return };
    let selected = detail.row();
    let visible = detail.rows.iter().enumerate().skip(detail.tree_top);
    for ((at, row), y) in visible.zip(area.top()..area.bottom()) {
        let line = Rect { y, height: 1, ..area };
        draw_row(buffer, app, detail, row, line);
        if at == selected {
            tint(buffer, line, app.theme.selected(app.focus == Focus::Tree));
        }
    }
}

fn draw_row(buffer: &mut Buffer, app: &App, detail: &Detail, row: &TreeRow, area: Rect) {
    let theme = app.theme;
    let Some(node) = detail.explained.tree.nodes().get(row.node) else { return };
    let mut spans: Vec<Span<'_>> = row.around.iter().map(|class| Span::styled("│ ", theme.class(*class))).collect();
    spans.push(Span::raw("  ".repeat(row.inner)));
    let mark = match row.mark {
        Mark::Open => "▾ ",
        Mark::Shut => "▸ ",
        Mark::Leaf => "",
    };
    let Some(protocol) = row.layer.and_then(protocols::at) else {
        let dark = app.is_dark(detail.class_of(node));
        let value =
            if dark { "·····".to_owned() } else { detail.explained.tree.text(node, &detail.explained.bytes) };
        let label = match row.mark {
            _ if dark => theme.rule(),
            Mark::Leaf => theme.quiet(),
            Mark::Open | Mark::Shut => theme.text(),
        };
        spans.push(Span::raw(mark));
        spans.push(Span::styled(node.field.label, label));
        if node.field.kind != Kind::Group {
            spans.push(Span::styled(format!("  {value}"), if dark { theme.rule() } else { theme.text() }));
        }
        buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
        return;
    };
    let class = node.field.class;
    let dark = app.is_dark(class);
    let colour = if dark { theme.rule() } else { theme.class(class) };
    spans.push(Span::styled(mark, colour));
    spans.push(Span::styled(short_name(protocol), theme.strong().patch(colour)));
    let size = u64::from(node.end.saturating_sub(node.start));
    let whose = glossary::owner(protocol.name(), class).name();
    let end = Line::from(vec![
        Span::styled(format!(" {:>5}  ", grouped(size)), theme.text()),
        Span::styled(format!("{whose:<12}"), theme.quiet()),
    ]);
    let used: usize = spans.iter().map(Span::width).sum();
    let room = usize::from(area.width).saturating_sub(used + end.width() + 2);
    let summary = if dark { String::new() } else { summary(detail, row.node) };
    if room >= 8 && width(&summary) > 0 {
        spans.push(Span::styled(format!("  {}", fit(&summary, room)), theme.quiet()));
    }
    buffer.set_line(area.x, area.y, &Line::from(spans), area.width);
    if usize::from(area.width) >= used + end.width() {
        put_right(buffer, area, &end);
    }
}

/// A layer in a few words: from where to where.
fn summary(detail: &Detail, heading: usize) -> String {
    const ENDS: [(&str, &str); 7] = [
        ("eth.src", "eth.dst"),
        ("ip.src", "ip.dst"),
        ("ipv6.src", "ipv6.dst"),
        ("tcp.srcport", "tcp.dstport"),
        ("udp.srcport", "udp.dstport"),
        ("arp.src.proto_ipv4", "arp.dst.proto_ipv4"),
        ("wlan.sa", "wlan.da"),
    ];
    let nodes = detail.explained.tree.nodes();
    let Some(depth) = nodes.get(heading).map(|node| node.depth) else { return String::new() };
    let mine = || {
        nodes
            .get(heading + 1..)
            .unwrap_or_default()
            .iter()
            .take_while(move |node| node.depth > depth)
            .filter(move |node| node.depth == depth + 1)
    };
    let text = |name: &str| {
        let node = mine().find(|node| node.field.name == name)?;
        Some(detail.explained.tree.cell(node, &detail.explained.bytes))
    };
    let ends = ENDS.iter().find_map(|(source, destination)| Some((text(source)?, text(destination)?)));
    let mut out = ends.map_or_else(String::new, |(source, destination)| format!("{source} → {destination}"));
    let set = mine().filter(|node| node.field.name.starts_with("tcp.flags.") && is_set(node));
    for (n, flag) in set.enumerate() {
        out.push_str(if n == 0 { "  " } else { " " });
        out.push_str(&flag.field.name.trim_start_matches("tcp.flags.").to_uppercase());
    }
    out
}

fn is_set(node: &Node) -> bool {
    matches!(node.value, Value::Number(1)) && node.field.kind == Kind::Flag
}
