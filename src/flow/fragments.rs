//! IP datagrams put together from fragments (RFC 791, section 3.2; RFC 8200, section 4.5).

use super::limits::Dropped;
use super::table::Seen;
use crate::bytes::{Assembly, Piece};
use crate::protocols::{Fragment, Outline};

/// A whole datagram's payload, and which packets carried it.
#[derive(Debug)]
pub(super) struct Datagram {
    pub(super) bytes: Vec<u8>,
    assembly: Assembly,
}

impl Datagram {
    pub(super) fn pieces(&self) -> &[Piece] {
        self.assembly.pieces()
    }

    pub(super) fn origins(&self, start: u64, end: u64) -> impl Iterator<Item = Piece> + '_ {
        self.assembly.origins(start, end)
    }

    pub(super) fn packets(&self) -> impl Iterator<Item = u32> + '_ {
        self.assembly.pieces().iter().map(|piece| piece.packet)
    }
}

/// Datagrams that wait for fragments.
#[derive(Debug, Default)]
pub(super) struct Fragments {}

impl Fragments {
    /// Takes a fragment; returns the datagram if it is whole now.
    pub(super) fn arrive(
        &mut self,
        _seen: Seen<'_>,
        _fragment: Fragment,
        _outline: &Outline,
        _dropped: &mut Dropped,
    ) -> Option<Datagram> {
        None
    }
}
