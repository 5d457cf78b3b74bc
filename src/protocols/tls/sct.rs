//! Signed certificate timestamps (RFC 6962, section 3.2 and 3.3): in an extension of TLS, or within a certificate.

use super::extensions::scheme;
use super::fields as f;
use super::key_exchange::opaque;
use crate::bytes::{Cursor, Stop};

/// Reads a list of timestamps.
pub(super) fn list(c: &mut Cursor<'_>) -> Result<(), Stop> {
    let length = c.u16(&f::SCTS_LENGTH)?.into();
    c.inside(length, |c| {
        while !c.is_empty() {
            let length = c.u16(&f::SCT_LENGTH)?.into();
            c.inside(length, timestamp)?;
        }
        Ok(())
    })
}

fn timestamp(c: &mut Cursor<'_>) -> Result<(), Stop> {
    const KEY_ID: usize = 32;
    c.u8(&f::SCT_VERSION)?;
    c.bytes(&f::SCT_LOG, KEY_ID)?;
    c.u64(&f::SCT_TIME)?;
    opaque(c, &f::SCT_EXTENSIONS_LENGTH, 2, &f::SCT_EXTENSIONS)?;
    scheme(c)?;
    opaque(c, &f::SCT_SIGNATURE_LENGTH, 2, &f::SCT_SIGNATURE)
}
