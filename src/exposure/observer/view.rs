//! The capture as one observer sees it.

use std::net::IpAddr;

use super::{Observer, Packets, Sight};
use crate::bytes::{Class, Findings, Ledger, Tree};
use crate::capture::Fetch;
use crate::exposure::leak::{Leak, flows_that_tell};
use crate::flow::{Flow, NO_FLOW};
use crate::protocols::{Side, ethernet};
use crate::trace::{Row, Trace};

/// Addresses that have their first bits in common: `192.168.1.0/24`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Net {
    address: IpAddr,
    bits: u8,
}

impl std::str::FromStr for Net {
    type Err = String;

    fn from_str(text: &str) -> Result<Net, String> {
        let wrong = || format!("{} is no network: write 192.168.1.0/24 or 2001:db8::/32", crate::bytes::escape(text));
        let (address, bits) = text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), str::parse).ok().filter(|bits| *bits <= most).ok_or_else(wrong)?;
        Ok(Net { address, bits })
    }
}

impl Net {
    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let differ = match (self.address, address) {
            (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
            _ => return false,
        };
        differ >= u32::from(self.bits)
    }
}

/// Which addresses are on this side of the router.
#[derive(Clone, Debug, Default)]
pub struct Local {
    nets: Vec<Net>,
}

impl Local {
    /// Those of `nets`; if none is given, the private ones.
    pub fn new(nets: Vec<Net>) -> Local {
        Local { nets }
    }

    /// Whether an address never leaves the link, or is of the local network.
    pub fn has(&self, address: IpAddr) -> bool {
        let named = self.nets.iter().any(|net| net.contains(address));
        stays_on_the_link(address) || named || self.nets.is_empty() && is_private(address)
    }

    /// The local side of a flow: the one with a local address, else the one that opened it.
    pub fn side(&self, flow: &Flow) -> Side {
        let has = |side| self.has(flow.endpoint(side).0);
        if has(Side::Server) && !has(Side::Client) { Side::Server } else { Side::Client }
    }

    /// Whether packets of a flow between these leave the local network.
    fn is_routed(&self, flow: &Flow) -> bool {
        let ends = [Side::Client, Side::Server].map(|side| flow.endpoint(side).0);
        let on_link = ends.into_iter().any(stays_on_the_link) || are_neighbours(ends);
        !on_link && !ends.into_iter().all(|address| self.has(address))
    }
}

/// RFC 1918, RFC 6598, RFC 4193.
pub(in crate::exposure) fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_private() || matches!(v4.octets(), [100, 64..=127, ..]),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.to_ipv4_mapped().is_some_and(|v4| is_private(v4.into())),
    }
}

/// Link-local, loopback, multicast and broadcast addresses, and no address: routers do not pass them on.
fn stays_on_the_link(address: IpAddr) -> bool {
    let shared = address.is_loopback() || address.is_multicast() || address.is_unspecified();
    shared
        || match address {
            IpAddr::V4(v4) => v4.is_link_local() || v4.is_broadcast(),
            IpAddr::V6(v6) => v6.is_unicast_link_local(),
        }
}

/// Whether two addresses are of one link: IPv6 networks have 64 bits (RFC 4291, section 2.5.4).
fn are_neighbours([a, b]: [IpAddr; 2]) -> bool {
    match (a, b) {
        (IpAddr::V6(a), IpAddr::V6(b)) => a.to_bits() >> 64 == b.to_bits() >> 64,
        _ => false,
    }
}

/// Which packets pass an observer, and what of them it sees.
pub struct View<'o> {
    /// Who looks.
    pub observer: &'o Observer,
    /// By flow and side.
    flows: Vec<[bool; 2]>,
    /// Packets of no flow that pass, in order; or all of them.
    others: Others,
}

enum Others {
    All,
    These(Vec<u32>),
}

impl<'o> View<'o> {
    /// What `observer` sees of a capture.
    pub fn new(trace: &Trace, fetch: &Fetch, observer: &'o Observer, local: &Local) -> View<'o> {
        let all = trace.flows().all();
        let told = (!observer.told.is_empty())
            .then(|| flows_that_tell(trace, |kind| observer.told.iter().any(|pattern| pattern.matches(kind))));
        let speaks = |flow: &Flow| {
            let stack = flow.stack();
            observer.speaks.is_empty() || observer.speaks.iter().any(|of| stack.iter().any(|layer| of.is(layer)))
        };
        let selected = |flow: &Flow| speaks(flow) && told.as_ref().is_none_or(|told| told.contains(&flow.number));
        let flows = all.iter().map(|flow| {
            let passes = match observer.packets {
                Packets::All => [true; 2],
                Packets::None => [false; 2],
                Packets::Routed => [local.is_routed(outermost(trace, flow)); 2],
                Packets::Group => [is_for_all(trace, fetch, flow.first), false],
            };
            if selected(flow) { passes } else { [false; 2] }
        });
        let flows = flows.collect();
        let selects = !observer.speaks.is_empty() || told.is_some();
        let others = match observer.packets {
            Packets::All if !selects => Others::All,
            Packets::Group if !selects => {
                let without = trace.rows().iter().zip(1..).filter(|(row, _)| row.flow == NO_FLOW);
                Others::These(without.map(|(_, number)| number).filter(|n| is_for_all(trace, fetch, *n)).collect())
            }
            _ => Others::These(Vec::new()),
        };
        View { observer, flows, others }
    }

    /// Whether packet `number` passes.
    pub fn packet(&self, trace: &Trace, number: u32) -> bool {
        trace.row(number).is_some_and(|row| self.row(&row, number))
    }

    fn row(&self, row: &Row, number: u32) -> bool {
        if row.is_gone() {
            return false;
        }
        if row.flow != NO_FLOW {
            return self.flow(row.flow, row.side());
        }
        match &self.others {
            Others::All => true,
            Others::These(these) => these.binary_search(&number).is_ok(),
        }
    }

    /// Whether what this side of a flow sends passes.
    pub fn flow(&self, flow: u32, side: Side) -> bool {
        self.flows.get(flow as usize).and_then(|sides| sides.get(side.index())).copied().unwrap_or(false)
    }

    /// Whether anything of a flow passes.
    pub fn any(&self, flow: u32) -> bool {
        self.flow(flow, Side::Client) || self.flow(flow, Side::Server)
    }

    /// Whether bytes of this class are there for the observer; if not, they are dark.
    pub fn sees(&self, class: Class) -> bool {
        self.observer.sees(class)
    }

    /// The bytes of a packet by class as the observer sees them, and how many are dark; nothing if it does not pass.
    pub fn ledger(&self, trace: &Trace, number: u32) -> Option<(Ledger, u64)> {
        if !self.packet(trace, number) {
            return None;
        }
        Some(self.split(trace.ledger(number)))
    }

    /// A ledger as the observer sees it, and how many bytes are dark.
    pub fn split(&self, ledger: Ledger) -> (Ledger, u64) {
        let mut seen = Ledger::default();
        for (class, bytes) in ledger.iter().filter(|(class, _)| self.sees(*class)) {
            seen.add(class, bytes);
        }
        (seen, ledger.total() - seen.total())
    }

    /// Leaves of a trace what the observer sees: everything derived from it is then what it can know.
    #[must_use]
    pub fn narrow(&self, trace: Trace) -> Trace {
        let passes: Vec<bool> = (1..=trace.rows().len() as u32).map(|number| self.packet(&trace, number)).collect();
        trace.narrowed(&passes, |class| self.sees(class))
    }

    /// How well it sees a leak. Its evidence has to pass.
    pub fn leak(&self, trace: &Trace, leak: &Leak) -> Option<Sight> {
        let passes = leak.evidence.iter().all(|evidence| self.packet(trace, evidence.packet));
        let translated = leak.is_private && self.observer.beyond;
        self.observer.sight(leak.kind).filter(|_| passes && !translated)
    }
}

/// The flow around all others.
fn outermost<'a>(trace: &'a Trace, flow: &'a Flow) -> &'a Flow {
    const DEEPEST: usize = 16;
    let around = |of: &&'a Flow| trace.flows().all().get(of.parent? as usize);
    std::iter::successors(Some(flow), around).take(DEEPEST).last().unwrap_or(flow)
}

/// Whether a packet is for everybody on the link, by its link address.
fn is_for_all(trace: &Trace, fetch: &Fetch, number: u32) -> bool {
    let mut bytes = Vec::new();
    let Some(row) = trace.row(number) else { return false };
    if fetch.read(row.position, row.captured, &mut bytes).is_err() {
        return false;
    }
    let mut tree = Tree::only(vec![&ethernet::DESTINATION]);
    trace.walk(number, &row, &bytes, &mut Findings::counting(), Some(&mut tree));
    let destination = tree.nodes().first().map(|node| tree.bytes_of(node, &bytes));
    destination.and_then(|address| address.first()).is_some_and(|first| first & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_understood() {
        let net: Net = "192.168.1.0/24".parse().unwrap();
        assert!(net.contains("192.168.1.200".parse().unwrap()) && !net.contains("192.168.2.1".parse().unwrap()));
        let all: Net = "::/0".parse().unwrap();
        assert!(all.contains("2001:db8::1".parse().unwrap()) && !all.contains("192.0.2.1".parse().unwrap()));
        assert!(["", "1.2.3.4/33", "::1/129", "home", "1.2.3.4/"].iter().all(|wrong| wrong.parse::<Net>().is_err()));
    }

    #[test]
    fn what_stays_at_home_is_local() {
        let local = Local::default();
        let has = |address: &str| local.has(address.parse().unwrap());
        assert!(["10.1.2.3", "192.168.1.1", "fe80::1", "fd00::1", "224.0.0.251", "127.0.0.1"].into_iter().all(has));
        assert!(!["203.0.113.7", "2001:db8::1", "8.8.8.8"].into_iter().any(has));
        let lab = Local::new(vec!["10.1.0.0/16".parse().unwrap()]);
        assert!(lab.has("10.1.2.3".parse().unwrap()) && !lab.has("10.2.0.1".parse().unwrap()));
    }
}
