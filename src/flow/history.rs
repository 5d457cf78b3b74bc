//! The classes of a side's bytes that were read, so that a retransmission gets the class of the original.

use std::collections::VecDeque;

use super::limits;
use crate::bytes::Class;

/// Runs of one class, in order of offset.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    /// Where the first run begins.
    start: u64,
    /// End offset and class of each run.
    runs: VecDeque<(u64, Class)>,
}

impl History {
    /// Nothing yet, with memory for what a handshake brings.
    pub(super) fn begun() -> History {
        const RUNS: usize = 16;
        History { start: 0, runs: VecDeque::with_capacity(RUNS) }
    }

    /// The bytes up to `end` are of `class`; they continue what was pushed last. What was pushed stays.
    #[inline]
    pub(super) fn push(&mut self, start: u64, end: u64, class: Class) {
        let start = start.max(self.runs.back().map_or(0, |(last, _)| *last));
        if start >= end {
            return;
        }
        match self.runs.back_mut() {
            Some((last, of)) if *last == start && *of == class => *last = end,
            Some((last, _)) if *last < start => {
                self.runs.push_back((start, Class::Unknown));
                self.runs.push_back((end, class));
            }
            Some(_) => self.runs.push_back((end, class)),
            None => {
                self.start = start;
                self.runs.push_back((end, class));
            }
        }
        while self.runs.len() > limits::HISTORY {
            if let Some((end, _)) = self.runs.pop_front() {
                self.start = end;
            }
        }
    }

    /// Bytes of memory that it takes.
    pub(super) fn weight(&self) -> usize {
        size_of::<History>() + self.runs.len() * size_of::<(u64, Class)>()
    }

    /// The classes of `start..end`, as far as they are remembered: ranges with their class, in order.
    pub(super) fn classes(&self, start: u64, end: u64) -> impl Iterator<Item = (u64, u64, Class)> + '_ {
        let first = self.runs.partition_point(|(run_end, _)| *run_end <= start);
        let mut from = match first.checked_sub(1) {
            Some(before) => self.runs.get(before).map_or(self.start, |(run_end, _)| *run_end),
            None => self.start,
        };
        self.runs.range(first.min(self.runs.len())..).map_while(move |(run_end, class)| {
            let (run_start, until) = (from.max(start), (*run_end).min(end));
            from = *run_end;
            (run_start < until).then_some((run_start, until, *class))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_over_several_runs_gets_each_run_s_class() {
        let mut history = History::default();
        history.push(10, 15, Class::Metadata);
        history.push(15, 40, Class::Sealed);
        history.push(45, 50, Class::Tag);
        let all: Vec<_> = history.classes(12, 48).collect();
        assert_eq!(
            all,
            [(12, 15, Class::Metadata), (15, 40, Class::Sealed), (40, 45, Class::Unknown), (45, 48, Class::Tag)]
        );
        assert_eq!(history.classes(60, 70).count(), 0);
    }
}
