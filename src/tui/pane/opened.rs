//! The pages of one flow: its ladder, what was said, the TLS session, what carried each message.

use std::io;

use super::{Conversation, Form, LaneRow, Lanes, Session, SpokenRow, turned};
use crate::capture::Fetch;
use crate::explain::{Ladder, Part, Wanted, units};
use crate::protocols::Side;
use crate::tui::eyes::Eyes;
use crate::tui::roll::{Roll, Target};
use crate::tui::study::{Of, Study};

/// What of a flow is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum FlowPage {
    /// Client and server, time downwards.
    #[default]
    Lanes,
    /// What was said.
    Conversation,
    /// The TLS session.
    Session,
    /// What carried each message.
    Units,
}

impl FlowPage {
    pub(in crate::tui) const ALL: [FlowPage; 4] =
        [FlowPage::Lanes, FlowPage::Conversation, FlowPage::Session, FlowPage::Units];

    pub(in crate::tui) const fn title(self) -> &'static str {
        match self {
            FlowPage::Lanes => "lanes",
            FlowPage::Conversation => "conversation",
            FlowPage::Session => "session",
            FlowPage::Units => "units",
        }
    }
}

/// A row of the ladder of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum UnitRow {
    /// A message: its place among the ladders.
    Message(usize),
    /// A part of it: its place among the message's parts.
    Part(usize, usize),
}

type Result<T> = std::result::Result<T, String>;

/// A flow that is open.
pub(in crate::tui) struct Opened {
    pub(in crate::tui) flow: u32,
    pub(in crate::tui) page: FlowPage,
    pub(in crate::tui) form: Form,
    /// Whose words are shown; both sides' if none is named.
    pub(in crate::tui) only: Option<Side>,
    pub(in crate::tui) roll: Roll,
    pub(in crate::tui) spoken: Vec<SpokenRow>,
    pub(in crate::tui) unit_rows: Vec<UnitRow>,
    /// Go to this packet's row when the page is there.
    wish: Option<u32>,
    lanes: Study<Result<Lanes>>,
    conversation: Study<Result<Conversation>>,
    session: Study<Result<Session>>,
    units: Study<Result<Vec<Ladder>>>,
}

impl Opened {
    /// Opens a flow, at the packet that one comes from.
    pub(in crate::tui) fn new(flow: u32, page: FlowPage, packet: Option<u32>) -> Opened {
        Opened {
            flow,
            page,
            form: Form::default(),
            only: None,
            roll: Roll::default(),
            spoken: Vec::new(),
            unit_rows: Vec::new(),
            wish: packet,
            lanes: Study::default(),
            conversation: Study::default(),
            session: Study::default(),
            units: Study::default(),
        }
    }

    /// Looks at what the page shows.
    pub(in crate::tui) fn look(&mut self, of: Of, eyes: &Eyes, fetch: &Fetch) -> io::Result<()> {
        let (flow, fetch) = (self.flow, fetch.clone());
        let of = Of { which: flow, ..of };
        let fresh = match self.page {
            FlowPage::Lanes => self.lanes.look(of, eyes, move |eyes| Lanes::read(eyes, &fetch, flow))?,
            FlowPage::Conversation => {
                self.conversation.look(of, eyes, move |eyes| Conversation::read(eyes, &fetch, flow))?
            }
            FlowPage::Session => self.session.look(of, eyes, move |eyes| Session::read(eyes, &fetch, flow))?,
            FlowPage::Units => self.units.look(of, eyes, move |eyes| ladders(eyes, &fetch, flow))?,
        };
        if fresh {
            self.lay_out();
            if let Some(row) = self.wish.take().and_then(|packet| self.row_of(packet)) {
                self.roll.selected = row;
            }
        }
        Ok(())
    }

    /// Makes the rows of the page anew.
    fn lay_out(&mut self) {
        if let Some(Ok(conversation)) = self.conversation.get() {
            self.spoken = conversation.rows(self.form, self.only);
        }
        if let Some(Ok(ladders)) = self.units.get() {
            let rows = ladders.iter().enumerate().flat_map(|(at, ladder)| {
                let parts = (0..ladder.parts.len()).map(move |part| UnitRow::Part(at, part));
                std::iter::once(UnitRow::Message(at)).chain(parts)
            });
            self.unit_rows = rows.collect();
        }
    }

    pub(in crate::tui) fn is_busy(&self) -> bool {
        match self.page {
            FlowPage::Lanes => self.lanes.is_busy(),
            FlowPage::Conversation => self.conversation.is_busy(),
            FlowPage::Session => self.session.is_busy(),
            FlowPage::Units => self.units.is_busy(),
        }
    }

    pub(in crate::tui) fn lanes(&self) -> Option<&Result<Lanes>> {
        self.lanes.get()
    }

    pub(in crate::tui) fn conversation(&self) -> Option<&Result<Conversation>> {
        self.conversation.get()
    }

    pub(in crate::tui) fn session(&self) -> Option<&Result<Session>> {
        self.session.get()
    }

    pub(in crate::tui) fn units(&self) -> Option<&Result<Vec<Ladder>>> {
        self.units.get()
    }

    pub(in crate::tui) fn len(&self) -> usize {
        match self.page {
            FlowPage::Lanes => {
                self.lanes.get().and_then(|lanes| lanes.as_ref().ok()).map_or(0, |lanes| lanes.rows.len())
            }
            FlowPage::Conversation => self.spoken.len(),
            FlowPage::Session => {
                self.session.get().and_then(|card| card.as_ref().ok()).map_or(0, |card| card.rows.len())
            }
            FlowPage::Units => self.unit_rows.len(),
        }
    }

    /// The packet behind a row.
    fn packet(&self, at: usize) -> Option<u32> {
        match self.page {
            FlowPage::Lanes => match self.lanes.get()?.as_ref().ok()?.rows.get(at)? {
                LaneRow::Packet { moment, .. } => Some(moment.packet),
                LaneRow::Silence { .. } => None,
            },
            FlowPage::Conversation => {
                let passage = self.spoken.get(at)?.passage();
                let passages = &self.conversation.get()?.as_ref().ok()?.passages;
                passages.get(passage)?.origins.first().map(|piece| piece.packet)
            }
            FlowPage::Session => self.session.get()?.as_ref().ok()?.rows.get(at)?.packet(),
            FlowPage::Units => self.part(at).map(|part| part.packet),
        }
    }

    fn part(&self, at: usize) -> Option<&Part> {
        let ladders = self.units.get()?.as_ref().ok()?;
        match *self.unit_rows.get(at)? {
            UnitRow::Message(ladder) => ladders.get(ladder)?.parts.first(),
            UnitRow::Part(ladder, part) => ladders.get(ladder)?.parts.get(part),
        }
    }

    fn row_of(&self, packet: u32) -> Option<usize> {
        (0..self.len()).find(|at| self.packet(*at) == Some(packet))
    }

    /// Where the selected row leads: to its packet, and its bytes there.
    pub(in crate::tui) fn target(&self) -> Option<Target> {
        let at = self.roll.selected;
        if let (FlowPage::Units, Some(part)) = (self.page, self.part(at))
            && let Some(from) = part.at
        {
            return Some(Target::Bytes(part.packet, from..from.saturating_add(part.length as u32)));
        }
        if let (FlowPage::Conversation, Some(row)) = (self.page, self.spoken.get(at)) {
            return self.spoken_bytes(row);
        }
        self.packet(at).map(Target::Packet)
    }

    /// The bytes of the packet that brought a line of the conversation.
    fn spoken_bytes(&self, row: &SpokenRow) -> Option<Target> {
        let passage = self.conversation.get()?.as_ref().ok()?.passages.get(row.passage())?;
        let from = match row {
            SpokenRow::Heading(_) | SpokenRow::Decoded(..) => 0,
            SpokenRow::Text(_, range) | SpokenRow::Sizes(_, range) => range.start,
            SpokenRow::Hex(_, from) => *from,
        };
        let piece = passage.origins.iter().find_map(|piece| piece.within(from.into(), u64::from(from) + 1))?;
        Some(Target::Bytes(piece.packet, piece.at..piece.at + 1))
    }

    /// Shows the next page, or the one before; the packet stays.
    pub(in crate::tui) fn turn(&mut self, forward: bool) {
        self.show(turned(FlowPage::ALL, self.page, forward));
    }

    /// Shows a page; the packet stays.
    pub(in crate::tui) fn show(&mut self, page: FlowPage) {
        self.wish = self.packet(self.roll.selected).or(self.wish);
        self.page = page;
        self.arrive();
    }

    /// The page changed: to the packet that one comes from, if the page is there already.
    fn arrive(&mut self) {
        self.roll = Roll::default();
        let here = self.wish.and_then(|packet| self.row_of(packet));
        if let Some(row) = here {
            (self.roll.selected, self.wish) = (row, None);
        }
    }

    /// Text or hexadecimal digits.
    pub(in crate::tui) fn change_form(&mut self) {
        self.form = if self.form == Form::Text { Form::Hex } else { Form::Text };
        self.again();
    }

    /// Both sides, the client alone, the server alone.
    pub(in crate::tui) fn change_side(&mut self) {
        self.only = match self.only {
            None => Some(Side::Client),
            Some(Side::Client) => Some(Side::Server),
            Some(Side::Server) => None,
        };
        self.again();
    }

    fn again(&mut self) {
        self.wish = self.packet(self.roll.selected);
        self.lay_out();
        self.arrive();
    }
}

fn ladders(eyes: &Eyes, fetch: &Fetch, flow: u32) -> Result<Vec<Ladder>> {
    let found = units(&eyes.trace(), fetch, flow, Wanted::All);
    let found = found.map_err(|error| format!("flow {flow} cannot be read again: {error}"))?;
    match found {
        Some(ladders) if ladders.is_empty() => Err(format!("nobody reads the messages of flow {flow}")),
        Some(ladders) => Ok(ladders),
        None => Err(format!("there is no flow {flow}")),
    }
}
