//! What is typed: a question with its input, what is wrong with it, and what it may go on with.

use tui_input::Input;

use crate::protocols;
use crate::trace::Trace;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// A packet's number.
    Packet,
    /// A display filter.
    Filter,
    /// Something to search for.
    Search,
    /// A note to the packet.
    Note,
    /// A file for the packets that are shown.
    ExportShown,
    /// A file for the marked packets.
    ExportMarked,
    /// A file for the selected packet.
    ExportSelected,
}

impl Question {
    /// What stands before the input.
    pub(super) const fn label(self) -> &'static str {
        match self {
            Question::Packet => "packet: ",
            Question::Filter => "filter: ",
            Question::Search => "search: ",
            Question::Note => "note: ",
            Question::ExportShown => "write what is shown to: ",
            Question::ExportMarked => "write what is marked to: ",
            Question::ExportSelected => "write this packet to: ",
        }
    }
}

/// A question that is open.
#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) question: Question,
    pub(super) input: Input,
    /// What is wrong: the byte where, and why.
    pub(super) wrong: Option<(usize, String)>,
    /// What the word at the cursor may become.
    pub(super) offers: Vec<Offer>,
    /// The offer that was taken last.
    pub(super) taken: Option<usize>,
    /// What was typed before offers were taken, and where its word begins.
    typed: Option<(String, usize)>,
    /// The place in the history; none for what is typed now.
    past: Option<usize>,
    /// The filter that was applied before.
    pub(super) before: Option<String>,
}

/// How a word may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    /// The word.
    pub(super) word: String,
    /// What it is.
    pub(super) about: String,
}

impl Prompt {
    /// A question with something typed already.
    pub(super) fn new(question: Question, text: String) -> Prompt {
        Prompt {
            question,
            input: Input::new(text),
            wrong: None,
            offers: Vec::new(),
            taken: None,
            typed: None,
            past: None,
            before: None,
        }
    }

    /// Something was typed: offers are made anew.
    pub(super) fn changed(&mut self, trace: &Trace) {
        (self.taken, self.typed, self.wrong, self.past) = (None, None, None, None);
        let before = self.before_cursor();
        self.offers = if self.question == Question::Filter { offers(&before, trace) } else { Vec::new() };
    }

    fn before_cursor(&self) -> String {
        self.input.value().chars().take(self.input.cursor()).collect()
    }

    /// Takes the next offer, or the one before.
    pub(super) fn take(&mut self, forward: bool) {
        if self.offers.is_empty() {
            return;
        }
        let before = self.before_cursor();
        let (typed, start) = self.typed.get_or_insert_with(|| {
            let start = before.len() - word(&before).len();
            (before.clone(), start)
        });
        let count = self.offers.len();
        let next = match self.taken {
            None => {
                if forward {
                    0
                } else {
                    count - 1
                }
            }
            Some(at) if forward => (at + 1) % count,
            Some(at) => (at + count - 1) % count,
        };
        let kept = typed.get(..*start).unwrap_or_default();
        let rest: String = self.input.value().chars().skip(self.input.cursor()).collect();
        let Some(offer) = self.offers.get(next) else { return };
        let head = format!("{kept}{}", offer.word);
        let cursor = head.chars().count();
        self.input = Input::new(format!("{head}{rest}")).with_cursor(cursor);
        self.taken = Some(next);
    }

    /// Shows what was typed earlier: one further back, or forward again.
    pub(super) fn recall(&mut self, history: &[String], back: bool) {
        let past = match (self.past, back) {
            (None, true) => history.len().checked_sub(1),
            (Some(at), true) => Some(at.saturating_sub(1)),
            (Some(at), false) => Some(at + 1).filter(|at| *at < history.len()),
            (None, false) => None,
        };
        let text = past.and_then(|at| history.get(at)).cloned().unwrap_or_default();
        self.input = Input::new(text);
        self.past = past;
        self.offers.clear();
    }
}

/// Offers that fit beside each other.
const OFFERS: usize = 64;

/// The word at the end of what is typed: a field's name, or a value.
fn word(text: &str) -> &str {
    let inside_quotes = text.matches('"').count() % 2 == 1;
    let start = if inside_quotes {
        text.rfind('"')
    } else {
        text.rfind(|c: char| c.is_whitespace() || "()!&|=<>{},".contains(c)).map(|at| at + 1)
    };
    text.get(start.unwrap_or(0)..).unwrap_or_default()
}

/// How the word before the cursor may go on: behind a comparison with values of its field, else with names of fields.
fn offers(before: &str, trace: &Trace) -> Vec<Offer> {
    let word = word(before);
    let earlier = before.get(..before.len() - word.len()).unwrap_or_default().trim_end();
    let compared = ["==", "!=", "eq", "ne", "contains", "matches"].into_iter().find_map(|sign| {
        let field = earlier.strip_suffix(sign)?.trim_end();
        Some(field.rsplit(|c: char| c.is_whitespace() || "()!&|".contains(c)).next().unwrap_or_default().to_owned())
    });
    match compared {
        Some(field) => values(&field, word, trace),
        None if word.is_empty() => Vec::new(),
        None => names(word),
    }
}

/// Names of fields that begin like this, the shortest first: the protocol before its fields.
fn names(start: &str) -> Vec<Offer> {
    let start = start.to_ascii_lowercase();
    let mut found: Vec<Offer> = protocols::fields()
        .filter(|field| field.name.starts_with(&start) && field.name != start)
        .map(|field| Offer { word: field.name.to_owned(), about: field.label.to_owned() })
        .collect();
    found.sort_by(|a, b| (a.word.matches('.').count(), &a.word).cmp(&(b.word.matches('.').count(), &b.word)));
    found.dedup();
    found.truncate(OFFERS);
    found
}

/// Values of a field: those that have names, and those that the capture shows.
fn values(field: &str, start: &str, trace: &Trace) -> Vec<Offer> {
    /// Numbers that are looked up: named values are small ones.
    const NUMBERS: u64 = 1 << 16;
    let Some(field) = protocols::field(field) else { return Vec::new() };
    let bare = start.trim_start_matches('"').to_lowercase();
    let mut found: Vec<Offer> = Vec::new();
    if let Some(name_of) = field.names {
        let named = (0..NUMBERS).filter_map(|number| Some((number, name_of(number)?)));
        let fitting = named.filter(|(number, name)| {
            number.to_string().starts_with(&bare) || !bare.is_empty() && name.to_lowercase().starts_with(&bare)
        });
        found.extend(
            fitting.take(OFFERS).map(|(number, name)| Offer { word: number.to_string(), about: name.to_owned() }),
        );
    }
    for fact in trace.facts().iter().filter(|fact| fact.field == field) {
        let value = crate::bytes::escape_bytes(trace.words().at(fact.value)).into_owned();
        let word = format!("\"{value}\"");
        if value.to_lowercase().starts_with(&bare)
            && !value.contains('"')
            && !found.iter().any(|offer| offer.word == word)
        {
            found.push(Offer { word, about: "in this capture".to_owned() });
            if found.len() >= OFFERS {
                break;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_at_the_cursor_ends_at_signs_and_quotes() {
        assert_eq!(word("tcp.port == 4"), "4");
        assert_eq!(word("not (ip.sr"), "ip.sr");
        assert_eq!(word("http.host == \"shop ex"), "\"shop ex");
        assert_eq!(word("http.host == \"a\" and "), "");
    }

    #[test]
    fn names_go_on_and_offers_go_round() {
        let trace = Trace::default();
        let mut prompt = Prompt::new(Question::Filter, "not tls.handshake.extensions_ser".to_owned());
        prompt.changed(&trace);
        assert!(prompt.offers.len() > 1, "{:?}", prompt.offers);
        prompt.take(true);
        assert_eq!(prompt.input.value(), format!("not {}", prompt.offers[0].word));
        prompt.take(true);
        assert_eq!(prompt.input.value(), format!("not {}", prompt.offers[1].word));
        prompt.take(false);
        assert_eq!(prompt.input.value(), format!("not {}", prompt.offers[0].word));
    }

    #[test]
    fn named_values_are_offered() {
        let offers = offers("tls.handshake.type == ", &Trace::default());
        assert!(offers.iter().any(|offer| offer.word == "1" && offer.about.contains("Client")), "{offers:?}");
    }

    #[test]
    fn the_history_goes_back_and_forward() {
        let history = ["a".to_owned(), "b".to_owned()];
        let mut prompt = Prompt::new(Question::Filter, String::new());
        for (back, now) in [(true, "b"), (true, "a"), (true, "a"), (false, "b"), (false, "")] {
            prompt.recall(&history, back);
            assert_eq!(prompt.input.value(), now);
        }
    }
}
