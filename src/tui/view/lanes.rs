//! The ladder of a flow: client on the left, server on the right, time downwards.
//!
//! ```text
//!   No      Time   192.0.2.10:52344                     203.0.113.7:443
//!   20    0.0 ms   │─── SYN ───────────────────────────────────────►│
//!   21   11.2 ms   │◄─────────────────────────────────── SYN ACK ───│
//!   23   11.4 ms   │─── ClientHello shop.example ──────────────────►│  517 B
//!         1.20 s   ┊            silence: the window was closed      ┊
//! ```

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Areas, fit, instead, right, rows, width};
use crate::protocols::Side;
use crate::report::table::{counted, delay, grouped};
use crate::tui::app::App;
use crate::tui::pane::LaneRow;

/// Columns of the time.
const TIME: usize = 9;

/// Columns behind the server's line: bytes, and in the heading the round trip.
const BEHIND: usize = 14;

/// Columns between both lines at most: farther apart no eye follows an arrow.
const LANE: usize = 96;

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let Some(opened) = &app.opened else { return };
    let lanes = match opened.lanes() {
        Some(Ok(lanes)) => lanes,
        Some(Err(error)) => return instead(buffer, app, areas, error),
        None => return instead(buffer, app, areas, "reading the flow again"),
    };
    let number = app.summary.packets.to_string().len().max(3);
    let total = usize::from(areas.rows.width);
    let lane = total.saturating_sub(number + TIME + BEHIND + 7).clamp(12, LANE);
    head(buffer, app, areas, number, lane);
    let at = (opened.roll.selected, opened.roll.top, lanes.rows.len());
    rows(buffer, app, areas, at, |row| match lanes.rows.get(row) {
        Some(row) => line(app, row, number, lane),
        None => Line::default(),
    });
}

fn head(buffer: &mut Buffer, app: &App, areas: &Areas, number: usize, lane: usize) {
    let (theme, area) = (app.theme, areas.rows_head);
    let Some(Ok(lanes)) = app.opened.as_ref().and_then(|opened| opened.lanes()) else { return };
    let flow = app.opened.as_ref().map_or(0, |opened| opened.flow);
    let ends = app.flows.lines.iter().find(|line| line.number == flow);
    let (client, server) = ends.map_or(("client", "server"), |line| (line.client.as_str(), line.server.as_str()));
    let (client, server) = (fit(client, lane / 2), fit(server, lane / 2));
    let between = (lane + 2).saturating_sub(width(&client) + width(&server));
    let mut text =
        format!(" {} {}   {client}{}{server}", right("No", number), right("Time", TIME), " ".repeat(between));
    if let Some(round_trip) = lanes.round_trip {
        text = format!("{text}  RTT {}", delay(round_trip));
    }
    if lanes.more > 0 {
        text = format!("{text}  {} not shown", counted(lanes.more as u64, "packet"));
    }
    buffer.set_stringn(area.x, area.y, text, area.width.into(), theme.quiet());
}

fn line(app: &App, row: &LaneRow, number: usize, lane: usize) -> Line<'static> {
    let theme = app.theme;
    match row {
        LaneRow::Silence { length, stalled } => {
            let why = if *stalled { " silence: the receiver's window was closed " } else { " silence " };
            let before = lane.saturating_sub(why.len()) / 2;
            let after = lane.saturating_sub(before + why.len());
            let dots = format!("┊{}{why}{}┊", " ".repeat(before), " ".repeat(after));
            let time = format!(" {} {}   ", " ".repeat(number), right(&delay(*length), TIME));
            Line::from(vec![Span::styled(time, theme.text()), Span::styled(dots, theme.quiet())])
        }
        LaneRow::Packet { moment, what, class, since } => {
            let style = class.map_or(theme.quiet(), |class| theme.class(class));
            let mut spans = vec![
                Span::styled(format!(" {}", right(&moment.packet.to_string(), number)), theme.quiet()),
                Span::styled(format!(" {}   ", right(&delay(*since), TIME)), theme.text()),
                Span::styled("│", theme.quiet()),
            ];
            let notes: Vec<&str> = moment.notes.iter().map(|note| word(note.name)).collect();
            spans.extend(arrow(what, &notes.join(", "), moment.side, lane, [style, theme.text(), theme.strong()]));
            spans.push(Span::styled("│", theme.quiet()));
            if moment.payload > 0 {
                spans.push(Span::styled(format!("  {} B", grouped(moment.payload.into())), theme.text()));
            }
            Line::from(spans)
        }
    }
}

/// An arrow with words on it: what it carries, and what the network did. Styles of the line, and of both.
fn arrow(what: &str, notes: &str, side: Side, lane: usize, [line, text, strong]: [Style; 3]) -> Vec<Span<'static>> {
    let room = lane.saturating_sub(8);
    let notes = fit(notes, room).into_owned();
    let what = fit(what, room.saturating_sub(width(&notes) + 1)).into_owned();
    let before = if what.is_empty() { String::new() } else { format!(" {what}") };
    let after = if notes.is_empty() { String::new() } else { format!(" {notes}") };
    let end = if before.is_empty() && after.is_empty() { "" } else { " " };
    let rest = lane.saturating_sub(width(&before) + width(&after) + end.len() + 4);
    let words = [Span::styled(before, text), Span::styled(after, strong), Span::raw(end)];
    let mut spans = match side {
        Side::Client => vec![Span::styled("───", line)],
        Side::Server => vec![Span::styled(format!("◄{}", "─".repeat(rest)), line)],
    };
    spans.extend(words);
    spans.push(match side {
        Side::Client => Span::styled(format!("{}►", "─".repeat(rest)), line),
        Side::Server => Span::styled("───", line),
    });
    spans
}

/// What the network did, in a word or two.
fn word(note: &str) -> &'static str {
    match note.trim_start_matches("tcp.analysis.") {
        "retransmission" => "sent again",
        "fast_retransmission" => "sent again, fast",
        "spurious_retransmission" => "sent again in vain",
        "out_of_order" => "out of order",
        "lost_segment" => "one before is missing",
        "ack_lost_segment" => "acknowledges what was not captured",
        "duplicate_ack" => "asks again",
        "zero_window" => "window closed",
        "zero_window_probe" => "asks whether the window opens",
        "zero_window_probe_ack" => "still closed",
        "window_full" => "window full",
        "window_update" => "window opens",
        "keep_alive" => "keep-alive",
        "reused_ports" => "ports used before",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(what: &str, side: Side) -> String {
        arrow(what, "", side, 20, [Style::new(); 3]).iter().map(|span| span.content.as_ref()).collect()
    }

    #[test]
    fn an_arrow_is_as_long_as_its_lane() {
        assert_eq!(drawn("SYN", Side::Client), "─── SYN ───────────►");
        assert_eq!(drawn("SYN ACK", Side::Server), "◄─────── SYN ACK ───");
        assert_eq!(drawn("", Side::Client), "───────────────────►");
        for what in ["", "a", "a very long text that does not fit at all"] {
            assert_eq!(width(&drawn(what, Side::Server)), 20, "{what}");
            let noted = arrow(what, "sent again, fast", Side::Client, 20, [Style::new(); 3]);
            assert_eq!(noted.iter().map(Span::width).sum::<usize>(), 20, "{what}");
        }
    }
}
