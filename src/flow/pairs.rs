//! Questions, and the messages that answer them.
//!
//! A dialogue says of a message that it asks something, or that it answers, each with a key (an id, or nothing where
//! answers come in order). Which message answers which, and how long it took, is found here for all protocols.

use super::limits::{self, Dropped};
use crate::bytes::{Field, Pairing, Tree, Value};
use crate::protocols::Side;

/// How a message belongs to another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pair {
    /// It neither asks nor answers, as far as is known.
    #[default]
    None,
    /// It asks for an answer.
    Asks,
    /// It asks again what the message with this number asked.
    Repeats(u32),
    /// It answers the message with this number within its flow.
    Answers(u32),
}

/// What an answer's tree tells of its question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answered {
    /// The packet that completed the question, and when.
    packet: u32,
    time: i64,
    request_in: &'static Field,
    time_since: &'static Field,
}

impl Answered {
    /// Notes the question in the tree of the packet that completes the answer, at the time `now`.
    pub(super) fn note(&self, depth: u8, now: i64, tree: &mut Tree) {
        super::note(tree, depth, self.request_in, Value::Number(self.packet.into()));
        super::note(tree, depth, self.time_since, Value::Signed(now.saturating_sub(self.time)));
    }
}

/// A question that comes again within this time, in nanoseconds, is the same one: resolvers repeat theirs after a few
/// seconds, and take new identifiers for new ones.
const REPEATED: i64 = 5_000_000_000;

/// A question that waits.
#[derive(Clone, Copy, Debug)]
struct Question {
    key: Option<u64>,
    side: Side,
    message: u32,
    packet: u32,
    time: i64,
}

/// The questions of one flow that wait for their answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs {
    /// Messages read so far: the next one's number.
    messages: u32,
    waiting: Vec<Question>,
}

impl Pairs {
    /// A message of `side` was completed by `packet` at `time`: how it belongs to others.
    pub(super) fn enter(
        &mut self,
        side: Side,
        pairing: Option<Pairing>,
        (packet, time): (u32, i64),
        dropped: &mut Dropped,
    ) -> (Pair, Option<Answered>) {
        let message = self.messages;
        self.messages = self.messages.saturating_add(1);
        match pairing {
            None => (Pair::None, None),
            Some(Pairing::Asks(key)) => {
                let again =
                    self.waiting.iter().position(|asked| asked.key == key && asked.side == side && key.is_some());
                if let Some((at, asked)) = again.and_then(|at| Some((at, *self.waiting.get(at)?))) {
                    if time.saturating_sub(asked.time) < REPEATED {
                        return (Pair::Repeats(asked.message), None);
                    }
                    self.waiting.remove(at);
                }
                if self.waiting.len() >= limits::QUESTIONS {
                    self.waiting.remove(0);
                    dropped.questions += 1;
                }
                // Most flows ask one question at a time, and there may be millions of flows.
                if self.waiting.is_empty() {
                    self.waiting.reserve_exact(1);
                }
                self.waiting.push(Question { key, side, message, packet, time });
                (Pair::Asks, None)
            }
            Some(Pairing::Answers { key, request_in, time_since }) => {
                let found = self.waiting.iter().position(|asked| asked.key == key && asked.side != side);
                let Some(asked) = found.map(|at| self.waiting.remove(at)) else { return (Pair::None, None) };
                if self.waiting.is_empty() {
                    self.waiting = Vec::new();
                }
                let answered = Answered { packet: asked.packet, time: asked.time, request_in, time_since };
                (Pair::Answers(asked.message), Some(answered))
            }
        }
    }
}

impl Pairs {
    /// The message of `side` that was read last goes on and was completed by `packet` at `time`: if it asks, that is
    /// when it was asked.
    pub(super) fn completed(&mut self, side: Side, packet: u32, time: i64) {
        let last = self.waiting.iter_mut().rfind(|asked| asked.side == side);
        if let Some(asked) = last {
            (asked.packet, asked.time) = (packet, time);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::{Class, Kind};

    const fn field(name: &'static str, kind: Kind) -> Field {
        Field { name, label: name, kind, class: Class::Metadata, source: "", names: None }
    }
    static REQUEST_IN: Field = field("request_in", Kind::Number);
    static TIME: Field = field("time", Kind::Duration);
    const ASKED: Pairing = Pairing::Asks(Some(7));

    fn answers(key: u64) -> Pairing {
        Pairing::Answers { key: Some(key), request_in: &REQUEST_IN, time_since: &TIME }
    }

    #[test]
    fn answers_find_their_questions_in_any_order() {
        let (mut pairs, mut dropped) = (Pairs::default(), Dropped::default());
        let mut enter = |side, pairing, at| pairs.enter(side, pairing, (at, i64::from(at) * 10), &mut dropped);
        assert_eq!(enter(Side::Client, Some(ASKED), 1).0, Pair::Asks);
        assert_eq!(enter(Side::Client, Some(Pairing::Asks(Some(8))), 2).0, Pair::Asks);
        assert_eq!(enter(Side::Client, Some(answers(7)), 3), (Pair::None, None), "nobody answers himself");
        let (pair, answered) = enter(Side::Server, Some(answers(8)), 4);
        assert_eq!(pair, Pair::Answers(1));
        let mut tree = Tree::new();
        answered.unwrap().note(3, 40, &mut tree);
        let cells: Vec<_> = tree.nodes().iter().map(|node| tree.cell(node, &[])).collect();
        assert_eq!(cells, ["2", "0.000000020"]);
        assert_eq!(enter(Side::Server, Some(answers(7)), 5).0, Pair::Answers(0));
        assert_eq!(enter(Side::Server, Some(answers(7)), 6).0, Pair::None, "answered before");
        assert_eq!(enter(Side::Server, None, 7).0, Pair::None);
    }

    #[test]
    fn a_question_that_is_repeated_soon_is_the_same_and_later_a_new_one() {
        let (mut pairs, mut dropped) = (Pairs::default(), Dropped::default());
        let mut enter = |side, pairing, time| pairs.enter(side, pairing, (1, time), &mut dropped).0;
        enter(Side::Client, Some(ASKED), 0);
        assert_eq!(enter(Side::Client, Some(ASKED), REPEATED - 1), Pair::Repeats(0));
        assert_eq!(enter(Side::Server, Some(answers(7)), REPEATED), Pair::Answers(0));
        enter(Side::Client, Some(ASKED), 0);
        enter(Side::Client, Some(ASKED), REPEATED);
        assert_eq!(enter(Side::Server, Some(answers(7)), REPEATED), Pair::Answers(4));
    }

    #[test]
    fn answers_without_keys_come_in_order() {
        let (mut pairs, mut dropped) = (Pairs::default(), Dropped::default());
        let mut enter = |side, pairing| pairs.enter(side, Some(pairing), (1, 0), &mut dropped).0;
        let answer = Pairing::Answers { key: None, request_in: &REQUEST_IN, time_since: &TIME };
        enter(Side::Client, Pairing::Asks(None));
        enter(Side::Client, Pairing::Asks(None));
        assert_eq!([enter(Side::Server, answer), enter(Side::Server, answer)], [Pair::Answers(0), Pair::Answers(1)]);
    }

    #[test]
    fn the_oldest_question_is_forgotten_when_too_many_wait() {
        let (mut pairs, mut dropped) = (Pairs::default(), Dropped::default());
        for key in 0..=limits::QUESTIONS as u64 {
            pairs.enter(Side::Client, Some(Pairing::Asks(Some(key))), (1, 0), &mut dropped);
        }
        assert_eq!((pairs.waiting.len(), dropped.questions), (limits::QUESTIONS, 1));
        assert_eq!(pairs.enter(Side::Server, Some(answers(0)), (2, 0), &mut dropped).0, Pair::None);
        assert_eq!(pairs.enter(Side::Server, Some(answers(1)), (2, 0), &mut dropped).0, Pair::Answers(1));
    }
}
