//! What encryption adds to a record, by the suite that was negotiated.

use tls_parser::{TlsCipherEnc, TlsCipherEncMode, TlsCipherSuite};

use super::names;
use crate::bytes::Class;

/// How the payload of an encrypted record is laid out: nonce or IV, ciphertext, tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Bytes of explicit nonce or IV before the ciphertext.
    pub(crate) nonce: usize,
    /// Bytes of authentication tag behind it.
    pub(crate) tag: usize,
    /// What the bytes between are: a suite may have no encryption.
    pub(crate) class: Class,
}

/// The layout under a version and a suite. Of what is not known, all is ciphertext: overhead is never guessed.
///
/// A MAC of the CBC and stream suites is within the ciphertext (RFC 5246, section 6.2.3.2).
pub(crate) fn layout(version: u16, suite: Option<u16>) -> Layout {
    let all = Layout { nonce: 0, tag: 0, class: Class::Sealed };
    let Some(suite) = suite.and_then(TlsCipherSuite::from_id) else {
        // Every suite of TLS 1.3 is an AEAD, and all but one have a tag of 16 bytes.
        return if names::is_13(version) { Layout { tag: 16, ..all } } else { all };
    };
    let tag = if suite.name.ends_with("_CCM_8") || suite.name.ends_with("CCM_8_SHA256") { 8 } else { 16 };
    if names::is_13(version) {
        return Layout { tag, ..all };
    }
    match (suite.enc_mode, suite.enc) {
        // RFC 5288, section 3; RFC 6655, section 3.
        (TlsCipherEncMode::Gcm | TlsCipherEncMode::Ccm, _) => Layout { nonce: 8, tag, ..all },
        // RFC 7905, section 2: the nonce is not sent.
        (_, TlsCipherEnc::Chacha20_Poly1305) => Layout { tag, ..all },
        // RFC 4346, section 6.2.3.2: from TLS 1.1 on each record brings its IV.
        (TlsCipherEncMode::Cbc, _) if version >= 0x0302 => Layout { nonce: suite.enc_block_size(), ..all },
        // RFC 4785 and others: only a MAC.
        (_, TlsCipherEnc::Null) => Layout { nonce: 0, tag: suite.mac_length(), class: Class::Content },
        _ => all,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overhead_follows_the_suite() {
        let of = |version, suite| {
            let layout = layout(version, Some(suite));
            (layout.nonce, layout.tag)
        };
        assert_eq!(of(0x0304, 0x1302), (0, 16));
        assert_eq!(of(0x0304, 0x1305), (0, 8), "TLS_AES_128_CCM_8_SHA256");
        assert_eq!(of(0x0303, 0xc02f), (8, 16));
        assert_eq!(of(0x0303, 0xc0ae), (8, 8), "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8");
        assert_eq!(of(0x0303, 0xcca8), (0, 16));
        assert_eq!(of(0x0303, 0xc013), (16, 0));
        assert_eq!(of(0x0302, 0x000a), (8, 0), "3DES has blocks of 8");
        assert_eq!(of(0x0301, 0xc013), (0, 0));
        assert_eq!(of(0x0303, 0x0005), (0, 0), "RC4");
        assert_eq!(layout(0x0303, Some(0x0002)), Layout { nonce: 0, tag: 20, class: Class::Content }, "NULL_SHA");
    }
}
