//! Questions, and the messages that answer them.
//!
//! A dialogue says of a message that it asks something, or that it answers, each with a key (an id, or nothing where
//! answers come in order). Which message answers which, and how long it took, is found here for all protocols.
//!
//! ```text
//! within a flow   client:49152 ─ query 7 ─► server:53        its flow keeps the questions that wait
//!                 client:49152 ◄─ answer 7 ─ server:53
//! across flows    0.0.0.0:68 ─ discover 9 ─► everybody:67    all flows of a link share them: who answers is another
//!                 192.168.1.1:67 ─ offer 9 ─► everybody:68   endpoint than the one that was asked
//! ```

use std::collections::VecDeque;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::limits::{self, Dropped};
use crate::bytes::{Answering, Field, Key, Pairing, Tree, Value};
use crate::protocols::Side;

/// Which message asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// The one with this number within the same flow.
    Here(u32),
    /// The one that this packet completed, in whatever flow.
    InPacket(u32),
}

/// How a message belongs to another one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pair {
    /// It neither asks nor answers, as far as is known.
    #[default]
    None,
    /// It asks for an answer.
    Asks,
    /// It asks again what an earlier message asked.
    Repeats(Question),
    /// It answers.
    Answers {
        /// What it answers.
        question: Question,
        /// Whether it asks for an answer itself, as a DHCP server's offer does.
        asks: bool,
    },
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
/// seconds, and take new identifiers for new ones. Of those to everybody several may answer within it.
const REPEATED: i64 = 5_000_000_000;

/// How long a question to everybody waits, in nanoseconds: RFC 2131, section 4.1 has clients wait for 64 seconds at
/// most before they ask again.
const WAITS: i64 = 64_000_000_000;

/// A message that is being entered: when, by whom, and where its questions to everybody are heard.
#[derive(Clone, Copy, Debug)]
pub(super) struct Now {
    pub(super) side: Side,
    /// The packet that completes it.
    pub(super) packet: u32,
    pub(super) time: i64,
    /// Its protocol's place in THE LIST.
    pub(super) protocol: u8,
    /// What tells its link from others: the encapsulation.
    pub(super) link: u64,
    /// How it belongs to a message of another flow, and when that came, if a pass has found out before.
    pub(super) known: Option<(Pair, i64)>,
}

/// A question that waits.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    key: Key,
    side: Side,
    message: u32,
    packet: u32,
    time: i64,
}

/// A question that was found for an answer.
struct Asked {
    question: Question,
    packet: u32,
    time: i64,
}

/// The questions of one flow that wait for their answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Pairs {
    /// Messages read so far: the next one's number.
    messages: u32,
    waiting: Vec<Waiting>,
}

impl Pairs {
    /// Enters a message: how it belongs to others. Questions to everybody are kept in `calls`.
    pub(super) fn enter(
        &mut self,
        now: &Now,
        pairing: Option<Pairing>,
        calls: &mut Calls,
        dropped: &mut Dropped,
    ) -> (Pair, Option<Answered>) {
        let message = self.messages;
        self.messages = self.messages.saturating_add(1);
        let Some(Pairing { answers, asks }) = pairing else { return (Pair::None, None) };
        let answered = answers.and_then(|Answering { key, request_in, time_since }| {
            let asked = match key {
                Key::Shared(id) => calls.answer(now, id),
                Key::InOrder | Key::Id(_) => self.answer(now, key),
            }?;
            Some((asked.question, Answered { packet: asked.packet, time: asked.time, request_in, time_since }))
        });
        let repeats = asks.and_then(|key| match key {
            Key::Shared(id) => calls.ask(now, id, dropped),
            Key::InOrder | Key::Id(_) => self.ask(now, key, message, dropped),
        });
        let pair = match (answered, repeats) {
            (Some((question, _)), _) => Pair::Answers { question, asks: asks.is_some() },
            (None, Some(question)) => Pair::Repeats(question),
            (None, None) if asks.is_some() => Pair::Asks,
            (None, None) => Pair::None,
        };
        (pair, answered.map(|(_, answered)| answered))
    }

    /// A question within the flow waits. Returns the one that it repeats.
    fn ask(&mut self, now: &Now, key: Key, message: u32, dropped: &mut Dropped) -> Option<Question> {
        let is_again = |asked: &Waiting| asked.key == key && asked.side == now.side && key != Key::InOrder;
        let again = self.waiting.iter().position(is_again);
        if let Some((at, asked)) = again.and_then(|at| Some((at, *self.waiting.get(at)?))) {
            if now.time.saturating_sub(asked.time) < REPEATED {
                return Some(Question::Here(asked.message));
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
        self.waiting.push(Waiting { key, side: now.side, message, packet: now.packet, time: now.time });
        None
    }

    /// The question that is answered within the flow, which waits no more.
    fn answer(&mut self, now: &Now, key: Key) -> Option<Asked> {
        let found = self.waiting.iter().position(|asked| asked.key == key && asked.side != now.side)?;
        let asked = self.waiting.remove(found);
        if self.waiting.is_empty() {
            self.waiting = Vec::new();
        }
        Some(Asked { question: Question::Here(asked.message), packet: asked.packet, time: asked.time })
    }

    /// The message of `side` that was read last goes on and was completed by `packet` at `time`: if it asks, that is
    /// when it was asked.
    pub(super) fn completed(&mut self, side: Side, packet: u32, time: i64) {
        let last = self.waiting.iter_mut().rfind(|asked| asked.side == side);
        if let Some(asked) = last {
            (asked.packet, asked.time) = (packet, time);
        }
    }
}

/// What tells a question to everybody from others: protocol, link, key.
type Call = (u8, u64, u64);

#[derive(Clone, Copy, Debug)]
struct Called {
    packet: u32,
    time: i64,
    answered: bool,
}

/// Questions whose answers may come from anybody, of all flows. A packet completes one such message, which it stands
/// for.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    called: HashMap<Call, Called, RandomState>,
    /// The order in which they came first.
    order: VecDeque<Call>,
}

impl Calls {
    /// Somebody asks. Returns the question that it repeats.
    fn ask(&mut self, now: &Now, id: u64, dropped: &mut Dropped) -> Option<Question> {
        if let Some((pair, _)) = now.known {
            return match pair {
                Pair::Repeats(question) => Some(question),
                _ => None,
            };
        }
        let call = (now.protocol, now.link, id);
        let new = Called { packet: now.packet, time: now.time, answered: false };
        match self.called.get_mut(&call) {
            Some(called) if !called.answered && now.time.saturating_sub(called.time) < REPEATED => {
                return Some(Question::InPacket(called.packet));
            }
            Some(called) => *called = new,
            None => {
                self.called.insert(call, new);
                self.order.push_back(call);
            }
        }
        while self.order.len() > limits::CALLS {
            let oldest = self.order.pop_front().and_then(|oldest| self.called.remove(&oldest));
            dropped.questions += u64::from(oldest.is_some_and(|called| !called.answered));
        }
        None
    }

    /// The question that somebody answers. It stays for a while: others may answer it, too.
    fn answer(&mut self, now: &Now, id: u64) -> Option<Asked> {
        if let Some((pair, time)) = now.known {
            return match pair {
                Pair::Answers { question: question @ Question::InPacket(packet), .. } => {
                    Some(Asked { question, packet, time })
                }
                _ => None,
            };
        }
        let called = self.called.get_mut(&(now.protocol, now.link, id))?;
        let patience = if called.answered { REPEATED } else { WAITS };
        if now.time.saturating_sub(called.time) > patience {
            return None;
        }
        called.answered = true;
        Some(Asked { question: Question::InPacket(called.packet), packet: called.packet, time: called.time })
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
    const ASKED: Pairing = Pairing::asks(Key::Id(7));

    fn answers(key: u64) -> Pairing {
        Pairing::answers(Key::Id(key), &REQUEST_IN, &TIME)
    }

    fn now(side: Side, packet: u32, time: i64) -> Now {
        Now { side, packet, time, protocol: 1, link: 0, known: None }
    }

    fn here(message: u32) -> Pair {
        Pair::Answers { question: Question::Here(message), asks: false }
    }

    #[test]
    fn answers_find_their_questions_in_any_order() {
        let (mut pairs, mut calls, mut dropped) = (Pairs::default(), Calls::default(), Dropped::default());
        let mut enter = |side, pairing, at: u32| {
            pairs.enter(&now(side, at, i64::from(at) * 10), pairing, &mut calls, &mut dropped)
        };
        assert_eq!(enter(Side::Client, Some(ASKED), 1).0, Pair::Asks);
        assert_eq!(enter(Side::Client, Some(Pairing::asks(Key::Id(8))), 2).0, Pair::Asks);
        assert_eq!(enter(Side::Client, Some(answers(7)), 3), (Pair::None, None), "nobody answers himself");
        let (pair, answered) = enter(Side::Server, Some(answers(8)), 4);
        assert_eq!(pair, here(1));
        let mut tree = Tree::new();
        answered.unwrap().note(3, 40, &mut tree);
        let cells: Vec<_> = tree.nodes().iter().map(|node| tree.cell(node, &[])).collect();
        assert_eq!(cells, ["2", "0.000000020"]);
        assert_eq!(enter(Side::Server, Some(answers(7)), 5).0, here(0));
        assert_eq!(enter(Side::Server, Some(answers(7)), 6).0, Pair::None, "answered before");
        assert_eq!(enter(Side::Server, None, 7).0, Pair::None);
    }

    #[test]
    fn a_question_that_is_repeated_soon_is_the_same_and_later_a_new_one() {
        let (mut pairs, mut calls, mut dropped) = (Pairs::default(), Calls::default(), Dropped::default());
        let mut enter = |side, pairing, time| pairs.enter(&now(side, 1, time), pairing, &mut calls, &mut dropped).0;
        enter(Side::Client, Some(ASKED), 0);
        assert_eq!(enter(Side::Client, Some(ASKED), REPEATED - 1), Pair::Repeats(Question::Here(0)));
        assert_eq!(enter(Side::Server, Some(answers(7)), REPEATED), here(0));
        enter(Side::Client, Some(ASKED), 0);
        enter(Side::Client, Some(ASKED), REPEATED);
        assert_eq!(enter(Side::Server, Some(answers(7)), REPEATED), here(4));
    }

    #[test]
    fn answers_without_keys_come_in_order() {
        let (mut pairs, mut calls, mut dropped) = (Pairs::default(), Calls::default(), Dropped::default());
        let mut enter = |side, pairing| pairs.enter(&now(side, 1, 0), Some(pairing), &mut calls, &mut dropped).0;
        let answer = Pairing::answers(Key::InOrder, &REQUEST_IN, &TIME);
        enter(Side::Client, Pairing::asks(Key::InOrder));
        enter(Side::Client, Pairing::asks(Key::InOrder));
        assert_eq!([enter(Side::Server, answer), enter(Side::Server, answer)], [here(0), here(1)]);
    }

    #[test]
    fn the_oldest_question_is_forgotten_when_too_many_wait() {
        let (mut pairs, mut calls, mut dropped) = (Pairs::default(), Calls::default(), Dropped::default());
        for key in 0..=limits::QUESTIONS as u64 {
            pairs.enter(&now(Side::Client, 1, 0), Some(Pairing::asks(Key::Id(key))), &mut calls, &mut dropped);
        }
        assert_eq!((pairs.waiting.len(), dropped.questions), (limits::QUESTIONS, 1));
        let mut answer = |key| pairs.enter(&now(Side::Server, 2, 0), Some(answers(key)), &mut calls, &mut dropped).0;
        assert_eq!(answer(0), Pair::None);
        assert_eq!(answer(1), here(1));
    }

    /// Enters a message of a flow of its own.
    fn call(calls: &mut Calls, dropped: &mut Dropped, (packet, time): (u32, i64), pairing: Pairing) -> Pair {
        Pairs::default().enter(&now(Side::Client, packet, time), Some(pairing), calls, dropped).0
    }

    fn to_all(key: u64) -> Pairing {
        Pairing::answers(Key::Shared(key), &REQUEST_IN, &TIME)
    }

    const IN_1: Question = Question::InPacket(1);

    #[test]
    fn whoever_was_asked_with_all_others_answers_from_a_flow_of_its_own() {
        let (mut calls, mut dropped) = (Calls::default(), Dropped::default());
        let mut enter = |packet, time, pairing| call(&mut calls, &mut dropped, (packet, time), pairing);
        assert_eq!(enter(1, 0, Pairing::asks(Key::Shared(7))), Pair::Asks);
        assert_eq!(enter(2, 1, Pairing::asks(Key::Shared(7))), Pair::Repeats(IN_1));
        assert_eq!(enter(3, 1, to_all(8)), Pair::None);
        let offer = to_all(7).and_asks(Key::Shared(9));
        assert_eq!(enter(4, 2, offer), Pair::Answers { question: IN_1, asks: true });
        assert_eq!(enter(5, 3, to_all(7)), Pair::Answers { question: IN_1, asks: false }, "a second one");
        assert_eq!(enter(6, 4, to_all(9)), Pair::Answers { question: Question::InPacket(4), asks: false });
        assert_eq!(enter(7, REPEATED + 1, to_all(7)), Pair::None, "it was answered long ago");
        assert_eq!(enter(8, REPEATED + 2, Pairing::asks(Key::Shared(7))), Pair::Asks, "a new question");
        assert_eq!(enter(9, REPEATED + WAITS + 3, to_all(7)), Pair::None, "too late");
    }

    #[test]
    fn questions_to_all_stay_on_their_link() {
        let (mut calls, mut dropped) = (Calls::default(), Dropped::default());
        let at = |packet, link| Now { link, ..now(Side::Client, packet, 0) };
        let mut enter = |now: Now, pairing| Pairs::default().enter(&now, Some(pairing), &mut calls, &mut dropped).0;
        enter(at(1, 5), Pairing::asks(Key::Shared(7)));
        assert_eq!(enter(at(2, 6), to_all(7)), Pair::None);
        assert_eq!(enter(at(3, 5), to_all(7)), Pair::Answers { question: IN_1, asks: false });
        // Who reads a part again is told what the pass had found.
        let known = Some((Pair::Answers { question: IN_1, asks: false }, 0));
        let again = Now { known, ..at(3, 5) };
        assert_eq!(
            Pairs::default().enter(&again, Some(to_all(7)), &mut Calls::default(), &mut Dropped::default()).0,
            Pair::Answers { question: IN_1, asks: false }
        );
    }

    #[test]
    fn the_oldest_question_to_all_is_forgotten_when_too_many_wait() {
        let (mut calls, mut dropped) = (Calls::default(), Dropped::default());
        for key in 0..=limits::CALLS as u64 {
            call(&mut calls, &mut dropped, (1, 0), Pairing::asks(Key::Shared(key)));
        }
        assert_eq!((calls.called.len(), calls.order.len(), dropped.questions), (limits::CALLS, limits::CALLS, 1));
        assert_eq!(call(&mut calls, &mut dropped, (2, 0), to_all(0)), Pair::None);
    }
}
