//! Names: questions and answers, where names led, who is on the link.
//!
//! ```text
//!    Time  Question            Took   Answer
//!  0.0412  A? shop.example     27 ms  203.0.113.7
//! ```

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::{Areas, fit, instead, left, right, rows};
use crate::bytes::{Class, hexadecimal};
use crate::exposure::{Destination, Lookup, Neighbour};
use crate::report::table::{counted, delay, seconds};
use crate::tui::app::App;
use crate::tui::pane::{NamesPage, NamesRow};

pub(super) fn draw(buffer: &mut Buffer, app: &App, areas: &Areas) {
    let total = usize::from(areas.rows.width);
    let area = areas.rows_head;
    let name = (total / 3).clamp(16, 48);
    let head = match app.names.page {
        NamesPage::Questions => {
            format!(" {}  {} {}  Answer", right("Time", 9), left("Question", name), right("Took", 7))
        }
        NamesPage::Addresses => {
            format!(" {} {}  Flows", left("Name", name), left("Address, and the way there", name))
        }
        NamesPage::Link => format!(" {}  {} What it is", left("Link address", 17), left("Addresses", name)),
    };
    buffer.set_stringn(area.x, area.y, head, area.width.into(), app.theme.quiet());
    let Some(found) = app.names.found() else {
        return instead(buffer, app, areas, "looking for names");
    };
    let count = app.names.len();
    if count == 0 {
        let text = match app.names.page {
            NamesPage::Questions => "nobody asked for a name in this capture (or only in encrypted DNS)",
            NamesPage::Addresses => "no name is known in this capture",
            NamesPage::Link => found.wrong.as_deref().unwrap_or("this capture has no link addresses"),
        };
        return instead(buffer, app, areas, text);
    }
    let at = (app.names.roll.selected, app.names.roll.top, count);
    rows(buffer, app, areas, at, |row| match app.names.row(row) {
        Some(NamesRow::Question(lookup)) => question(app, lookup, found.start, name),
        Some(NamesRow::Address(destination)) => address(app, destination, name),
        Some(NamesRow::Neighbour(neighbour)) => link(app, neighbour, name),
        None => Line::default(),
    });
}

fn question(app: &App, lookup: &Lookup, start: i64, name: usize) -> Line<'static> {
    let theme = app.theme;
    let mut time = seconds(lookup.time.saturating_sub(start));
    time.truncate(time.len().saturating_sub(5));
    let took = lookup.after.map_or_else(String::new, delay);
    // An answer that only repeats the question gives nothing.
    let answer = match lookup.answer {
        None => "no answer",
        Some(_) if lookup.told.contains("? ") => "no such record",
        Some(_) => &lookup.told,
    };
    let asked = format!("{} {}", left(&lookup.kind, 5), lookup.name);
    Line::from(vec![
        Span::styled(format!(" {}  ", right(&time, 9)), theme.quiet()),
        Span::styled(left(&fit(&asked, name), name), theme.class(Class::Metadata)),
        Span::styled(format!(" {}  ", right(&took, 7)), theme.text()),
        Span::styled(answer.to_owned(), if lookup.answer.is_some() { theme.text() } else { theme.strong() }),
    ])
}

fn address(app: &App, destination: &Destination, name: usize) -> Line<'static> {
    let theme = app.theme;
    let neighbours = app.names.found().map(|found| &found.neighbours);
    let way = destination.address.map_or_else(
        || "no address was given".to_owned(),
        |address| {
            let gateway = neighbours.and_then(|neighbours| neighbours.gateway_to(address)).is_some();
            let here = neighbours.and_then(|neighbours| neighbours.owner_of(address)).is_some();
            let how = if gateway {
                "  via gateway"
            } else if here {
                "  on the link"
            } else {
                ""
            };
            format!("{address}{how}")
        },
    );
    let flows = destination.flows.as_slice();
    let told = match flows {
        [] => "nobody went there".to_owned(),
        [one] => format!("flow {one}"),
        many => {
            let first: Vec<String> = many.iter().take(8).map(u32::to_string).collect();
            format!("{}: {}", counted(many.len() as u64, "flow"), first.join(", "))
        }
    };
    Line::from(vec![
        Span::styled(format!(" {} ", left(&fit(&destination.name, name), name)), theme.class(Class::Metadata)),
        Span::styled(left(&fit(&way, name), name), theme.class(Class::Network)),
        Span::styled(format!("  {told}"), if flows.is_empty() { theme.quiet() } else { theme.text() }),
    ])
}

fn link(app: &App, neighbour: &Neighbour, name: usize) -> Line<'static> {
    let theme = app.theme;
    let own: Vec<String> =
        neighbour.own.iter().map(|behind| format!("{} ({})", behind.address, behind.how.name())).collect();
    let mut what = Vec::new();
    if neighbour.is_gateway() {
        what.push("gateway".to_owned());
    }
    if neighbour.router.is_some() {
        what.push("says that it is a router".to_owned());
    }
    let others = neighbour.forwards.len() as u64 + u64::from(neighbour.more);
    if others > 0 {
        what.push(format!(
            "forwards for {}",
            if others == 1 { "1 address".to_owned() } else { format!("{others} addresses") }
        ));
    }
    what.extend(neighbour.name.as_ref().map(|name| format!("called {name}")));
    Line::from(vec![
        Span::styled(format!(" {}  ", hexadecimal(&neighbour.link, ":")), theme.class(Class::Link)),
        Span::styled(left(&fit(&own.join(", "), name), name), theme.class(Class::Network)),
        Span::styled(format!(" {}", what.join(", ")), theme.text()),
    ])
}
