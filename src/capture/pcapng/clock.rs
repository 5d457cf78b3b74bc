//! Ticks of an interface into nanoseconds (if_tsresol and if_tsoffset, draft-ietf-opsawg-pcapng 4.2).

use crate::capture::Nanos;

/// An interface's unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Clock {
    unit: Unit,
    /// Nanoseconds to add to each time.
    offset: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    /// A tick is so many nanoseconds.
    Nanoseconds(u64),
    /// A second has 10^n ticks, with n from 10 on.
    Power10(u32),
    /// A second has 2^n ticks.
    Power2(u32),
}

impl Default for Clock {
    /// Microseconds, as an interface has them that says nothing.
    fn default() -> Clock {
        Clock { unit: Unit::Nanoseconds(1000), offset: 0 }
    }
}

impl Clock {
    /// From if_tsresol (the upper bit: a power of 2, else of 10) and if_tsoffset (seconds).
    pub(super) fn new(resolution: u8, offset_seconds: i64) -> Clock {
        let exponent = u32::from(resolution & 0x7f);
        let unit = if resolution & 0x80 != 0 {
            Unit::Power2(exponent)
        } else {
            match 10u64.checked_pow(9u32.wrapping_sub(exponent)) {
                Some(nanoseconds) if exponent <= 9 => Unit::Nanoseconds(nanoseconds),
                _ => Unit::Power10(exponent),
            }
        };
        Clock { unit, offset: offset_seconds.saturating_mul(1_000_000_000) }
    }

    /// The time of a tick, in nanoseconds since 1970; saturates.
    #[inline]
    pub(super) fn time(self, ticks: u64) -> Nanos {
        let nanoseconds = match self.unit {
            Unit::Nanoseconds(each) => u128::from(ticks) * u128::from(each),
            Unit::Power10(exponent) => 10u128.checked_pow(exponent - 9).map_or(0, |each| u128::from(ticks) / each),
            Unit::Power2(exponent) => (u128::from(ticks) * 1_000_000_000).checked_shr(exponent).unwrap_or(0),
        };
        i64::try_from(nanoseconds).unwrap_or(i64::MAX).saturating_add(self.offset)
    }

    /// Ticks in a second; 0 if they are more than a number can say.
    pub(super) fn ticks(self) -> u64 {
        match self.unit {
            Unit::Nanoseconds(each) => 1_000_000_000 / each.max(1),
            Unit::Power10(exponent) => 10u64.checked_pow(exponent).unwrap_or(0),
            Unit::Power2(exponent) => 1u64.checked_shl(exponent).unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_resolution_is_finite() {
        assert_eq!(Clock::default().time(1_500_000), 1_500_000_000);
        assert_eq!(Clock::new(0, 0).time(2), 2_000_000_000);
        assert_eq!(Clock::new(9, 0).time(7), 7);
        assert_eq!(Clock::new(12, 0).time(7_999), 7);
        assert_eq!(Clock::new(0x88, 0).time(256 + 128), 1_500_000_000);
        assert_eq!(Clock::new(6, -1).time(0), -1_000_000_000);
        assert_eq!(Clock::new(6, 0).time(u64::MAX), i64::MAX);
        for resolution in 0..=255 {
            let clock = Clock::new(resolution, i64::MIN);
            let _ = (clock.time(u64::MAX), clock.time(1), clock.ticks());
        }
    }
}
