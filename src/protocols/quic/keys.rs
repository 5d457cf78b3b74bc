//! The keys of Initial packets (RFC 9001, section 5): anybody who saw the client's first connection id has them.

use aes_gcm::aead::{AeadInOut as _, KeyInit as _};
use aes_gcm::aes::Aes128;
use aes_gcm::aes::cipher::BlockCipherEncrypt as _;
use aes_gcm::{Aes128Gcm, Nonce, Tag};
use hkdf::Hkdf;
use sha2::Sha256;

use super::{frames, header};

/// Bytes of an authentication tag.
pub(super) const TAG: usize = 16;
/// Where the sample for header protection begins, behind the packet number's first byte (RFC 9001, section 5.4.2).
const SAMPLE_AT: usize = 4;
const SAMPLE: usize = 16;

/// One side's keys.
#[derive(Clone)]
struct Keys {
    key: [u8; 16],
    iv: [u8; 12],
    protection: [u8; 16],
}

/// Both sides' Initial keys, and what they were derived from.
#[derive(Clone)]
pub(super) struct InitialKeys {
    version: u32,
    dcid: Vec<u8>,
    client: Keys,
    server: Keys,
}

/// An Initial packet, opened.
pub(super) struct Opened {
    /// The first byte without its protection.
    pub(super) first: u8,
    /// Bytes of packet number.
    pub(super) number_length: usize,
    /// The packet number, as far as it was sent.
    pub(super) number: u64,
    /// The payload.
    pub(super) plain: Vec<u8>,
    /// Whether the tag was there and vouched for it.
    pub(super) authentic: bool,
}

impl InitialKeys {
    /// The keys that follow from the client's first connection id. `None` for a version whose salt is not known.
    pub(super) fn derive(version: u32, dcid: &[u8]) -> Option<InitialKeys> {
        let initial = Hkdf::<Sha256>::new(Some(header::salt(version)?), dcid);
        let is_2 = header::is_2(version);
        Some(InitialKeys {
            version,
            dcid: dcid.to_vec(),
            client: Keys::derive(&expand::<32>(&initial, b"client in")?, is_2)?,
            server: Keys::derive(&expand::<32>(&initial, b"server in")?, is_2)?,
        })
    }

    /// The same connection under another version (RFC 9369, section 4.1).
    pub(super) fn under(&self, version: u32) -> Option<InitialKeys> {
        if version == self.version { Some(self.clone()) } else { InitialKeys::derive(version, &self.dcid) }
    }

    /// Whether they are for this version.
    pub(super) const fn is_of(&self, version: u32) -> bool {
        self.version == version
    }

    /// Opens a packet that `from_client` sent: `packet` ends where its payload ends, and its packet number
    /// begins at `number_at`. `None` if it is not authentic under these keys.
    ///
    /// Of a packet that the capture `cut` the tag is missing: what is there is opened, and believed if it
    /// begins like the frames of an Initial packet.
    pub(super) fn open(&self, from_client: bool, packet: &[u8], number_at: usize, cut: bool) -> Option<Opened> {
        let keys = if from_client { &self.client } else { &self.server };
        let sample_at = number_at.checked_add(SAMPLE_AT)?;
        let sample: [u8; SAMPLE] = packet.get(sample_at..sample_at.checked_add(SAMPLE)?)?.try_into().ok()?;
        let mut mask = sample.into();
        Aes128::new(&keys.protection.into()).encrypt_block(&mut mask);
        let [of_first, of_number @ .., _, _, _, _, _, _, _, _, _, _, _] = <[u8; SAMPLE]>::from(mask);
        let first = packet.first()? ^ (of_first & 0x0f);
        let number_length = usize::from(first & 3).checked_add(1)?;
        let payload_at = number_at.checked_add(number_length)?;
        // The header without its protection is what the tag vouches for, besides the payload.
        let mut header = packet.get(..payload_at)?.to_vec();
        *header.first_mut()? = first;
        for (byte, mask) in header.iter_mut().skip(number_at).zip(of_number) {
            *byte ^= mask;
        }
        let number = header.get(number_at..)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
        let mut nonce = keys.iv;
        for (byte, number) in nonce.iter_mut().skip(4).zip(number.to_be_bytes()) {
            *byte ^= number;
        }
        let sealed = packet.get(payload_at..)?;
        let plain = if cut { keys.decrypt(&nonce, sealed)? } else { keys.open(&nonce, &header, sealed)? };
        Some(Opened { first, number_length, number, plain, authentic: !cut })
    }
}

impl Keys {
    /// The plaintext of what ends with its tag.
    fn open(&self, nonce: &[u8; 12], header: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (payload, tag) = sealed.split_last_chunk::<TAG>()?;
        let mut plain = payload.to_vec();
        Aes128Gcm::new(&self.key.into())
            .decrypt_inout_detached(&Nonce::from(*nonce), header, plain.as_mut_slice().into(), &Tag::from(*tag))
            .ok()?;
        Some(plain)
    }

    /// The beginning of a plaintext whose end is missing: GCM's counter mode without its tag (NIST SP 800-38D,
    /// section 7.2), if it begins like frames.
    fn decrypt(&self, nonce: &[u8; 12], sealed: &[u8]) -> Option<Vec<u8>> {
        /// The counter of the first block of payload; the one before it belongs to the tag.
        const FIRST: u32 = 2;
        let cipher = Aes128::new(&self.key.into());
        let mut plain = sealed.to_vec();
        for (block, counter) in plain.chunks_mut(16).zip(FIRST..) {
            let mut stream = [0; 16];
            let (head, tail) = stream.split_at_mut(nonce.len());
            head.copy_from_slice(nonce);
            tail.copy_from_slice(&counter.to_be_bytes());
            let mut stream = stream.into();
            cipher.encrypt_block(&mut stream);
            block.iter_mut().zip(stream).for_each(|(byte, mask)| *byte ^= mask);
        }
        frames::begins(&plain).then_some(plain)
    }

    fn derive(secret: &[u8; 32], is_2: bool) -> Option<Keys> {
        let secret = Hkdf::<Sha256>::from_prk(secret).ok()?;
        let [key, iv, protection]: [&[u8]; 3] =
            if is_2 { [b"quicv2 key", b"quicv2 iv", b"quicv2 hp"] } else { [b"quic key", b"quic iv", b"quic hp"] };
        Some(Keys { key: expand(&secret, key)?, iv: expand(&secret, iv)?, protection: expand(&secret, protection)? })
    }
}

/// HKDF-Expand-Label with an empty context (RFC 8446, section 7.1).
fn expand<const N: usize>(secret: &Hkdf<Sha256>, label: &[u8]) -> Option<[u8; N]> {
    const PREFIX: &[u8] = b"tls13 ";
    let length = u8::try_from(PREFIX.len().checked_add(label.len())?).ok()?;
    let info = [&[0, N as u8, length], PREFIX, label, &[0]].concat();
    let mut out = [0; N];
    secret.expand(&info, &mut out).ok()?;
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9001, appendix A.1, and RFC 9369, appendix A.1: both from the connection id 8394c8f03e515708.
    #[test]
    fn keys_are_those_of_the_rfcs() {
        let dcid = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08];
        let keys = |version| InitialKeys::derive(version, &dcid).map(|keys| (keys.client.key, keys.server.iv));
        let (client, server) = keys(1).expect("version 1 is known");
        assert_eq!(client, 0x1f36_9613_dd76_d546_7730_efcb_e3b1_a22du128.to_be_bytes());
        assert_eq!(server, [0x0a, 0xc1, 0x49, 0x3c, 0xa1, 0x90, 0x58, 0x53, 0xb0, 0xbb, 0xa0, 0x3e]);
        let (client, _) = keys(0x6b33_43cf).expect("version 2 is known");
        assert_eq!(client, 0x8b1a_0bc1_2128_4290_a29e_0971_b5cd_045du128.to_be_bytes());
        assert_eq!(keys(0x1a2a_3a4a), None);
    }

    /// RFC 9001, appendix A.3.
    #[test]
    fn the_server_s_initial_of_the_rfc_opens() {
        let packet = "cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb3\
                      8cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84\
                      022f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee";
        let digit = |at: usize| u8::from_str_radix(packet.get(at..at + 2).expect("two digits"), 16).expect("hex");
        let packet: Vec<u8> = (0..packet.len()).step_by(2).map(digit).collect();
        let keys = InitialKeys::derive(1, &[0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08]).expect("version 1");
        let opened = keys.open(false, &packet, 18, false).expect("authentic");
        assert_eq!((opened.first, opened.number, opened.number_length), (0xc1, 1, 2));
        assert!(opened.plain.starts_with(&[0x02, 0, 0, 0, 0, 0x06, 0, 0x40, 0x5a, 0x02, 0, 0, 0x56]));
        assert!(keys.open(true, &packet, 18, false).is_none(), "the other side's keys do not open it");
        let cut = keys.open(false, &packet[..60], 18, true).expect("begins like frames");
        assert!(!cut.authentic && opened.plain.starts_with(&cut.plain) && cut.plain.len() == 40);
        assert!(keys.open(true, &packet[..60], 18, true).is_none());
    }

    #[test]
    fn a_packet_too_short_for_its_sample_is_not_opened() {
        let keys = InitialKeys::derive(1, b"12345678").expect("version 1 is known");
        for length in 0..40 {
            assert!(keys.open(true, &vec![0xc0; length], 18, length % 2 == 0).is_none());
        }
    }
}
