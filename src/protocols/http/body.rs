//! Bodies: put together from their chunks, and decompressed, for whoever looks.

use std::io::Read;

use super::fields::*;
use super::framing::{About, Coding};
use crate::bytes::{Cursor, Value};

/// Bytes that a body may have when it is decoded. A few kilobytes can be made to unpack to gigabytes; what is beyond this
/// is left out, and said to be.
const DECODED: usize = 16 << 20;

/// The name of a content coding, as the registry has it.
pub(super) fn coding_name(coding: Coding) -> &'static str {
    match coding {
        Coding::Gzip => "gzip",
        Coding::Deflate => "deflate",
        Coding::Brotli => "br",
        Coding::Zstd => "zstd",
        Coding::Unknown => "an unknown coding",
    }
}

/// Notes a body that has passed: `length` bytes as they were sent, without chunks' lines; decoded if all of it was kept.
pub(super) fn note(c: &mut Cursor<'_>, about: &About, length: u64) {
    if !c.listens() {
        return;
    }
    let place = c.open(&BODY);
    c.say(&BODY_LENGTH, Value::Number(length));
    for coding in &about.codings {
        c.say(&BODY_CODING, Value::Text(coding_name(*coding).into()));
    }
    match c.passed() {
        Some(passed) if !passed.is_empty() => decoded(c, about, passed),
        Some(_) => {}
        None => c.remark("not all of the body was kept: it is not decoded"),
    }
    c.close(place);
}

fn decoded(c: &mut Cursor<'_>, about: &About, passed: &[u8]) {
    let mut bytes = std::borrow::Cow::Borrowed(passed);
    for coding in about.codings.iter().rev() {
        match decode(*coding, &bytes) {
            Ok(Decoded { plain, whole }) => {
                if plain.len() >= DECODED {
                    c.remark("decoded to a limit: the rest is left out");
                } else if !whole {
                    c.remark("decoding stopped before the end: the body is damaged, or more was to come");
                }
                bytes = plain.into();
            }
            Err(why) => return c.remark(why),
        }
    }
    let label = if about.codings.is_empty() { "body" } else { "decoded body" };
    let length = bytes.len() as u64;
    // The derived bytes are shown by themselves; nothing is read in them.
    let noted = c.derived(label, &bytes, &[], |inner| {
        let all = inner.remaining();
        inner.bytes(&BODY_DECODED, all).map(drop)
    });
    if noted.is_ok() {
        c.say(&BODY_DECODED_LENGTH, Value::Number(length));
    }
    c.decoded(bytes.into_owned());
}

/// Inflates what has no wrapping, up to the limit of bodies. What is flushed and not ended is whole, too.
pub(in super::super) fn inflate(deflated: &[u8]) -> Option<Vec<u8>> {
    let plain = unpack(flate2::read::DeflateDecoder::new(deflated)).plain;
    (!plain.is_empty()).then_some(plain)
}

struct Decoded {
    plain: Vec<u8>,
    whole: bool,
}

fn decode(coding: Coding, coded: &[u8]) -> Result<Decoded, &'static str> {
    Ok(match coding {
        Coding::Gzip => unpack(flate2::read::MultiGzDecoder::new(coded)),
        // It should be wrapped in zlib's header; some servers never did that (RFC 9110, section 8.4.1.2).
        Coding::Deflate => match unpack(flate2::read::ZlibDecoder::new(coded)) {
            Decoded { plain, whole: false } if plain.is_empty() => unpack(flate2::read::DeflateDecoder::new(coded)),
            decoded => decoded,
        },
        Coding::Brotli => unpack(brotli_decompressor::Decompressor::new(coded, BUFFER)),
        #[cfg(feature = "zstd")]
        Coding::Zstd => match zstd::stream::read::Decoder::with_buffer(coded) {
            Ok(decoder) => unpack(decoder),
            Err(_) => return Err("the zstd decoder could not be made"),
        },
        #[cfg(not(feature = "zstd"))]
        Coding::Zstd => return Err("built without zstd: not decoded"),
        Coding::Unknown => return Err("this coding is not known: not decoded"),
    })
}

/// Bytes that a decoder reads at a time.
const BUFFER: usize = 4 << 10;

/// Reads what a decoder gives, up to the limit; what came before damage stays.
fn unpack(decoder: impl Read) -> Decoded {
    let mut plain = Vec::new();
    let whole = decoder.take(DECODED as u64).read_to_end(&mut plain).is_ok();
    Decoded { plain, whole }
}
