//! Which message answers which, and which got no answer.

use crate::flow::{MessageRow, Pair};
use crate::trace::Trace;

/// What is known of a message's exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exchange {
    /// It neither asks nor answers, as far as is known.
    None,
    /// It asks.
    Asks {
        /// Whether an answer came.
        answered: bool,
    },
    /// It answers.
    Answers {
        /// The number of the question within the flow.
        message: u32,
        /// Nanoseconds from the packet that completed the question to the one that completed the answer.
        after: i64,
    },
}

/// The exchanges of all messages.
#[derive(Debug)]
pub struct Exchanges {
    /// By message: its number within its flow.
    numbers: Vec<u32>,
    /// Questions that were answered, by flow and number.
    answered: hashbrown::HashSet<(u32, u32), foldhash::fast::RandomState>,
    /// When a question was asked, by flow and number.
    asked: hashbrown::HashMap<(u32, u32), i64, foldhash::fast::RandomState>,
}

impl Exchanges {
    /// Those of a trace.
    pub fn new(trace: &Trace) -> Exchanges {
        let mut next = vec![0u32; trace.flows().all().len()];
        let messages = trace.messages();
        let mut exchanges = Exchanges {
            numbers: Vec::with_capacity(messages.len()),
            answered: hashbrown::HashSet::default(),
            asked: hashbrown::HashMap::default(),
        };
        for (message, place) in messages.into_iter().zip(0..) {
            let next = next.get_mut(message.flow as usize).map_or(0, |next| std::mem::replace(next, *next + 1));
            let number = trace.number_kept(place).unwrap_or(next);
            exchanges.numbers.push(number);
            match message.pair {
                Pair::None | Pair::Repeats(_) => {}
                Pair::Asks => drop(exchanges.asked.insert((message.flow, number), time(trace, &message))),
                Pair::Answers(question) => drop(exchanges.answered.insert((message.flow, question))),
            }
        }
        exchanges
    }

    /// The number of each message within its flow, in the order of the messages.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The exchange of a message, which has this number within its flow.
    pub fn of(&self, trace: &Trace, message: &MessageRow, number: u32) -> Exchange {
        match message.pair {
            Pair::None => Exchange::None,
            Pair::Asks => Exchange::Asks { answered: self.answered.contains(&(message.flow, number)) },
            Pair::Repeats(first) => Exchange::Asks { answered: self.answered.contains(&(message.flow, first)) },
            Pair::Answers(question) => {
                let asked = self.asked.get(&(message.flow, question)).copied();
                let now = time(trace, message);
                Exchange::Answers { message: question, after: now.saturating_sub(asked.unwrap_or(now)) }
            }
        }
    }
}

/// When a message was whole.
fn time(trace: &Trace, message: &MessageRow) -> i64 {
    trace.row(message.last).map_or(0, |row| row.time)
}
