//! What both sides offer, what follows from it (RFC 4253, section 7.1), and how packets look then.

/// The name-lists of SSH_MSG_KEXINIT, in their order.
pub(super) const LISTS: usize = 10;

/// Their places.
pub(super) const KEX: usize = 0;
pub(super) const HOST_KEY: usize = 1;
pub(super) const CIPHER_C2S: usize = 2;
pub(super) const CIPHER_S2C: usize = 3;
pub(super) const MAC_C2S: usize = 4;
pub(super) const MAC_S2C: usize = 5;
pub(super) const COMPRESSION_C2S: usize = 6;
pub(super) const COMPRESSION_S2C: usize = 7;

/// What one side offers.
#[derive(Clone, Debug, Default)]
pub(super) struct Offer {
    pub(super) lists: [Box<[u8]>; LISTS],
}

impl Offer {
    pub(super) fn list(&self, place: usize) -> &[u8] {
        self.lists.get(place).map_or(&[], |list| list)
    }
}

/// The first of the client's names that the server has, too.
pub(super) fn chosen<'a>(client: &'a Offer, server: &Offer, place: usize) -> Option<&'a [u8]> {
    let names = |list: &'a [u8]| list.split(|byte| *byte == b',');
    let has = |name: &[u8]| server.list(place).split(|byte| *byte == b',').any(|offered| offered == name);
    names(client.list(place)).find(|name| !name.is_empty() && has(name))
}

/// What key exchange messages look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// RFC 4253, section 8: numbers e and f.
    Group,
    /// RFC 4419: the server names a group first.
    GroupExchange,
    /// RFC 5656, section 4, and RFC 8731: points.
    Curve,
    /// A key encapsulation beside a curve: both sides' shares are strings.
    Hybrid,
    /// Any other, or not known.
    Unknown,
}

/// The method that a name stands for.
pub(super) fn method(name: Option<&[u8]>) -> Method {
    let Some(name) = name else { return Method::Unknown };
    let begins = |start: &[u8]| name.starts_with(start);
    if begins(b"diffie-hellman-group-exchange-") {
        Method::GroupExchange
    } else if begins(b"diffie-hellman-group") {
        Method::Group
    } else if begins(b"sntrup") || begins(b"mlkem") {
        Method::Hybrid
    } else if begins(b"ecdh-") || begins(b"curve25519-") || begins(b"curve448-") {
        Method::Curve
    } else {
        Method::Unknown
    }
}

/// How packets behind SSH_MSG_NEWKEYS look to somebody without keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// The length is encrypted, too (or not known to be clear): one packet cannot be told from the next.
    Hidden,
    /// The length is in clear, and so many bytes of tag follow the ciphertext.
    Clear {
        /// Bytes of MAC or AEAD tag.
        tag: usize,
    },
    /// Nothing is encrypted; so many bytes of MAC follow each packet.
    Plain {
        /// Bytes of MAC.
        tag: usize,
    },
}

/// The layout under a cipher and a MAC.
pub(super) fn layout(cipher: Option<&[u8]>, mac: Option<&[u8]>) -> Layout {
    const GCM_TAG: usize = 16;
    let tag = mac.and_then(mac_length);
    match (cipher, mac) {
        // RFC 5647, section 7.3: the length is only authenticated.
        (Some(b"aes128-gcm@openssh.com" | b"aes256-gcm@openssh.com" | b"AEAD_AES_128_GCM" | b"AEAD_AES_256_GCM"), _) => {
            Layout::Clear { tag: GCM_TAG }
        }
        // Its own length cipher, with another key (OpenSSH, PROTOCOL.chacha20poly1305).
        (Some(b"chacha20-poly1305@openssh.com" | b"chacha20-poly1305"), _) => Layout::Hidden,
        (Some(b"none"), Some(b"none")) => Layout::Plain { tag: 0 },
        (Some(b"none"), _) => tag.map_or(Layout::Hidden, |tag| Layout::Plain { tag }),
        // Encrypt-then-MAC (OpenSSH, PROTOCOL, section 1.5): what is authenticated begins with a length in clear.
        (Some(_), Some(name)) if name.ends_with(b"-etm@openssh.com") => {
            tag.map_or(Layout::Hidden, |tag| Layout::Clear { tag })
        }
        _ => Layout::Hidden,
    }
}

/// Bytes of a MAC (RFC 4253, section 6.4; RFC 6668).
fn mac_length(name: &[u8]) -> Option<usize> {
    let name = name.strip_suffix(b"-etm@openssh.com").or_else(|| name.strip_suffix(b"@openssh.com")).unwrap_or(name);
    Some(match name {
        b"umac-64" => 8,
        b"hmac-sha1-96" | b"hmac-md5-96" => 12,
        b"hmac-md5" | b"umac-128" => 16,
        b"hmac-sha1" | b"hmac-ripemd160" => 20,
        b"hmac-sha2-256" => 32,
        b"hmac-sha2-512" => 64,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_in_clear_with_gcm_and_encrypt_then_mac_only() {
        let of = |cipher: &str, mac: &str| layout(Some(cipher.as_bytes()), Some(mac.as_bytes()));
        assert_eq!(of("aes128-gcm@openssh.com", "hmac-sha1"), Layout::Clear { tag: 16 });
        assert_eq!(of("chacha20-poly1305@openssh.com", "hmac-sha2-256-etm@openssh.com"), Layout::Hidden);
        assert_eq!(of("aes128-ctr", "hmac-sha2-512-etm@openssh.com"), Layout::Clear { tag: 64 });
        assert_eq!(of("aes128-ctr", "umac-64@openssh.com"), Layout::Hidden);
        assert_eq!(of("none", "hmac-md5"), Layout::Plain { tag: 16 });
        assert_eq!(layout(None, None), Layout::Hidden);
    }

    #[test]
    fn the_client_chooses_first() {
        let offer = |kex: &str| {
            let mut offer = Offer::default();
            offer.lists[KEX] = kex.as_bytes().into();
            offer
        };
        assert_eq!(chosen(&offer("a,b,c"), &offer("c,b"), KEX), Some(&b"b"[..]));
        assert_eq!(chosen(&offer("a"), &offer("ab"), KEX), None);
        assert_eq!(chosen(&offer(""), &offer(""), KEX), None);
    }
}
