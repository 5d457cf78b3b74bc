//! Copies what was captured into another file, with the keys that belong to it.
//!
//! A key has to stand before the packets that it opens, or else a program that reads the file once cannot use it; but
//! it is known only later than the first of them. So the keys are put in when all is captured. Packets of others are
//! left out then, too.

use std::io::{self, Write};

use crate::capture::Fetch;
use crate::capture::pcapng::{INTERFACE_DESCRIPTION, SECTION_HEADER, comment_block, secrets_block};
use crate::capture::secrets::TLS_KEY_LOG;

/// Bytes copied at once.
const PIECE: usize = 1 << 20;

/// The most bytes of keys in one block.
const MOST_KEYS: usize = 8 << 20;

/// Where the data of a packet begin within its block.
const DATA: u64 = 28;

/// What goes into the other file, beside packets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Embedded<'a> {
    /// The rows of a key log: they stand behind what describes the interfaces.
    pub keys: &'a [u8],
    /// Where the data of packets begin that are left out, in order.
    pub left_out: &'a [u64],
    /// A comment on that, at the end.
    pub comment: Option<&'a str>,
}

/// Writes the first `length` bytes of a capture of husk's to `out`, with more or less in them.
pub fn embed(capture: &Fetch, length: u64, what: &Embedded<'_>, out: &mut dyn Write) -> io::Result<()> {
    let head = head(capture, length)?;
    copy(capture, 0..head, out)?;
    for keys in whole_rows(what.keys) {
        out.write_all(&secrets_block(TLS_KEY_LOG, keys))?;
    }
    let (mut from, mut size) = (head, Vec::new());
    for position in what.left_out {
        let block = position.saturating_sub(DATA);
        capture.read(block + 4, 4, &mut size)?;
        copy(capture, from..block, out)?;
        from = block + u64::from(size.first_chunk().map_or(0, |size| u32::from_le_bytes(*size)));
    }
    copy(capture, from..length, out)?;
    if let Some(comment) = what.comment {
        out.write_all(&comment_block(comment))?;
    }
    out.flush()
}

/// Where the blocks that describe section and interfaces end.
fn head(capture: &Fetch, length: u64) -> io::Result<u64> {
    let mut at = 0;
    let mut start = Vec::new();
    while at + 8 <= length {
        capture.read(at, 8, &mut start)?;
        let word = |from: usize| {
            start.get(from..).and_then(|rest| rest.first_chunk()).map_or(0, |word| u32::from_le_bytes(*word))
        };
        if !matches!(word(0), SECTION_HEADER | INTERFACE_DESCRIPTION) || word(4) < 12 {
            break;
        }
        at += u64::from(word(4));
    }
    Ok(at.min(length))
}

fn copy(capture: &Fetch, range: std::ops::Range<u64>, out: &mut dyn Write) -> io::Result<()> {
    let mut piece = Vec::new();
    for at in range.clone().step_by(PIECE) {
        let count = (range.end - at).min(PIECE as u64);
        capture.read(at, count as u32, &mut piece)?;
        out.write_all(&piece)?;
    }
    Ok(())
}

/// Cuts a key log between rows, into pieces of at most [`MOST_KEYS`].
fn whole_rows(mut keys: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while !keys.is_empty() {
        let most = keys.get(..MOST_KEYS.min(keys.len())).unwrap_or_default();
        let end = match most.iter().rposition(|byte| *byte == b'\n') {
            Some(at) if most.len() < keys.len() => at + 1,
            _ => most.len(),
        };
        let (piece, rest) = keys.split_at_checked(end).unwrap_or((keys, &[]));
        pieces.push(piece);
        keys = rest;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::pcapng::{PacketInfo, Writer};
    use crate::capture::{Block, Interface, Progress, Section, Source};

    #[test]
    fn keys_stand_before_the_packets() {
        let mut writer = Writer::new(Vec::new(), &Section::default()).expect("in memory");
        writer.interface(&Interface { link_type: 1, ..Interface::default() }).expect("in memory");
        for number in 0..3u8 {
            writer.packet(&PacketInfo::default(), &[number; 60]).expect("in memory");
        }
        let plain = writer.finish().expect("in memory");
        let source = Source::from_bytes(plain.clone()).expect("opens");
        let mut kept = Vec::new();
        let keys = b"CLIENT_RANDOM 01 02\n";
        let what = Embedded { keys, ..Embedded::default() };
        embed(&source.fetch(), plain.len() as u64, &what, &mut kept).expect("in memory");
        assert_eq!(kept.len(), plain.len() + 8 + 8 + 20 + 4);
        // Read a little at a time: the keys are known before the first packet.
        let options = crate::capture::Options { block_size: 1, tail: false };
        let mut source = Source::from_bytes_with(kept, options).expect("opens");
        let mut block = Block::new();
        assert_eq!(source.next_block(&mut block), Progress::Packets);
        assert_eq!((block.len(), source.secrets().len()), (1, 1));
        while source.next_block(&mut block) == Progress::Packets {}
        assert_eq!((source.notes().packets(), source.damage()), (3, None));
    }

    #[test]
    fn packets_are_left_out() {
        let mut writer = Writer::new(Vec::new(), &Section::default()).expect("in memory");
        writer.interface(&Interface { link_type: 1, ..Interface::default() }).expect("in memory");
        for number in 0..5u8 {
            writer.packet(&PacketInfo::default(), &[number; 61]).expect("in memory");
        }
        let plain = writer.finish().expect("in memory");
        let length = plain.len() as u64;
        let read = |bytes: Vec<u8>| {
            let mut source = Source::from_bytes(bytes).expect("opens");
            let (mut block, mut all) = (Block::new(), Vec::new());
            while source.next_block(&mut block) == Progress::Packets {
                all.extend(block.packets().map(|(head, bytes)| (bytes[0], head.position)));
            }
            (all, source)
        };
        let (all, source) = read(plain);
        let left_out = [all[0].1, all[3].1, all[4].1];
        let mut kept = Vec::new();
        let what = Embedded { left_out: &left_out, comment: Some("less"), ..Embedded::default() };
        embed(&source.fetch(), length, &what, &mut kept).expect("in memory");
        let (left, source) = read(kept);
        assert_eq!(left.iter().map(|(first, _)| *first).collect::<Vec<_>>(), [1, 2]);
        assert_eq!((source.damage(), source.comments()[0].text.as_str()), (None, "less"));
    }

    #[test]
    fn a_long_key_log_is_cut_between_rows() {
        let row = b"CLIENT_RANDOM 0102 0304\n".repeat(400_000);
        let pieces = whole_rows(&row);
        assert!(pieces.len() == 2 && pieces.iter().all(|piece| piece.len() <= MOST_KEYS && piece.ends_with(b"\n")));
        assert_eq!(pieces.concat(), row);
        assert!(whole_rows(b"").is_empty());
    }
}
