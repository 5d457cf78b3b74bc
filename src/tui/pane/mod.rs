//! The views that are lists over the whole capture, and the pages of one flow: what their rows are, which is
//! selected, and where each leads. How they look is said in `view/`.

mod conversation;
mod journey;
mod lanes;
mod leaks;
mod ledger;
mod names;
mod opened;
mod session;

pub(super) use conversation::{Conversation, Form, PER_ROW, SpokenRow};
pub(super) use journey::{JourneyPane, JourneyRow};
pub(super) use lanes::{LaneRow, Lanes};
pub(super) use leaks::{Known, LeakRow, LeaksPane, Notebook};
pub(super) use ledger::{LedgerPage, LedgerPane, LedgerRow};
pub(super) use names::{NamesPage, NamesPane, NamesRow};
pub(super) use opened::{FlowPage, Opened, UnitRow};
pub(super) use session::{Session, SessionRow};

/// One of a few pages, turned forward and back.
pub(super) fn turned<T: Copy + PartialEq, const N: usize>(all: [T; N], now: T, forward: bool) -> T {
    let at = all.iter().position(|page| *page == now).unwrap_or(0);
    let next = if forward { at + 1 } else { at + N - 1 };
    all.get(next % N).copied().unwrap_or(now)
}
