//! Endpoints that messages of other flows have announced: who first speaks there speaks what was announced.

use std::collections::VecDeque;
use std::net::IpAddr;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::limits::{self, Dropped};
use super::table::Flow;
use crate::bytes::{Announced, Whose};
use crate::protocols::{self, NONE, Side};

/// An endpoint: address, port, IP protocol number.
type Place = (IpAddr, u16, u8);

/// The endpoints that have not spoken yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Expected {
    places: HashMap<Place, u8, RandomState>,
    /// The order in which they were announced; some have spoken since.
    order: VecDeque<Place>,
}

impl Expected {
    /// Whether nothing is expected.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// `side` of `flow` announces an endpoint.
    pub(super) fn enter(&mut self, announced: &Announced, side: Side, flow: &Flow, dropped: &mut Dropped) {
        let address = match announced.address {
            Whose::Address(address) => address,
            Whose::Sender => flow.endpoint(side).0,
            Whose::Receiver => flow.endpoint(side.other()).0,
        };
        let speaks = protocols::LIST.iter().position(|protocol| protocol.heading == *announced.heading);
        let place = (address, announced.port, announced.ip_number);
        if self.places.insert(place, speaks.map_or(NONE, |place| place as u8)).is_none() {
            self.order.push_back(place);
        }
        while self.order.len() > limits::ANNOUNCED {
            let oldest = self.order.pop_front().and_then(|oldest| self.places.remove(&oldest));
            dropped.announced += u64::from(oldest.is_some());
        }
    }

    /// What was announced that `flow`, which begins, speaks; [`NONE`] if nothing was.
    pub(super) fn take(&mut self, flow: &Flow) -> u8 {
        let ends = [flow.endpoint(Side::Client), flow.endpoint(Side::Server)];
        let spoken = ends.map(|(address, port)| self.places.remove(&(address, port, flow.ip_number)));
        let [client, server] = spoken;
        server.or(client).unwrap_or(NONE)
    }
}
