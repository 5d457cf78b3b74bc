//! What DTLS has beyond TLS; all other fields are those of TLS under names of their own (`tls::fields::datagram`).

use crate::bytes::{Field, joined};
use crate::fields;
use crate::protocols::tls::fields::datagram;

fields! { class Metadata, "RFC 6347, section 4.1";
    EPOCH: Number "dtls.record.epoch" "Epoch";
    SEQUENCE: Number "dtls.record.sequence_number" "Sequence Number";
    RECORD_CID: Bytes "dtls.record.connection_id" "Connection ID", "RFC 9146, section 4";
    MESSAGE_SEQUENCE: Number "dtls.handshake.message_seq" "Message Sequence", "RFC 6347, section 4.2.2";
    FRAGMENT_OFFSET: Number "dtls.handshake.fragment_offset" "Fragment Offset", "RFC 6347, section 4.2.2";
    FRAGMENT_LENGTH: Number "dtls.handshake.fragment_length" "Fragment Length", "RFC 6347, section 4.2.2";
    FRAGMENT: Bytes "husk.dtls.fragment" "Part of a handshake message", "RFC 6347, section 4.2.3";
    FRAGMENT_COUNT: Number "dtls.fragment.count" "Message fragment count", "RFC 6347, section 4.2.3";
    REASSEMBLED_LENGTH: Number "dtls.reassembled.length" "Reassembled DTLS length", "RFC 6347, section 4.2.3";
    COOKIE_LENGTH: Number "dtls.handshake.cookie_length" "Cookie Length", "RFC 6347, section 4.2.1";
    COOKIE: Bytes "dtls.handshake.cookie" "Cookie", "RFC 6347, section 4.2.1";
    SRTP_PROFILES_LENGTH: Number "dtls.use_srtp.protection_profiles_length" "SRTP Protection Profiles Length", "RFC 5764, section 4.1.1";
    SRTP_PROFILE: Hex(4) "dtls.use_srtp.protection_profile" "SRTP Protection Profile", "RFC 5764, section 4.1.2", names srtp_profile;
    SRTP_MKI_LENGTH: Number "dtls.use_srtp.mki_length" "MKI Length", "RFC 5764, section 4.1.3";
    SRTP_MKI: Bytes "dtls.use_srtp.mki" "MKI", "RFC 5764, section 4.1.3";
    UNIFIED: Number "husk.dtls.unified_header" "Unified header", "RFC 9147, section 4";
    UNIFIED_EPOCH: Number "husk.dtls.unified_header.epoch" "Low bits of the epoch", "RFC 9147, section 4";
    UNIFIED_SEQUENCE: Bytes "husk.dtls.unified_header.sequence" "Encrypted sequence number", "RFC 9147, section 4.2.3";
    UNIFIED_LENGTH: Number "husk.dtls.unified_header.length" "Length", "RFC 9147, section 4";
}

/// The fields of both tables.
pub static ALL: [&Field; FIELDS.len() + datagram::FIELDS.len()] = joined(&[FIELDS, &datagram::FIELDS]);

fn srtp_profile(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "SRTP_AES128_CM_HMAC_SHA1_80",
        2 => "SRTP_AES128_CM_HMAC_SHA1_32",
        5 => "SRTP_NULL_HMAC_SHA1_80",
        6 => "SRTP_NULL_HMAC_SHA1_32",
        7 => "SRTP_AEAD_AES_128_GCM",
        8 => "SRTP_AEAD_AES_256_GCM",
        _ => return None,
    })
}
