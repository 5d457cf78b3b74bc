//! When a capture stops and when its next file begins, as dumpcap's users type it: `-a duration:60`, `-b
//! filesize:1000`, and in one word `--ring size:100M,files:10`.

use std::time::Duration;

use anyhow::{Context as _, bail};

use crate::bytes::escape;
use crate::capture::live::{Ring, Stop};

/// `filesize` counts in these, as dumpcap has it.
const KILOBYTE: u64 = 1000;

/// Understands `-a`: `duration:SECONDS`, `packets:N`, `filesize:KB`, `files:N`.
pub(super) fn stop(stop: &mut Stop, when: &str) -> anyhow::Result<()> {
    match parts(when)? {
        ("duration", value) => stop.duration = Some(duration(value)?),
        ("packets", value) => stop.packets = Some(number(value)?),
        ("filesize", value) => stop.bytes = Some(number(value)?.saturating_mul(KILOBYTE)),
        ("files", value) => stop.files = Some(small(value)?),
        _ => bail!("-a understands duration:SECONDS, packets:N, filesize:KB and files:N, not {}", escape(when)),
    }
    Ok(())
}

/// Understands `-b`: the same words say when the next file begins; `files:N` how many are kept.
pub(super) fn turn(ring: &mut Ring, when: &str) -> anyhow::Result<()> {
    match parts(when)? {
        ("duration", value) => ring.duration = Some(duration(value)?),
        ("packets", value) => ring.packets = Some(number(value)?),
        ("filesize", value) => ring.bytes = Some(number(value)?.saturating_mul(KILOBYTE)),
        ("files", value) => ring.files = Some(small(value)?),
        _ => bail!("-b understands filesize:KB, duration:SECONDS, packets:N and files:N, not {}", escape(when)),
    }
    Ok(())
}

/// Understands `--ring`: `size:100M,files:10,duration:60,packets:N`, some of them.
pub(super) fn ring(ring: &mut Ring, words: &str) -> anyhow::Result<()> {
    for word in words.split(',') {
        match parts(word)? {
            ("size", value) => ring.bytes = Some(size(value)?),
            ("duration", value) => ring.duration = Some(duration(value)?),
            ("packets", value) => ring.packets = Some(number(value)?),
            ("files", value) => ring.files = Some(small(value)?),
            _ => bail!("--ring understands size:100M, duration:SECONDS, packets:N and files:N, not {}", escape(word)),
        }
    }
    Ok(())
}

fn parts(when: &str) -> anyhow::Result<(&str, &str)> {
    when.split_once(':').with_context(|| format!("{} lacks a colon: it should look like duration:60", escape(when)))
}

fn number(value: &str) -> anyhow::Result<u64> {
    let number = value.parse().ok().filter(|number| *number > 0);
    number.with_context(|| format!("{} is no number from 1 on", escape(value)))
}

fn small(value: &str) -> anyhow::Result<u32> {
    u32::try_from(number(value)?).with_context(|| format!("{} are too many", escape(value)))
}

fn duration(value: &str) -> anyhow::Result<Duration> {
    let seconds = value.parse().ok().and_then(|seconds: f64| Duration::try_from_secs_f64(seconds).ok());
    seconds.with_context(|| format!("{} is no number of seconds", escape(value)))
}

/// Bytes: `500000`, `500k`, `100M`, `2G`.
fn size(value: &str) -> anyhow::Result<u64> {
    let (digits, unit) = match value.char_indices().last() {
        Some((at, 'k' | 'K')) => (value.get(..at), 1000),
        Some((at, 'M')) => (value.get(..at), 1_000_000),
        Some((at, 'G')) => (value.get(..at), 1_000_000_000),
        _ => (Some(value), 1),
    };
    Ok(number(digits.unwrap_or_default())?.saturating_mul(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn autostop_is_as_dumpcap_has_it() {
        let mut all = Stop::default();
        for when in ["duration:1.5", "packets:7", "filesize:5", "files:3"] {
            stop(&mut all, when).expect("understood");
        }
        let duration = Some(Duration::from_millis(1500));
        assert_eq!(all, Stop { packets: Some(7), duration, bytes: Some(5000), files: Some(3) });
        for bad in ["5", "duration:", "duration:-1", "duration:1e99", "packets:0", "files:5000000000", "size:5"] {
            assert!(stop(&mut all, bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rings_are_given_in_one_word_or_as_dumpcap_has_it() {
        let (mut one, mut other) = (Ring::default(), Ring::default());
        ring(&mut one, "size:100M,files:10,duration:60").expect("understood");
        for when in ["filesize:100000", "files:10", "duration:60"] {
            turn(&mut other, when).expect("understood");
        }
        assert_eq!(one, other);
        assert_eq!((one.bytes, one.files), (Some(100_000_000), Some(10)));
        for bad in ["", "size", "size:M", "size:0", "filesize:5", "size:1,,"] {
            assert!(ring(&mut one, bad).is_err(), "{bad}");
        }
    }
}
