//! Which message answers which, and which got no answer.

use crate::flow::{MessageRow, NO_FLOW, Pair, Question};
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
        /// The question: its flow ([`NO_FLOW`] if it belongs to none), and its number within it.
        question: (u32, u32),
        /// Nanoseconds from the packet that completed the question to the one that completed the answer.
        after: i64,
        /// Whether an answer came, if it asks itself.
        answered: Option<bool>,
    },
}

/// A question: by flow and number, or by the packet that it stands for.
type Asked = (Option<u32>, u32);

fn asked_by(flow: u32, question: Question) -> Asked {
    match question {
        Question::Here(number) => (Some(flow), number),
        Question::InPacket(packet) => (None, packet),
    }
}

/// The exchanges of all messages.
#[derive(Debug)]
pub struct Exchanges {
    /// By message: its number within its flow.
    numbers: Vec<u32>,
    /// Questions that were answered.
    answered: hashbrown::HashSet<Asked, foldhash::fast::RandomState>,
    /// When a question was asked, by flow and number.
    asked: hashbrown::HashMap<(u32, u32), i64, foldhash::fast::RandomState>,
}

impl Exchanges {
    /// Those of a trace.
    pub fn new(trace: &Trace) -> Exchanges {
        let mut next = vec![0u32; trace.flows().all().len()];
        let mut apart = 0;
        let messages = trace.messages();
        let mut exchanges = Exchanges {
            numbers: Vec::with_capacity(messages.len()),
            answered: hashbrown::HashSet::default(),
            asked: hashbrown::HashMap::default(),
        };
        for (message, place) in messages.into_iter().zip(0..) {
            let next = next.get_mut(message.flow as usize).unwrap_or(&mut apart);
            let counted = std::mem::replace(next, *next + 1);
            let number = trace.number_kept(place).unwrap_or(counted);
            exchanges.numbers.push(number);
            match message.pair {
                Pair::None | Pair::Repeats(_) => {}
                Pair::Asks => drop(exchanges.asked.insert((message.flow, number), time(trace, &message))),
                Pair::Answers { question, .. } => {
                    exchanges.answered.insert(asked_by(message.flow, question));
                }
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
        let is_answered = |question| self.answered.contains(&asked_by(message.flow, question));
        let answered = || is_answered(Question::Here(number)) || is_answered(Question::InPacket(message.last));
        match message.pair {
            Pair::None => Exchange::None,
            Pair::Asks => Exchange::Asks { answered: answered() },
            Pair::Repeats(first) => Exchange::Asks { answered: is_answered(first) },
            Pair::Answers { question, asks } => {
                let now = time(trace, message);
                let (question, asked) = match question {
                    Question::Here(of) => {
                        let asked = self.asked.get(&(message.flow, of)).copied();
                        ((message.flow, of), asked)
                    }
                    Question::InPacket(packet) => self.of_packet(trace, packet),
                };
                let after = now.saturating_sub(asked.unwrap_or(now));
                Exchange::Answers { question, after, answered: asks.then(answered) }
            }
        }
    }

    /// The message that a packet completed, as flow and number, and when that was.
    fn of_packet(&self, trace: &Trace, packet: u32) -> ((u32, u32), Option<i64>) {
        let messages = trace.messages();
        let place = messages.partition_point(|message| message.last < packet);
        let flow = messages.get(place).map_or(NO_FLOW, |message| message.flow);
        let number = self.numbers.get(place).copied().unwrap_or(0);
        ((flow, number), trace.row(packet).map(|row| row.time))
    }
}

/// When a message was whole.
fn time(trace: &Trace, message: &MessageRow) -> i64 {
    trace.row(message.last).map_or(0, |row| row.time)
}
