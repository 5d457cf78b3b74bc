//! Compressed captures: gzip, zstd, lz4, each also as several members or frames in a row.

use std::io::{self, BufReader, Read};

/// Times its own size to which a compressed capture may unpack, behind the first [`UNPACKED_ANYWAY`] bytes. Captures pack
/// ten times, floods of equal packets some fifty; what packs more was made to fill memory.
pub(crate) const MOST_TIMES: u64 = 250;

/// Bytes to which anything may unpack.
pub(crate) const UNPACKED_ANYWAY: u64 = 64 << 20;

/// A compression that is unpacked while reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packing {
    Gzip,
    Zstd,
    Lz4,
}

/// Recognises a compression by the first four bytes.
pub(crate) fn recognise(first: &[u8]) -> Option<Packing> {
    match *first.first_chunk::<4>()? {
        [0x1f, 0x8b, ..] => Some(Packing::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd] => Some(Packing::Zstd),
        [0x04, 0x22, 0x4d, 0x18] => Some(Packing::Lz4),
        _ => None,
    }
}

impl Packing {
    /// The compression's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
            Packing::Lz4 => "lz4",
        }
    }

    /// A reader of what `packed` holds.
    pub(crate) fn unpack(self, packed: Box<dyn Read + Send>) -> io::Result<Box<dyn Read + Send>> {
        match self {
            Packing::Gzip => {
                Ok(Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(64 << 10, packed))))
            }
            Packing::Lz4 => Ok(Box::new(Lz4::new(packed))),
            #[cfg(feature = "zstd")]
            Packing::Zstd => Ok(Box::new(zstd::stream::read::Decoder::new(packed)?)),
            #[cfg(not(feature = "zstd"))]
            Packing::Zstd => {
                drop(packed);
                Err(io::Error::new(
                    io::ErrorKind::Unsupported,
                    "this husk was built without zstd; unpack it first with `zstd -d`",
                ))
            }
        }
    }
}

/// lz4 frames in a row: the library's decoder ends after each.
struct Lz4 {
    /// `None` after the last frame.
    frame: Option<lz4_flex::frame::FrameDecoder<BufReader<Box<dyn Read + Send>>>>,
}

impl Lz4 {
    fn new(packed: Box<dyn Read + Send>) -> Lz4 {
        Lz4 { frame: Some(lz4_flex::frame::FrameDecoder::new(BufReader::with_capacity(64 << 10, packed))) }
    }
}

impl Read for Lz4 {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        use std::io::BufRead;
        while let Some(frame) = &mut self.frame {
            let got = frame.read(into)?;
            if got > 0 || into.is_empty() {
                return Ok(got);
            }
            let Some(frame) = self.frame.take() else {
                break;
            };
            let mut packed = frame.into_inner();
            if !packed.fill_buf()?.is_empty() {
                self.frame = Some(lz4_flex::frame::FrameDecoder::new(packed));
            }
        }
        Ok(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn unpacked(packing: Packing, packed: Vec<u8>) -> Vec<u8> {
        assert_eq!(recognise(&packed), Some(packing));
        let mut all = Vec::new();
        packing.unpack(Box::new(io::Cursor::new(packed))).expect("opens").read_to_end(&mut all).expect("reads");
        all
    }

    #[test]
    fn several_gzip_members() {
        let mut packed = Vec::new();
        for text in ["one ", "two ", "three"] {
            let mut member = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            member.write_all(text.as_bytes()).expect("in memory");
            packed.extend(member.finish().expect("in memory"));
        }
        assert_eq!(unpacked(Packing::Gzip, packed), b"one two three");
    }

    #[test]
    fn several_lz4_frames() {
        let mut packed = Vec::new();
        for text in ["one ", "", "two ", "three"] {
            let mut frame = lz4_flex::frame::FrameEncoder::new(Vec::new());
            frame.write_all(text.as_bytes()).expect("in memory");
            packed.extend(frame.finish().expect("in memory"));
        }
        assert_eq!(unpacked(Packing::Lz4, packed), b"one two three");
    }

    #[cfg(feature = "zstd")]
    #[test]
    fn several_zstd_frames() {
        let mut packed = Vec::new();
        for text in ["one ", "two ", "three"] {
            packed.extend(zstd::encode_all(text.as_bytes(), 1).expect("in memory"));
        }
        assert_eq!(unpacked(Packing::Zstd, packed), b"one two three");
    }
}
