//! How the times of packets are told.

use serde::Deserialize;

use crate::report::table::seconds;

/// Since when, or as what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum TimeForm {
    /// Seconds since the first packet, or since the one that was chosen.
    #[default]
    Start,
    /// Seconds since the packet before.
    Before,
    /// Time of day, UTC.
    Day,
    /// Date and time, UTC.
    Date,
}

impl TimeForm {
    const ALL: [TimeForm; 4] = [TimeForm::Start, TimeForm::Before, TimeForm::Day, TimeForm::Date];
}

/// What times count from, and how they are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Clock {
    pub(super) form: TimeForm,
    /// The packet that times count from, and its time.
    reference: Option<(u32, i64)>,
}

/// When a packet was captured, in nanoseconds since 1970, beside the packets that its time may count from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct When {
    pub(super) time: i64,
    pub(super) first: i64,
    pub(super) before: Option<i64>,
}

impl Clock {
    pub(super) fn new(form: TimeForm) -> Clock {
        Clock { form, reference: None }
    }

    /// The next form.
    pub(super) fn turn(&mut self) {
        self.form = super::pane::turned(TimeForm::ALL, self.form, true);
    }

    /// Times count from this packet; if they do already, no more. Returns whether they do.
    pub(super) fn refer(&mut self, packet: u32, time: i64) -> bool {
        self.reference = Some((packet, time)).filter(|_| self.reference.is_none_or(|(earlier, _)| earlier != packet));
        self.reference.is_some()
    }

    /// The packet that times count from, if it is not the first.
    pub(super) fn reference(&self) -> Option<u32> {
        self.reference.map(|(packet, _)| packet)
    }

    /// What stands above the times.
    pub(super) fn title(&self) -> &'static str {
        match self.form {
            TimeForm::Start => "Time",
            TimeForm::Before => "Delta",
            TimeForm::Day | TimeForm::Date => "Time (UTC)",
        }
    }

    /// A time, with so many digits of the second's fraction.
    pub(super) fn text(&self, when: When, digits: usize) -> String {
        let since = |base: i64| {
            let mut text = seconds(when.time.saturating_sub(base));
            text.truncate(text.len().saturating_sub(9 - digits.min(9)));
            text
        };
        match self.form {
            TimeForm::Start => since(self.reference.map_or(when.first, |(_, time)| time)),
            TimeForm::Before => since(when.before.unwrap_or(when.time)),
            TimeForm::Day => date(when.time, "%H:%M:%S", digits),
            TimeForm::Date => date(when.time, "%Y-%m-%d %H:%M:%S", digits),
        }
    }
}

fn date(nanos: i64, form: &str, digits: usize) -> String {
    let Ok(time) = jiff::Timestamp::from_nanosecond(nanos.into()) else { return seconds(nanos) };
    let fraction = format!("{:09}", nanos.rem_euclid(1_000_000_000));
    format!("{}.{}", time.strftime(form), fraction.get(..digits.min(9)).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_four_forms() {
        let when = When {
            time: 1_795_335_993_912_125_000,
            first: 1_795_335_990_000_000_000,
            before: Some(1_795_335_993_900_000_000),
        };
        let told = |form| Clock::new(form).text(when, 4);
        assert_eq!(told(TimeForm::Start), "3.9121");
        assert_eq!(told(TimeForm::Before), "0.0121");
        assert_eq!(told(TimeForm::Day), "08:26:33.9121");
        assert_eq!(told(TimeForm::Date), "2026-11-22 08:26:33.9121");
    }

    #[test]
    fn times_count_from_the_packet_that_was_chosen() {
        let mut clock = Clock::default();
        let when = When { time: 5_000_000_000, first: 0, before: None };
        assert!(clock.refer(3, 6_000_000_000));
        assert_eq!(clock.text(when, 4), "-1.0000");
        assert!(!clock.refer(3, 6_000_000_000));
        assert_eq!(clock.text(when, 4), "5.0000");
    }
}
