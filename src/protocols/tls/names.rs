//! Names of code points: the registries of TLS (RFC 8446, section 11; RFC 8447), by number.
//!
//! GREASE values (RFC 8701) are named as such wherever they may stand.

use tls_parser::TlsCipherSuite;

const GREASE: &str = "GREASE";

/// Whether a 16-bit code point is one of the 16 that RFC 8701, section 2 reserves: both bytes equal, `?a`.
/// (The library's own test takes 256 values for GREASE.)
pub const fn is_grease(value: u16) -> bool {
    value & 0x0f0f == 0x0a0a && value >> 8 == value & 0xff
}

macro_rules! names {
    ($(#[$doc:meta])* $name:ident: $($($value:literal)|+ = $text:literal),* $(,)?) => {
        $(#[$doc])*
        pub(crate) fn $name(value: u64) -> Option<&'static str> {
            match value {
                $($($value)|+ => Some($text),)*
                _ => grease(value),
            }
        }
    };
}

fn grease(value: u64) -> Option<&'static str> {
    u16::try_from(value).ok().filter(|value| is_grease(*value)).map(|_| GREASE)
}

/// Cipher suites: the library's table, and what it lacks.
pub(super) fn suite(value: u64) -> Option<&'static str> {
    let id = u16::try_from(value).ok()?;
    match id {
        0x00ff => Some("TLS_EMPTY_RENEGOTIATION_INFO_SCSV"),
        0x5600 => Some("TLS_FALLBACK_SCSV"),
        0xc100 => Some("TLS_GOSTR341112_256_WITH_KUZNYECHIK_CTR_OMAC"),
        0xc101 => Some("TLS_GOSTR341112_256_WITH_MAGMA_CTR_OMAC"),
        0xc102 => Some("TLS_GOSTR341112_256_WITH_28147_CNT_IMIT"),
        0xc103 => Some("TLS_GOSTR341112_256_WITH_KUZNYECHIK_MGM_L"),
        0xc104 => Some("TLS_GOSTR341112_256_WITH_MAGMA_MGM_L"),
        0xc105 => Some("TLS_GOSTR341112_256_WITH_KUZNYECHIK_MGM_S"),
        0xc106 => Some("TLS_GOSTR341112_256_WITH_MAGMA_MGM_S"),
        _ => TlsCipherSuite::from_id(id).map(|suite| suite.name).or_else(|| grease(value)),
    }
}

names! {
    /// Content types of records.
    content_type: 20 = "Change Cipher Spec", 21 = "Alert", 22 = "Handshake", 23 = "Application Data", 24 = "Heartbeat",
        25 = "Connection ID", 26 = "ACK"
}

names! {
    /// Versions, drafts included.
    version: 0x0002 = "SSL 2.0", 0x0300 = "SSL 3.0", 0x0301 = "TLS 1.0", 0x0302 = "TLS 1.1", 0x0303 = "TLS 1.2",
        0x0304 = "TLS 1.3", 0xfeff = "DTLS 1.0", 0xfefd = "DTLS 1.2", 0xfefc = "DTLS 1.3", 0x0101 = "TLCP",
        0x7f0e = "TLS 1.3 (draft 14)", 0x7f0f = "TLS 1.3 (draft 15)", 0x7f10 = "TLS 1.3 (draft 16)",
        0x7f11 = "TLS 1.3 (draft 17)", 0x7f12 = "TLS 1.3 (draft 18)", 0x7f13 = "TLS 1.3 (draft 19)",
        0x7f14 = "TLS 1.3 (draft 20)", 0x7f15 = "TLS 1.3 (draft 21)", 0x7f16 = "TLS 1.3 (draft 22)",
        0x7f17 = "TLS 1.3 (draft 23)", 0x7f18 = "TLS 1.3 (draft 24)", 0x7f19 = "TLS 1.3 (draft 25)",
        0x7f1a = "TLS 1.3 (draft 26)", 0x7f1b = "TLS 1.3 (draft 27)", 0x7f1c = "TLS 1.3 (draft 28)",
        0xfb17 = "TLS 1.3 (Facebook draft 23)", 0xfb1a = "TLS 1.3 (Facebook draft 26)"
}

names! {
    /// Handshake messages, as RFCs name them.
    handshake_type: 0 = "HelloRequest", 1 = "ClientHello", 2 = "ServerHello", 3 = "HelloVerifyRequest",
        4 = "NewSessionTicket", 5 = "EndOfEarlyData", 6 = "HelloRetryRequest", 8 = "EncryptedExtensions",
        9 = "RequestConnectionId", 10 = "NewConnectionId", 11 = "Certificate", 12 = "ServerKeyExchange",
        13 = "CertificateRequest", 14 = "ServerHelloDone", 15 = "CertificateVerify", 16 = "ClientKeyExchange",
        17 = "ClientCertificateRequest", 20 = "Finished", 21 = "CertificateURL", 22 = "CertificateStatus",
        23 = "SupplementalData", 24 = "KeyUpdate", 25 = "CompressedCertificate", 26 = "EktKey",
        67 = "NextProtocol", 203 = "EncryptedExtensions (Channel ID)", 254 = "MessageHash"
}

names! {
    /// Alert levels.
    alert_level: 1 = "warning", 2 = "fatal"
}

names! {
    /// Alerts.
    alert: 0 = "close_notify", 10 = "unexpected_message", 20 = "bad_record_mac", 21 = "decryption_failed",
        22 = "record_overflow", 30 = "decompression_failure", 40 = "handshake_failure", 41 = "no_certificate",
        42 = "bad_certificate", 43 = "unsupported_certificate", 44 = "certificate_revoked", 45 = "certificate_expired",
        46 = "certificate_unknown", 47 = "illegal_parameter", 48 = "unknown_ca", 49 = "access_denied",
        50 = "decode_error", 51 = "decrypt_error", 52 = "too_many_cids_requested", 60 = "export_restriction",
        70 = "protocol_version", 71 = "insufficient_security", 80 = "internal_error", 86 = "inappropriate_fallback",
        90 = "user_canceled", 100 = "no_renegotiation", 109 = "missing_extension", 110 = "unsupported_extension",
        111 = "certificate_unobtainable", 112 = "unrecognized_name", 113 = "bad_certificate_status_response",
        114 = "bad_certificate_hash_value", 115 = "unknown_psk_identity", 116 = "certificate_required",
        117 = "general_error", 120 = "no_application_protocol", 121 = "ech_required"
}

names! {
    /// Extensions: the whole registry, and what browsers send from outside of it.
    extension: 0 = "server_name", 1 = "max_fragment_length", 2 = "client_certificate_url", 3 = "trusted_ca_keys",
        4 = "truncated_hmac", 5 = "status_request", 6 = "user_mapping", 7 = "client_authz", 8 = "server_authz",
        9 = "cert_type", 10 = "supported_groups", 11 = "ec_point_formats", 12 = "srp", 13 = "signature_algorithms",
        14 = "use_srtp", 15 = "heartbeat", 16 = "application_layer_protocol_negotiation", 17 = "status_request_v2",
        18 = "signed_certificate_timestamp", 19 = "client_certificate_type", 20 = "server_certificate_type",
        21 = "padding", 22 = "encrypt_then_mac", 23 = "extended_master_secret", 24 = "token_binding",
        25 = "cached_info", 26 = "tls_lts", 27 = "compress_certificate", 28 = "record_size_limit", 29 = "pwd_protect",
        30 = "pwd_clear", 31 = "password_salt", 32 = "ticket_pinning", 33 = "tls_cert_with_extern_psk",
        34 = "delegated_credential", 35 = "session_ticket", 36 = "TLMSP", 37 = "TLMSP_proxying",
        38 = "TLMSP_delegate", 39 = "supported_ekt_ciphers", 40 = "key_share (drafts)", 41 = "pre_shared_key",
        42 = "early_data", 43 = "supported_versions", 44 = "cookie", 45 = "psk_key_exchange_modes",
        46 = "ticket_early_data_info (drafts)", 47 = "certificate_authorities", 48 = "oid_filters",
        49 = "post_handshake_auth", 50 = "signature_algorithms_cert", 51 = "key_share", 52 = "transparency_info",
        53 = "connection_id (deprecated)", 54 = "connection_id", 55 = "external_id_hash", 56 = "external_session_id",
        57 = "quic_transport_parameters", 58 = "ticket_request", 59 = "dnssec_chain",
        60 = "sequence_number_encryption_algorithms", 61 = "rrc", 62 = "tls_flags", 13172 = "next_protocol_negotiation",
        17513 = "application_settings (old)", 17613 = "application_settings", 30031 = "channel_id (old)",
        30032 = "channel_id", 51764 = "trust_anchors", 64768 = "ech_outer_extensions",
        65037 = "encrypted_client_hello", 65281 = "renegotiation_info", 65445 = "quic_transport_parameters (drafts)",
        65486 = "encrypted_server_name"
}

names! {
    /// Groups for key exchange, post-quantum ones included.
    group: 1 = "sect163k1", 2 = "sect163r1", 3 = "sect163r2", 4 = "sect193r1", 5 = "sect193r2", 6 = "sect233k1",
        7 = "sect233r1", 8 = "sect239k1", 9 = "sect283k1", 10 = "sect283r1", 11 = "sect409k1", 12 = "sect409r1",
        13 = "sect571k1", 14 = "sect571r1", 15 = "secp160k1", 16 = "secp160r1", 17 = "secp160r2", 18 = "secp192k1",
        19 = "secp192r1", 20 = "secp224k1", 21 = "secp224r1", 22 = "secp256k1", 23 = "secp256r1", 24 = "secp384r1",
        25 = "secp521r1", 26 = "brainpoolP256r1", 27 = "brainpoolP384r1", 28 = "brainpoolP512r1", 29 = "x25519",
        30 = "x448", 31 = "brainpoolP256r1tls13", 32 = "brainpoolP384r1tls13", 33 = "brainpoolP512r1tls13",
        34 = "GC256A", 35 = "GC256B", 36 = "GC256C", 37 = "GC256D", 38 = "GC512A", 39 = "GC512B", 40 = "GC512C",
        41 = "curveSM2", 256 = "ffdhe2048", 257 = "ffdhe3072", 258 = "ffdhe4096", 259 = "ffdhe6144",
        260 = "ffdhe8192", 0x0200 = "MLKEM512", 0x0201 = "MLKEM768", 0x0202 = "MLKEM1024",
        0x11eb = "SecP256r1MLKEM768", 0x11ec = "X25519MLKEM768", 0x11ed = "SecP384r1MLKEM1024",
        0x11ee = "curveSM2MLKEM768", 0x6399 = "X25519Kyber768Draft00", 0x639a = "SecP256r1Kyber768Draft00",
        0x4138 = "CECPQ2", 0xff01 = "arbitrary_explicit_prime_curves", 0xff02 = "arbitrary_explicit_char2_curves"
}

names! {
    /// Signature schemes, post-quantum ones included.
    signature_scheme: 0x0101 = "rsa_pkcs1_md5", 0x0201 = "rsa_pkcs1_sha1", 0x0202 = "dsa_sha1", 0x0203 = "ecdsa_sha1",
        0x0301 = "rsa_pkcs1_sha224", 0x0302 = "dsa_sha224", 0x0303 = "ecdsa_sha224", 0x0401 = "rsa_pkcs1_sha256",
        0x0402 = "dsa_sha256", 0x0403 = "ecdsa_secp256r1_sha256", 0x0420 = "rsa_pkcs1_sha256_legacy",
        0x0501 = "rsa_pkcs1_sha384", 0x0502 = "dsa_sha384", 0x0503 = "ecdsa_secp384r1_sha384",
        0x0520 = "rsa_pkcs1_sha384_legacy", 0x0601 = "rsa_pkcs1_sha512", 0x0602 = "dsa_sha512",
        0x0603 = "ecdsa_secp521r1_sha512", 0x0620 = "rsa_pkcs1_sha512_legacy", 0x0704 = "eccsi_sha256",
        0x0705 = "iso_ibs1", 0x0706 = "iso_ibs2", 0x0707 = "iso_chinese_ibs", 0x0708 = "sm2sig_sm3",
        0x0709 = "gostr34102012_256a", 0x070a = "gostr34102012_256b", 0x070b = "gostr34102012_256c",
        0x070c = "gostr34102012_256d", 0x070d = "gostr34102012_512a", 0x070e = "gostr34102012_512b",
        0x070f = "gostr34102012_512c", 0x0804 = "rsa_pss_rsae_sha256", 0x0805 = "rsa_pss_rsae_sha384",
        0x0806 = "rsa_pss_rsae_sha512", 0x0807 = "ed25519", 0x0808 = "ed448", 0x0809 = "rsa_pss_pss_sha256",
        0x080a = "rsa_pss_pss_sha384", 0x080b = "rsa_pss_pss_sha512", 0x081a = "ecdsa_brainpoolP256r1tls13_sha256",
        0x081b = "ecdsa_brainpoolP384r1tls13_sha384", 0x081c = "ecdsa_brainpoolP512r1tls13_sha512",
        0x0904 = "mldsa44", 0x0905 = "mldsa65", 0x0906 = "mldsa87", 0x0911 = "slhdsa_sha2_128s",
        0x0912 = "slhdsa_sha2_128f", 0x0913 = "slhdsa_sha2_192s", 0x0914 = "slhdsa_sha2_192f",
        0x0915 = "slhdsa_sha2_256s", 0x0916 = "slhdsa_sha2_256f", 0x0917 = "slhdsa_shake_128s",
        0x0918 = "slhdsa_shake_128f", 0x0919 = "slhdsa_shake_192s", 0x091a = "slhdsa_shake_192f",
        0x091b = "slhdsa_shake_256s", 0x091c = "slhdsa_shake_256f"
}

names! {
    /// Hash algorithms of TLS 1.2.
    hash_algorithm: 0 = "none", 1 = "md5", 2 = "sha1", 3 = "sha224", 4 = "sha256", 5 = "sha384", 6 = "sha512",
        8 = "intrinsic"
}

names! {
    /// Signature algorithms of TLS 1.2.
    signature_algorithm: 0 = "anonymous", 1 = "rsa", 2 = "dsa", 3 = "ecdsa", 7 = "ed25519", 8 = "ed448",
        64 = "gostr34102012_256", 65 = "gostr34102012_512"
}

names! {
    /// Compression methods.
    compression: 0 = "null", 1 = "DEFLATE", 64 = "LZS"
}

names! {
    /// Kinds of certificate that a server asks for.
    client_certificate_type: 1 = "rsa_sign", 2 = "dss_sign", 3 = "rsa_fixed_dh", 4 = "dss_fixed_dh",
        5 = "rsa_ephemeral_dh", 6 = "dss_ephemeral_dh", 20 = "fortezza_dms", 64 = "ecdsa_sign", 65 = "rsa_fixed_ecdh",
        66 = "ecdsa_fixed_ecdh", 67 = "gost_sign256", 68 = "gost_sign512"
}

names! {
    /// Formats of certificates.
    certificate_type: 0 = "X.509", 1 = "OpenPGP", 2 = "Raw Public Key", 3 = "1609Dot2"
}

names! {
    /// How an elliptic curve is given.
    curve_type: 1 = "explicit_prime", 2 = "explicit_char2", 3 = "named_curve"
}

names! {
    /// Formats of curve points.
    point_format: 0 = "uncompressed", 1 = "ansiX962_compressed_prime", 2 = "ansiX962_compressed_char2"
}

names! {
    /// Fragment lengths, as the client asks for them.
    max_fragment_length: 1 = "512", 2 = "1024", 3 = "2048", 4 = "4096"
}

names! {
    /// Kinds of certificate status.
    status_type: 1 = "OCSP", 2 = "OCSP Multi"
}

names! {
    /// Heartbeat messages.
    heartbeat_type: 1 = "request", 2 = "response"
}

names! {
    /// Heartbeat modes.
    heartbeat_mode: 1 = "peer allowed to send requests", 2 = "peer not allowed to send requests"
}

names! {
    /// How a pre-shared key is used.
    psk_mode: 0 = "psk_ke", 1 = "psk_dhe_ke", 2 = "psk_password", 11 = "GREASE", 42 = "GREASE", 73 = "GREASE",
        104 = "GREASE", 135 = "GREASE", 166 = "GREASE", 197 = "GREASE", 228 = "GREASE"
}

names! {
    /// Compression of certificates.
    certificate_compression: 1 = "zlib", 2 = "brotli", 3 = "zstd"
}

names! {
    /// Which hello carries the extension.
    ech_type: 0 = "outer", 1 = "inner"
}

names! {
    /// Key derivation functions of HPKE.
    hpke_kdf: 1 = "HKDF-SHA256", 2 = "HKDF-SHA384", 3 = "HKDF-SHA512"
}

names! {
    /// Ciphers of HPKE.
    hpke_aead: 1 = "AES-128-GCM", 2 = "AES-256-GCM", 3 = "ChaCha20Poly1305"
}

names! {
    /// Transport parameters of QUIC, as RFC 9000, section 18.2 and the registry name them.
    transport_parameter: 0x00 = "original_destination_connection_id", 0x01 = "max_idle_timeout",
        0x02 = "stateless_reset_token", 0x03 = "max_udp_payload_size", 0x04 = "initial_max_data",
        0x05 = "initial_max_stream_data_bidi_local", 0x06 = "initial_max_stream_data_bidi_remote",
        0x07 = "initial_max_stream_data_uni", 0x08 = "initial_max_streams_bidi", 0x09 = "initial_max_streams_uni",
        0x0a = "ack_delay_exponent", 0x0b = "max_ack_delay", 0x0c = "disable_active_migration",
        0x0d = "preferred_address", 0x0e = "active_connection_id_limit", 0x0f = "initial_source_connection_id",
        0x10 = "retry_source_connection_id", 0x11 | 0x00ff_73db = "version_information", 0x20 = "max_datagram_frame_size",
        0x173e = "discard", 0x1057 = "loss_bits", 0x2ab2 = "grease_quic_bit", 0x3127 = "google_initial_rtt",
        0x3128 = "google_connection_options", 0x3129 = "google_user_agent", 0x4752 = "google_quic_version",
        0x7157 = "enable_time_stamp", 0x7158 = "enable_time_stamp_v2", 0xde1a | 0xff03_de1a | 0xff04_de1b = "min_ack_delay"
}

/// What a stack calls a version; `tls` for one that is not known.
pub(crate) fn spoken(version: u16) -> &'static str {
    match version {
        0x0002 => "ssl2",
        0x0300 => "ssl3",
        0x0301 => "tls1.0",
        0x0302 => "tls1.1",
        0x0303 => "tls1.2",
        0xfeff | 0x0100 => "dtls1.0",
        0xfefd => "dtls1.2",
        0xfefc => "dtls1.3",
        _ if is_13(version) => "tls1.3",
        _ => "tls",
    }
}

/// The version of TLS that a version of DTLS is made from (RFC 6347, section 1; RFC 9147, section 1). 0x0100 is
/// what OpenSSL sent before the RFC.
pub(crate) const fn as_tls(version: u16) -> u16 {
    match version {
        0xfeff | 0x0100 => 0x0302,
        0xfefd => 0x0303,
        0xfefc => 0x0304,
        other => other,
    }
}

/// Whether a version is TLS 1.3 or one of its drafts.
pub(crate) const fn is_13(version: u16) -> bool {
    matches!(version, 0x0304 | 0x7f0e..=0x7f1c | 0xfb17 | 0xfb1a)
}

/// The application protocol of an ALPN identifier, if it is one that a stack can name.
pub(crate) fn application(alpn: &[u8]) -> Option<&'static str> {
    const KNOWN: [&str; 22] = [
        "http/0.9",
        "http/1.0",
        "http/1.1",
        "spdy/1",
        "spdy/2",
        "spdy/3",
        "spdy/3.1",
        "h2",
        "h2c",
        "h3",
        "h3-29",
        "dot",
        "doq",
        "imap",
        "pop3",
        "smtp",
        "xmpp-client",
        "xmpp-server",
        "ftp",
        "mqtt",
        "acme-tls/1",
        "hq-interop",
    ];
    KNOWN.into_iter().find(|known| known.as_bytes() == alpn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grease_is_sixteen_values_and_no_more() {
        assert_eq!((0..=u16::MAX).filter(|value| is_grease(*value)).count(), 16);
        assert!(is_grease(0xfafa) && !is_grease(0x0a1a));
        assert_eq!(extension(0x0a1a), None);
        assert_eq!(suite(0x4a4a), Some("GREASE"));
    }

    #[test]
    fn names_that_the_library_lacks_are_here() {
        assert_eq!(group(0x11ec), Some("X25519MLKEM768"));
        assert_eq!(signature_scheme(0x0905), Some("mldsa65"));
        assert_eq!(suite(0x1302), Some("TLS_AES_256_GCM_SHA384"));
        assert_eq!(alert(121), Some("ech_required"));
        assert!((0..=62).all(|number| extension(number).is_some()), "the registry has no gap up to tls_flags");
    }
}
