//! The order of a list: by a column, upwards or downwards, worked out in a thread.
//!
//! Every row gets a short key that sorts as its column does, so that a million rows are sorted without their text.

use std::cmp::Ordering;
use std::net::IpAddr;

use super::config::Column;
use super::flows::FlowColumn;

/// What a list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sorting {
    /// The list of packets, by a column.
    Packets(Column),
    /// The list of flows, by a column.
    Flows(FlowColumn),
}

/// A column, and whether the largest comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Order<C> {
    /// What is sorted by.
    pub(super) column: C,
    /// Whether the largest comes first.
    pub(super) down: bool,
}

impl<C: Copy + PartialEq> Order<C> {
    /// What choosing a column does to the order that there is: first its own way, then the other, then none.
    pub(super) fn chosen(before: Option<Order<C>>, column: C, largest_first: bool) -> Option<Order<C>> {
        match before.filter(|before| before.column == column) {
            None => Some(Order { column, down: largest_first }),
            Some(Order { down, .. }) if down == largest_first => Some(Order { column, down: !down }),
            Some(_) => None,
        }
    }

    /// What stands behind the column's title.
    pub(super) fn sign(order: Option<Order<C>>, column: C) -> &'static str {
        match order.filter(|order| order.column == column) {
            None => "",
            Some(Order { down: false, .. }) => "▴",
            Some(Order { down: true, .. }) => "▾",
        }
    }
}

/// What a row is sorted by: which kind of value, and the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    kind: u8,
    value: [u8; 16],
}

impl Key {
    /// There is nothing in the column: such rows come last, whichever way one sorts.
    pub(super) const NOTHING: Key = Key { kind: 0, value: [0; 16] };

    /// A number.
    pub(super) fn number(number: u64) -> Key {
        Key::of(1, &number.to_be_bytes())
    }

    /// A time, or a span of it, in nanoseconds.
    pub(super) fn time(nanos: i64) -> Key {
        Key::number(nanos.cast_unsigned() ^ (1 << 63))
    }

    /// An address: version 4 before version 6, each in the order of its numbers.
    pub(super) fn address(address: IpAddr) -> Key {
        match address {
            IpAddr::V4(v4) => Key::of(2, &v4.octets()),
            IpAddr::V6(v6) => Key::of(3, &v6.octets()),
        }
    }

    /// A text, by its beginning; large and small letters are the same.
    pub(super) fn text(text: &str) -> Key {
        if text.is_empty() { Key::NOTHING } else { Key::of(4, text.to_lowercase().as_bytes()) }
    }

    fn of(kind: u8, bytes: &[u8]) -> Key {
        let mut value = [0; 16];
        value.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Key { kind, value }
    }

    fn against(self, other: Key, down: bool) -> Ordering {
        match (self == Key::NOTHING, other == Key::NOTHING) {
            (false, false) if down => other.cmp(&self),
            (false, false) => self.cmp(&other),
            (mine, theirs) => mine.cmp(&theirs),
        }
    }
}

/// Rows by their keys; where these are equal, in the order of their numbers.
pub(super) fn sorted(mut rows: Vec<(Key, u32)>, down: bool) -> Vec<u32> {
    rows.sort_unstable_by(|(a, m), (b, n)| a.against(*b, down).then(m.cmp(n)));
    rows.into_iter().map(|(_, number)| number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_times_and_addresses_sort_as_what_they_are() {
        let address = |text: &str| Key::address(text.parse().unwrap());
        assert!(Key::number(9) < Key::number(10));
        assert!(Key::time(-1) < Key::time(0) && Key::time(i64::MIN) < Key::time(-1));
        assert!(address("9.0.0.1") < address("10.0.0.1") && address("255.0.0.1") < address("2001:db8::1"));
        assert_eq!(Key::text("Shop"), Key::text("shop"));
    }

    #[test]
    fn what_is_not_there_comes_last_both_ways_and_equals_keep_their_order() {
        let rows = vec![(Key::NOTHING, 1), (Key::number(7), 2), (Key::number(8), 3), (Key::number(7), 4)];
        assert_eq!(sorted(rows.clone(), false), [2, 4, 3, 1]);
        assert_eq!(sorted(rows, true), [3, 2, 4, 1]);
    }

    #[test]
    fn a_column_is_chosen_once_twice_and_no_more() {
        let first = Order::chosen(None, Column::Length, true);
        assert_eq!(first, Some(Order { column: Column::Length, down: true }));
        let second = Order::chosen(first, Column::Length, true);
        assert_eq!(second, Some(Order { column: Column::Length, down: false }));
        assert_eq!(Order::chosen(second, Column::Length, true), None);
        assert_eq!(Order::chosen(second, Column::Time, false).map(|order| order.column), Some(Column::Time));
    }
}
