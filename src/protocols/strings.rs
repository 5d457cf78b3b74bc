//! Strings as database protocols write them.

use crate::bytes::{Cursor, Field, Stop};

/// A string that ends with a zero.
pub(super) fn zero_ended<'a>(c: &mut Cursor<'a>, field: &'static Field) -> Result<&'a [u8], Stop> {
    let length = c.rest().iter().position(|byte| *byte == 0);
    let text = c.bytes(field, length.unwrap_or(c.remaining()))?;
    if length.is_some() {
        c.pass(1)?;
    }
    Ok(text)
}

/// What is left, if something is.
pub(super) fn rest(c: &mut Cursor<'_>, field: &'static Field) -> Result<(), Stop> {
    if c.is_empty() { Ok(()) } else { c.bytes(field, c.remaining()).map(drop) }
}
