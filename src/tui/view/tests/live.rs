//! A live capture: how it is doing, what happens to it, the switch that halts it, payload that is hidden.

use std::cell::Cell;
use std::rc::Rc;

use super::*;
use crate::tui::Beginning;
use crate::tui::gauge::{Gauge, Pulse};

/// A capture that somebody else turns.
#[derive(Clone, Default)]
struct Pretended(Rc<(Cell<bool>, Cell<u64>)>);

impl Gauge for Pretended {
    fn pulse(&self) -> Pulse {
        let (halted, by_husk) = (self.0.0.get(), self.0.1.get());
        Pulse { received: 12_345, by_kernel: by_husk, by_husk, cut: 99, halted, ..Pulse::default() }
    }

    fn events(&self, from: usize) -> Vec<String> {
        let all = ["eth0: the link is down", "eth0: the link is \x1b[31mup again"];
        all.into_iter().skip(from).map(str::to_owned).collect()
    }

    fn halt(&self, halted: bool) {
        self.0.0.set(halted);
    }
}

fn watching(beginning: Beginning) -> (User, Pretended) {
    let mut user = User::opens("demo.pcapng", (140, 40), FULL);
    let gauge = Pretended::default();
    user.app.watch(Box::new(gauge.clone()), beginning);
    user.looks();
    (user, gauge)
}

#[test]
fn counters_and_events_are_in_the_status_line() {
    let (mut user, gauge) = watching(Beginning::default());
    let told = "eth0: the link is down · eth0: the link is \\x1b[31mup again";
    assert!(user.sees().contains(told), "{}", user.sees());
    assert!(user.sees().contains("12,345 received · 0 dropped · 99 B cut"));
    user.types("j");
    assert!(!user.sees().contains("the link is down"), "it is told once");
    assert!(!user.app.is_stale());
    gauge.0.1.set(7);
    assert!(user.app.is_stale(), "numbers that change are drawn");
    user.looks();
    assert!(user.sees().contains("dropped: 7 by kernel, 0 by interface, 7 by husk"), "{}", user.sees());
}

#[test]
fn a_key_halts_and_goes_on() {
    let (mut user, gauge) = watching(Beginning::default());
    user.types("p");
    assert!(gauge.0.0.get() && user.sees().contains("halted"));
    user.types("p");
    assert!(!gauge.0.0.get() && user.sees().contains("the capture goes on"));
    let mut file = User::opens("demo.pcapng", (80, 24), FULL);
    assert!(file.types("p").sees().contains("no live capture"));
}

#[test]
fn payload_is_hidden_until_a_key_shows_it() {
    let notice = Some("said first".to_owned());
    let (mut user, _) = watching(Beginning { notice, hides_payload: true });
    user.app.update(crate::tui::keys::Action::OpenFlow(FlowPage::Conversation));
    // The page that the demo's plain HTTP flow carries.
    user.app.view = View::Packets;
    user.types("/http.response<enter>").types("<enter>");
    let word = "hidden: P shows it";
    user.types("f");
    assert!(user.sees().contains(word), "{}", user.sees());
    user.types("P");
    assert!(!user.sees().contains(word) && user.sees().contains("payload is shown"));
    user.types("P1");
    let detail = user.app.detail.as_ref().expect("a packet");
    let content = detail.explained.classes.iter().filter(|class| **class == Class::Content).count();
    assert!(content > 0 && user.app.is_dark(Class::Content) && !user.app.is_dark(Class::Metadata));
    user.types(":copy the bytes as text<enter>");
    assert!(user.sees().contains("not copied"), "{}", user.sees());
}
