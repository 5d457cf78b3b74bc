//! Room in what may become as large as a capture is long.

/// Bytes from which on a list grows by a part and not to twice its size: the system moves so large ones without copying,
/// and what would be asked for in advance would have to be there.
const LARGE: usize = 32 << 20;

/// Makes room for `more` items, if there is none: as a list does by itself while it is small, by an eighth when it is
/// large.
#[inline]
pub fn make_room<T>(list: &mut Vec<T>, more: usize) {
    if list.capacity() - list.len() < more && size_of_val(list.as_slice()) >= LARGE {
        list.reserve_exact(more.max(list.len() / 8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_large_grows_by_an_eighth() {
        let mut small = vec![0_u64; 8];
        small.shrink_to_fit();
        make_room(&mut small, 1);
        assert_eq!(small.capacity(), 8);
        let mut large = vec![0_u8; LARGE];
        make_room(&mut large, 1);
        assert_eq!(large.capacity(), LARGE + LARGE / 8);
    }
}
