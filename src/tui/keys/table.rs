//! The table: every key and every command, in the order of the help.

use ratatui::crossterm::event::{KeyCode, KeyModifiers};

use super::{Action as A, Binding, Group as G, Views as V};
use crate::tui::app::View;
use crate::tui::ask::Question as Q;
use crate::tui::config::Column;
use crate::tui::copying::Copying as C;
use crate::tui::flows::FlowColumn;
use crate::tui::order::Sorting;
use crate::tui::pane::FlowPage as P;

type Key = (KeyCode, KeyModifiers);

const fn key(c: char) -> Key {
    (KeyCode::Char(c), KeyModifiers::NONE)
}

const fn control(c: char) -> Key {
    (KeyCode::Char(c), KeyModifiers::CONTROL)
}

const fn code(code: KeyCode) -> Key {
    (code, KeyModifiers::NONE)
}

const fn bind(keys: &'static [Key], action: A, group: G, hint: Option<&'static str>, help: &'static str) -> Binding {
    Binding { keys, action, group, help, hint, views: V::All }
}

/// A command that sorts the list of packets.
const fn packets(column: Column, help: &'static str) -> Binding {
    within(V::Packets, bind(&[], A::Sort(Sorting::Packets(column)), G::Show, None, help))
}

/// A command that sorts the list of flows.
const fn flows(column: FlowColumn, help: &'static str) -> Binding {
    within(V::Flows, bind(&[], A::Sort(Sorting::Flows(column)), G::Show, None, help))
}

const fn within(views: V, binding: Binding) -> Binding {
    Binding { views, ..binding }
}

/// Every key, and commands that have none. The status line names those with a hint, in this order, as far as there is
/// room: whoever is lost must find the help and the way out.
pub(in crate::tui) static TABLE: &[Binding] = &[
    bind(&[key('?'), code(KeyCode::F(1))], A::Help, G::Rest, Some("keys"), "this help"),
    bind(&[key('q'), control('c')], A::Quit, G::Rest, Some("quit"), "quit"),
    bind(
        &[key(':')],
        A::Palette,
        G::Rest,
        Some("commands"),
        "every command by its name; a number goes to that packet",
    ),
    bind(&[code(KeyCode::Esc)], A::Back, G::Rest, None, "back: close, all packets again, to the list"),
    bind(&[control('z')], A::Suspend, G::Rest, None, "to the shell; `fg` comes back"),
    bind(&[key('T')], A::Theme, G::Rest, None, "next theme: dark, light, high contrast, colour-blind safe, mono"),
    // Views
    bind(&[key('1')], A::Show(View::Packets), G::View, None, "packets: layers and bytes of each"),
    bind(&[key('2')], A::Show(View::Flows), G::View, None, "flows: who talks with whom"),
    bind(&[key('3')], A::Show(View::Leaks), G::View, None, "leaks: what an observer learns"),
    bind(&[key('4')], A::Show(View::Journey), G::View, None, "journey: what happened on the way to a site, in time"),
    bind(&[key('5')], A::Show(View::Names), G::View, None, "names: questions, addresses, who is on the link"),
    bind(
        &[key('6')],
        A::Show(View::Exposure),
        G::View,
        None,
        "exposure: bytes to scale, by protocol, name, host, time",
    ),
    // Moving
    bind(&[key('j'), code(KeyCode::Down)], A::Down, G::Move, None, "down"),
    bind(&[key('k'), code(KeyCode::Up)], A::Up, G::Move, None, "up"),
    bind(&[key('h'), code(KeyCode::Left)], A::Left, G::Move, None, "fold the layer; in the bytes: one to the left"),
    bind(&[key('l'), code(KeyCode::Right)], A::Right, G::Move, None, "unfold it; in the bytes: one to the right"),
    bind(&[code(KeyCode::PageDown), control('f'), control('d')], A::PageDown, G::Move, None, "a page down"),
    bind(&[code(KeyCode::PageUp), control('b'), control('u')], A::PageUp, G::Move, None, "a page up"),
    bind(&[key('g'), code(KeyCode::Home)], A::First, G::Move, None, "to the start; g and digits: to that packet"),
    bind(&[key('G'), code(KeyCode::End)], A::Last, G::Move, None, "to the end; a live capture then follows"),
    within(
        V::Packets,
        bind(&[code(KeyCode::Tab)], A::NextPane, G::Move, Some("pane"), "next pane: packets, layers, bytes, strip"),
    ),
    bind(&[code(KeyCode::BackTab)], A::PreviousPane, G::Move, None, "previous pane"),
    bind(
        &[code(KeyCode::Enter), key(' ')],
        A::Open,
        G::Move,
        Some("open"),
        "open what is selected, or go to its bytes",
    ),
    within(
        V::Paged,
        bind(
            &[key(']')],
            A::NextPage,
            G::Move,
            Some("next page"),
            "next page; of bytes: the frame, what was put together",
        ),
    ),
    bind(&[key('[')], A::PreviousPage, G::Move, None, "page before"),
    bind(&[key('.')], A::NextOfFlow, G::Move, None, "next packet of the same flow"),
    bind(&[key(',')], A::PreviousOfFlow, G::Move, None, "previous packet of the same flow"),
    bind(
        &[key('\\'), control('s')],
        A::Ask(Q::Search),
        G::Move,
        None,
        "search the focused pane: text, /regex/, 0x00ff",
    ),
    bind(&[key('n')], A::FindNext, G::Move, None, "next find"),
    bind(&[key('N')], A::FindPrevious, G::Move, None, "previous find"),
    bind(&[key('\'')], A::NextMark, G::Move, None, "next marked packet"),
    // Showing
    within(
        V::Packets,
        bind(
            &[key('/')],
            A::Ask(Q::Filter),
            G::Show,
            Some("filter"),
            "show only packets that a display filter lets pass",
        ),
    ),
    within(
        V::Packets,
        bind(&[key('e')], A::Explain, G::Show, Some("explain"), "explain the selected field, and who sees it"),
    ),
    within(
        V::Packets,
        bind(
            &[key('f')],
            A::OpenFlow(P::Conversation),
            G::Show,
            Some("follow"),
            "follow: what was said in this flow, from any view",
        ),
    ),
    bind(&[key('v')], A::OpenFlow(P::Lanes), G::Show, None, "lanes: this flow as a ladder in time"),
    within(
        V::Packets,
        bind(
            &[key('u')],
            A::OpenFlow(P::Units),
            G::Show,
            Some("units"),
            "units: what carried each message of this flow",
        ),
    ),
    bind(&[key('S')], A::OpenFlow(P::Session), G::Show, None, "session: the TLS hellos of this flow side by side"),
    bind(&[key('F')], A::OnlyFlow, G::Show, None, "show only this packet's flow"),
    bind(&[key('=')], A::FilterThis, G::Show, None, "the selected field as a filter"),
    within(
        V::Packets,
        bind(&[key('c')], A::Paint, G::Show, Some("colours"), "colour the bytes by class or by layer"),
    ),
    bind(&[key('C')], A::Letters, G::Show, None, "class letters beside the bytes"),
    bind(&[key('p')], A::Halt, G::Show, None, "halt a live capture; again: go on"),
    bind(&[key('P')], A::Payload, G::Show, None, "show payload, or hide it (hidden at first in promiscuous mode)"),
    bind(
        &[key('o')],
        A::Observer,
        G::Show,
        Some("observer"),
        "observer: the next one; what they cannot see is dark everywhere",
    ),
    bind(&[key('O')], A::ObserverBefore, G::Show, None, "the observer before"),
    bind(&[key('t')], A::TimeForm, G::Show, None, "times: since the start, since the packet before, of day, UTC"),
    bind(&[key('r')], A::TimeReference, G::Show, None, "times count from this packet; again: from the start"),
    within(
        V::Opened,
        bind(&[key('x')], A::ConversationForm, G::Show, Some("text, hex"), "a conversation as text or hexadecimal"),
    ),
    within(
        V::Opened,
        bind(&[key('z')], A::ConversationSide, G::Show, Some("side"), "a conversation's both sides, client, server"),
    ),
    within(
        V::Sorted,
        bind(
            &[key('s')],
            A::SortMenu,
            G::Show,
            Some("sort"),
            "sort packets or flows: choose by what; a click on a title does, too",
        ),
    ),
    packets(Column::Number, "sort packets by number"),
    packets(Column::Time, "sort packets by time"),
    packets(Column::Source, "sort packets by source"),
    packets(Column::Destination, "sort packets by destination"),
    packets(Column::Protocol, "sort packets by protocol"),
    packets(Column::Length, "sort packets by length"),
    packets(Column::Split, "sort packets by how much of each is encrypted"),
    packets(Column::Flow, "sort packets by flow"),
    packets(Column::What, "sort packets by what they are about"),
    flows(FlowColumn::Number, "sort flows by number"),
    flows(FlowColumn::Spoken, "sort flows by what is spoken"),
    flows(FlowColumn::Ends, "sort flows by the client's address"),
    flows(FlowColumn::Packets, "sort flows by packets"),
    flows(FlowColumn::Bytes, "sort flows by bytes"),
    flows(FlowColumn::Split, "sort flows by how much of each is encrypted"),
    flows(FlowColumn::Stage, "sort flows by how far they got"),
    flows(FlowColumn::RoundTrip, "sort flows by round trip"),
    flows(FlowColumn::Duration, "sort flows by duration"),
    flows(FlowColumn::Process, "sort flows by process"),
    flows(FlowColumn::Name, "sort flows by name"),
    // Taking away
    bind(&[key('y')], A::CopyMenu, G::Take, None, "copy: choose how (by the terminal, also over ssh)"),
    bind(&[], A::Copy(C::Line), G::Take, None, "copy the packet's line"),
    bind(&[], A::Copy(C::Value), G::Take, None, "copy the field's value"),
    bind(&[], A::Copy(C::Filter), G::Take, None, "copy the field as a filter"),
    bind(&[], A::Copy(C::Text), G::Take, None, "copy the bytes as text"),
    bind(&[], A::Copy(C::Hex), G::Take, None, "copy the bytes as hexadecimal digits"),
    bind(&[], A::Copy(C::C), G::Take, None, "copy the bytes as a C array"),
    bind(&[], A::Copy(C::Rust), G::Take, None, "copy the bytes as a Rust array"),
    bind(&[], A::Copy(C::Json), G::Take, None, "copy the packet's tree as JSON"),
    bind(&[key('m')], A::Mark, G::Take, None, "mark this packet; again: no more"),
    bind(&[key('M')], A::Ask(Q::Note), G::Take, None, "write a note to this packet"),
    bind(&[key('w')], A::Ask(Q::ExportShown), G::Take, None, "write the packets that are shown to a pcapng file"),
    bind(
        &[key('W')],
        A::Ask(Q::ExportMarked),
        G::Take,
        None,
        "write the marked packets to a pcapng file, with notes",
    ),
    bind(&[], A::Ask(Q::ExportSelected), G::Take, None, "write the selected packet to a pcapng file"),
];
