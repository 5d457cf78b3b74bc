//! The selected field in plain words: what it is, what its value means, whose work it is, why it can be read, who sees
//! it, what would hide it, and where it is defined.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::help::scroll;
use crate::bytes::{Kind, Value};
use crate::glossary;
use crate::report::About;
use crate::report::table::wrapped;
use crate::tui::app::App;

pub(super) fn draw(buffer: &mut Buffer, app: &App, top: u16) {
    let room = usize::from(app.size.width).saturating_sub(6).clamp(10, 76);
    let title = app.detail.as_ref().and_then(|detail| detail.selected()).map_or("", |node| node.field.label);
    scroll(buffer, app, &format!(" {title} "), &lines(app, room), top);
}

fn lines(app: &App, room: usize) -> Vec<Line<'static>> {
    let theme = app.theme;
    let Some((detail, node)) = app.detail.as_ref().and_then(|detail| Some((detail, detail.selected()?))) else {
        return Vec::new();
    };
    let (field, about) = (node.field, About::new(node.field));
    // What the bytes are in this packet; a field's own class where it stands in none.
    let class = detail.class_of(node);
    let sight = if class == field.class { about.sight } else { glossary::class_sight(class) };
    let mut value = vec![Span::styled(field.name, theme.quiet())];
    if field.kind != Kind::Group {
        let text = detail.explained.tree.text(node, &detail.explained.bytes);
        value.push(Span::styled(format!("  {text}"), theme.text()));
    }
    let mut lines = vec![Line::from(value)];
    let mut tell = |heading: &'static str, text: &str| {
        lines.push(Line::styled(heading, theme.strong()));
        lines.extend(
            wrapped(text, room.saturating_sub(2))
                .into_iter()
                .map(|line| Line::styled(format!("  {line}"), theme.text())),
        );
    };
    if let Some(sentence) = about.sentence {
        tell("What it is", sentence);
    }
    let meaning = match node.value {
        Value::Number(number) => glossary::value(field, number),
        _ => None,
    };
    if let Some(meaning) = meaning {
        tell("What this value means", meaning);
    }
    if let Some(owner) = about.owner {
        tell("Whose work", &format!("{}. {}", owner.name(), owner.sentence()));
    }
    tell("What its bytes are", &format!("{}. {}", class.name(), glossary::class(class)));
    tell("Who sees it", &format!("{}.", sight.seen_by));
    tell("Why", &format!("{}. {}", sight.why.name(), sight.why.sentence()));
    tell("What would hide it", &format!("{}.", sight.hidden_by));
    tell("Defined in", field.source);
    lines
}
