//! Every field of TLS. Names are Wireshark's where the meaning is the same, else they begin with `husk.`.

use super::names;
use crate::bytes::Field;
use crate::fields;

/// Declares fields as `fields!` does, and in the module `datagram` each once more under the name that DTLS has for it.
macro_rules! fields_of_both {
    (class $class:ident, $source:literal;
     $($id:ident: $kind:ident $(($digits:literal))? $name:literal $label:literal
       $(, $own:literal)? $(, class $stands:ident)? $(, names $names:path)?;)*) => {
        fields! { class $class, $source; $($id: $kind $(($digits))? $name $label $(, $own)? $(, class $stands)? $(, names $names)?;)* }

        /// The same fields as DTLS names them: one letter in front.
        pub mod datagram {
            use super::*;

            $(static $id: Field = Field {
                name: concat!("d", $name),
                label: $label,
                kind: $crate::bytes::Kind::$kind $(($digits))?,
                class: $crate::fields!(@class $class $($stands)?),
                source: $crate::fields!(@source $source $(, $own)?),
                names: $crate::fields!(@names $($names)?),
            };)*
            /// In the order of the table for TLS.
            pub(super) static TWINS: &[&Field] = &[$(&$id),*];
            /// Those that have a name of their own.
            pub static FIELDS: [&Field; own(TWINS)] = keep_own(TWINS);
        }
    };
}

/// Whether a twin's name is one: husk's own names stand for both protocols.
const fn is_own(twin: &Field) -> bool {
    !matches!(twin.name.as_bytes(), [b'd', b'h', b'u', b's', b'k', b'.', ..])
}

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // evaluated by the compiler
const fn own(twins: &[&Field]) -> usize {
    let (mut at, mut own) = (0, 0);
    while at < twins.len() {
        own += is_own(twins[at]) as usize;
        at += 1;
    }
    own
}

#[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects)] // evaluated by the compiler
const fn keep_own<const N: usize>(twins: &[&'static Field]) -> [&'static Field; N] {
    let (mut at, mut kept, mut own) = (0, 0, [twins[0]; N]);
    while at < twins.len() {
        if is_own(twins[at]) {
            own[kept] = twins[at];
            kept += 1;
        }
        at += 1;
    }
    own
}

/// The field under which DTLS notes what TLS notes as `field`.
pub(crate) fn of_datagrams(field: &'static Field) -> &'static Field {
    let place = FIELDS.iter().position(|known| std::ptr::eq(*known, field));
    let twin = place.and_then(|place| datagram::TWINS.get(place)).copied();
    twin.filter(|twin| is_own(twin)).unwrap_or(field)
}

fields_of_both! { class Metadata, "RFC 8446, section 4";
    // The record layer.
    RECORD_TYPE: Number "tls.record.content_type" "Content Type", "RFC 8446, section 5.1", names names::content_type;
    OPAQUE_TYPE: Number "tls.record.opaque_type" "Opaque Type", "RFC 8446, section 5.2", names names::content_type;
    RECORD_VERSION: Hex(4) "tls.record.version" "Version", "RFC 8446, section 5.1", names names::version;
    RECORD_LENGTH: Number "tls.record.length" "Length", "RFC 8446, section 5.1";
    APP_DATA: Bytes "tls.app_data" "Encrypted Application Data", "RFC 8446, section 5.2", class Sealed;
    ENCRYPTED: Group "husk.tls.encrypted" "Encrypted message", "RFC 8446, section 5.2", class Sealed;
    NONCE: Bytes "husk.tls.nonce" "Explicit nonce or IV", "RFC 5246, section 6.2.3", class Tag;
    CIPHERTEXT: Bytes "husk.tls.ciphertext" "Ciphertext", "RFC 8446, section 5.2", class Sealed;
    TAG: Bytes "husk.tls.tag" "Authentication tag", "RFC 5116, section 5.1", class Tag;
    CHANGE_CIPHER_SPEC: Number "husk.tls.change_cipher_spec" "Change Cipher Spec", "RFC 5246, section 7.1";
    ALERT: Group "tls.alert_message" "Alert Message", "RFC 8446, section 6";
    ALERT_LEVEL: Number "tls.alert_message.level" "Level", "RFC 8446, section 6", names names::alert_level;
    ALERT_DESCRIPTION: Number "tls.alert_message.desc" "Description", "RFC 8446, section 6", names names::alert;
    HEARTBEAT: Group "tls.heartbeat_message" "Heartbeat Message", "RFC 6520, section 4";
    HEARTBEAT_TYPE: Number "tls.heartbeat_message.type" "Type", "RFC 6520, section 3", names names::heartbeat_type;
    HEARTBEAT_LENGTH: Number "tls.heartbeat_message.payload_length" "Payload Length", "RFC 6520, section 4";
    HEARTBEAT_PAYLOAD: Bytes "tls.heartbeat_message.payload" "Payload", "RFC 6520, section 4";
    HEARTBEAT_PADDING: Bytes "tls.heartbeat_message.padding" "Padding", "RFC 6520, section 4";

    // What an observer learns, in words.
    VERSION_CHOSEN: Text "husk.tls.version" "Version chosen", "RFC 8446, section 4.1.3";
    ENCRYPTED_DNS: Text "husk.encrypted_dns" "Encrypted DNS", "RFC 7858, RFC 9250, RFC 8484";
    SUITE_CHOSEN: Text "husk.tls.cipher" "Cipher suite chosen", "RFC 8446, section 4.1.3";
    ALPN_CHOSEN: Text "husk.tls.alpn" "Application protocol chosen", "RFC 7301, section 3.1";
    GROUP_CHOSEN: Text "husk.tls.group" "Group of the key share chosen", "RFC 8446, section 4.2.8";

    // Fingerprints of hellos.
    JA3: Text "tls.handshake.ja3" "JA3", "JA3 (Salesforce)";
    JA3_FULL: Text "tls.handshake.ja3_full" "JA3 before the digest", "JA3 (Salesforce)";
    JA3S: Text "tls.handshake.ja3s" "JA3S", "JA3 (Salesforce)";
    JA3S_FULL: Text "tls.handshake.ja3s_full" "JA3S before the digest", "JA3 (Salesforce)";
    JA4: Text "tls.handshake.ja4" "JA4", "JA4 (FoxIO)";
    JA4_R: Text "tls.handshake.ja4_r" "JA4 before the digests", "JA4 (FoxIO)";

    // Handshake messages.
    HANDSHAKE: Group "tls.handshake" "Handshake Protocol";
    HANDSHAKE_TYPE: Number "tls.handshake.type" "Handshake Message Type", "RFC 8446, section 4", names names::handshake_type;
    HANDSHAKE_LENGTH: Number "tls.handshake.length" "Length", "RFC 8446, section 4";
    HANDSHAKE_PART: Bytes "husk.tls.handshake.part" "Part of a handshake message", "RFC 8446, section 5.1";
    HANDSHAKE_BODY: Bytes "husk.tls.handshake.body" "Body";
    VERSION: Hex(4) "tls.handshake.version" "Version", "RFC 8446, section 4.1.2", names names::version;
    RANDOM: Bytes "tls.handshake.random" "Random", "RFC 8446, section 4.1.2";
    SESSION_ID_LENGTH: Number "tls.handshake.session_id_length" "Session ID Length", "RFC 8446, section 4.1.2";
    SESSION_ID: Bytes "tls.handshake.session_id" "Session ID", "RFC 8446, section 4.1.2";
    SUITES_LENGTH: Number "tls.handshake.cipher_suites_length" "Cipher Suites Length", "RFC 8446, section 4.1.2";
    SUITE: Hex(4) "tls.handshake.ciphersuite" "Cipher Suite", "RFC 8446, section B.4", names names::suite;
    COMPRESSIONS_LENGTH: Number "tls.handshake.comp_methods_length" "Compression Methods Length", "RFC 5246, section 7.4.1.2";
    COMPRESSION: Number "tls.handshake.comp_method" "Compression Method", "RFC 5246, section 7.4.1.2", names names::compression;
    CERTIFICATES_LENGTH: Number "tls.handshake.certificates_length" "Certificates Length", "RFC 5246, section 7.4.2";
    CERTIFICATE_LENGTH: Number "tls.handshake.certificate_length" "Certificate Length", "RFC 5246, section 7.4.2";
    CERTIFICATE: Bytes "tls.handshake.certificate" "Certificate", "RFC 5246, section 7.4.2";
    CERTIFICATE_TYPES_COUNT: Number "tls.handshake.cert_types_count" "Certificate types count", "RFC 5246, section 7.4.4";
    CERTIFICATE_TYPE: Number "tls.handshake.cert_type" "Certificate Type", "RFC 5246, section 7.4.4", names names::client_certificate_type;
    NAMES_LENGTH: Number "tls.handshake.dnames_len" "Distinguished Names Length", "RFC 5246, section 7.4.4";
    NAME_LENGTH: Number "tls.handshake.dname_len" "Distinguished Name Length", "RFC 5246, section 7.4.4";
    NAME: Bytes "husk.tls.dname" "Distinguished Name", "RFC 5246, section 7.4.4";
    TICKET_LIFETIME: Number "tls.handshake.session_ticket_lifetime_hint" "Session Ticket Lifetime Hint", "RFC 5077, section 3.3";
    TICKET_LENGTH: Number "tls.handshake.session_ticket_length" "Session Ticket Length", "RFC 5077, section 3.3";
    TICKET: Bytes "tls.handshake.session_ticket" "Session Ticket", "RFC 5077, section 3.3";
    OCSP_LENGTH: Number "tls.handshake.ocsp_response_len" "OCSP Response Length", "RFC 6066, section 8";
    OCSP: Bytes "husk.tls.ocsp_response" "OCSP Response", "RFC 6066, section 8";
    VERIFY_SIGNATURE_LENGTH: Number "tls.handshake.client_cert_vrfy.sig_len" "Signature length", "RFC 5246, section 7.4.8";
    VERIFY_SIGNATURE: Bytes "tls.handshake.client_cert_vrfy.sig" "Signature", "RFC 5246, section 7.4.8";

    // Key exchange of TLS 1.2 and earlier.
    CURVE_TYPE: Hex(2) "tls.handshake.server_curve_type" "Curve Type", "RFC 8422, section 5.4", names names::curve_type;
    NAMED_CURVE: Hex(4) "tls.handshake.server_named_curve" "Named Curve", "RFC 8422, section 5.4", names names::group;
    SERVER_POINT_LENGTH: Number "tls.handshake.server_point_len" "Pubkey Length", "RFC 8422, section 5.4";
    SERVER_POINT: Bytes "tls.handshake.server_point" "Pubkey", "RFC 8422, section 5.4";
    CLIENT_POINT_LENGTH: Number "tls.handshake.client_point_len" "Pubkey Length", "RFC 8422, section 5.7";
    CLIENT_POINT: Bytes "tls.handshake.client_point" "Pubkey", "RFC 8422, section 5.7";
    P_LENGTH: Number "tls.handshake.p_len" "p Length", "RFC 5246, section 7.4.3";
    P: Bytes "tls.handshake.p" "p", "RFC 5246, section 7.4.3";
    G_LENGTH: Number "tls.handshake.g_len" "g Length", "RFC 5246, section 7.4.3";
    G: Bytes "tls.handshake.g" "g", "RFC 5246, section 7.4.3";
    YS_LENGTH: Number "tls.handshake.ys_len" "Pubkey Length", "RFC 5246, section 7.4.3";
    YS: Bytes "tls.handshake.ys" "Pubkey", "RFC 5246, section 7.4.3";
    YC_LENGTH: Number "tls.handshake.yc_len" "Pubkey Length", "RFC 5246, section 7.4.7.2";
    YC: Bytes "tls.handshake.yc" "Pubkey", "RFC 5246, section 7.4.7.2";
    MODULUS_LENGTH: Number "tls.handshake.modulus_len" "Modulus Length", "RFC 2246, section 7.4.3";
    MODULUS: Bytes "tls.handshake.modulus" "Modulus", "RFC 2246, section 7.4.3";
    EXPONENT_LENGTH: Number "tls.handshake.exponent_len" "Exponent Length", "RFC 2246, section 7.4.3";
    EXPONENT: Bytes "tls.handshake.exponent" "Exponent", "RFC 2246, section 7.4.3";
    SIGNATURE_LENGTH: Number "tls.handshake.sig_len" "Signature Length", "RFC 5246, section 4.7";
    SIGNATURE: Bytes "tls.handshake.sig" "Signature", "RFC 5246, section 4.7";
    PREMASTER_LENGTH: Number "tls.handshake.epms_len" "Encrypted PreMaster length", "RFC 5246, section 7.4.7.1";
    PREMASTER: Bytes "tls.handshake.epms" "Encrypted PreMaster", "RFC 5246, section 7.4.7.1";
    HINT_LENGTH: Number "tls.handshake.hint_len" "Hint Length", "RFC 4279, section 2";
    HINT: Bytes "tls.handshake.hint" "Hint", "RFC 4279, section 2";
    IDENTITY_LENGTH: Number "tls.handshake.identity_len" "Identity Length", "RFC 4279, section 2";
    IDENTITY: Bytes "tls.handshake.identity" "Identity", "RFC 4279, section 2";

    // Extensions.
    EXTENSIONS_LENGTH: Number "tls.handshake.extensions_length" "Extensions Length", "RFC 8446, section 4.2";
    EXTENSION: Group "husk.tls.extension" "Extension", "RFC 8446, section 4.2";
    EXTENSION_TYPE: Number "tls.handshake.extension.type" "Type", "RFC 8446, section 4.2", names names::extension;
    EXTENSION_LENGTH: Number "tls.handshake.extension.len" "Length", "RFC 8446, section 4.2";
    EXTENSION_DATA: Bytes "tls.handshake.extension.data" "Data", "RFC 8446, section 4.2";
    EXTENSION_BODY: Bytes "husk.tls.extension.body" "Body", "RFC 8446, section 4.2";
    SERVER_NAMES_LENGTH: Number "tls.handshake.extensions_server_name_list_len" "Server Name list length", "RFC 6066, section 3";
    SERVER_NAME_TYPE: Number "tls.handshake.extensions_server_name_type" "Server Name Type", "RFC 6066, section 3";
    SERVER_NAME_LENGTH: Number "tls.handshake.extensions_server_name_len" "Server Name length", "RFC 6066, section 3";
    SERVER_NAME: Text "tls.handshake.extensions_server_name" "Server Name", "RFC 6066, section 3";
    MAX_FRAGMENT_LENGTH: Number "tls.handshake.max_fragment_length" "Maximum Fragment Length", "RFC 6066, section 4", names names::max_fragment_length;
    STATUS_TYPE: Number "tls.handshake.extensions_status_request_type" "Certificate Status Type", "RFC 6066, section 8", names names::status_type;
    STATUS_LENGTH: Number "tls.handshake.extensions_status_request_len" "Certificate Status Length", "RFC 6961, section 2.2";
    STATUS_LIST_LENGTH: Number "tls.handshake.extensions_status_request_list_len" "Certificate Status List Length", "RFC 6961, section 2.2";
    RESPONDERS_LENGTH: Number "tls.handshake.extensions_status_request_responder_ids_len" "Responder ID list Length", "RFC 6066, section 8";
    RESPONDERS: Bytes "husk.tls.responder_ids" "Responder ID list", "RFC 6066, section 8";
    REQUEST_EXTENSIONS_LENGTH: Number "tls.handshake.extensions_status_request_exts_len" "Request Extensions Length", "RFC 6066, section 8";
    REQUEST_EXTENSIONS: Bytes "husk.tls.request_extensions" "Request Extensions", "RFC 6066, section 8";
    GROUPS_LENGTH: Number "tls.handshake.extensions_supported_groups_length" "Supported Groups List Length", "RFC 8446, section 4.2.7";
    GROUP: Hex(4) "tls.handshake.extensions_supported_group" "Supported Group", "RFC 8446, section 4.2.7", names names::group;
    POINT_FORMATS_LENGTH: Number "tls.handshake.extensions_ec_point_formats_length" "EC point formats Length", "RFC 8422, section 5.1.2";
    POINT_FORMAT: Number "tls.handshake.extensions_ec_point_format" "EC point format", "RFC 8422, section 5.1.2", names names::point_format;
    SRP_LENGTH: Number "tls.handshake.extensions_srp_len" "SRP username length", "RFC 5054, section 2.8.1";
    SRP_NAME: Text "tls.handshake.extensions_srp_username" "SRP username", "RFC 5054, section 2.8.1";
    SCHEMES_LENGTH: Number "tls.handshake.sig_hash_alg_len" "Signature Hash Algorithms Length", "RFC 8446, section 4.2.3";
    SCHEME: Hex(4) "tls.handshake.sig_hash_alg" "Signature Algorithm", "RFC 8446, section 4.2.3", names names::signature_scheme;
    SCHEME_HASH: Number "tls.handshake.sig_hash_hash" "Signature Hash Algorithm Hash", "RFC 5246, section 7.4.1.4.1", names names::hash_algorithm;
    SCHEME_SIGNATURE: Number "tls.handshake.sig_hash_sig" "Signature Hash Algorithm Signature", "RFC 5246, section 7.4.1.4.1", names names::signature_algorithm;
    HEARTBEAT_MODE: Number "tls.handshake.extension.heartbeat.mode" "Mode", "RFC 6520, section 2", names names::heartbeat_mode;
    ALPN_LENGTH: Number "tls.handshake.extensions_alpn_len" "ALPN Extension Length", "RFC 7301, section 3.1";
    ALPN_NAME_LENGTH: Number "tls.handshake.extensions_alpn_str_len" "ALPN string length", "RFC 7301, section 3.1";
    ALPN_NAME: Text "tls.handshake.extensions_alpn_str" "ALPN Next Protocol", "RFC 7301, section 3.1";
    NPN_NAME_LENGTH: Number "tls.handshake.extensions_npn_str_len" "Protocol string length", "draft-agl-tls-nextprotoneg-04";
    NPN_NAME: Text "tls.handshake.extensions_npn" "Next Protocol", "draft-agl-tls-nextprotoneg-04";
    CERTIFICATE_KINDS_LENGTH: Number "tls.handshake.cert_type.types_len" "Certificate Type List Length", "RFC 7250, section 3";
    CERTIFICATE_KIND: Hex(2) "tls.handshake.cert_type.type" "Certificate Type", "RFC 7250, section 3", names names::certificate_type;
    PADDING: Bytes "tls.handshake.extensions_padding_data" "Padding Data", "RFC 7685, section 3", class Padding;
    RENEGOTIATION_LENGTH: Number "tls.handshake.extensions_reneg_info_len" "Renegotiation info extension length", "RFC 5746, section 3.2";
    RENEGOTIATION: Bytes "tls.handshake.extensions_reneg_info" "Renegotiation info", "RFC 5746, section 3.2";
    SHARES_LENGTH: Number "tls.handshake.extensions_key_share_client_length" "Client Key Share Length", "RFC 8446, section 4.2.8";
    SHARE_GROUP: Number "tls.handshake.extensions_key_share_group" "Group", "RFC 8446, section 4.2.8", names names::group;
    SHARE_LENGTH: Number "tls.handshake.extensions_key_share_key_exchange_length" "Key Exchange Length", "RFC 8446, section 4.2.8";
    SHARE: Bytes "tls.handshake.extensions_key_share_key_exchange" "Key Exchange", "RFC 8446, section 4.2.8";
    SELECTED_GROUP: Number "tls.handshake.extensions_key_share_selected_group" "Selected Group", "RFC 8446, section 4.2.8", names names::group;
    PSK_IDENTITIES_LENGTH: Number "tls.handshake.extensions.psk.identities.length" "Identities Length", "RFC 8446, section 4.2.11";
    PSK_IDENTITY_LENGTH: Number "tls.handshake.extensions.psk.identity.identity_length" "Identity Length", "RFC 8446, section 4.2.11";
    PSK_IDENTITY: Bytes "tls.handshake.extensions.psk.identity.identity" "Identity", "RFC 8446, section 4.2.11";
    PSK_AGE: Number "tls.handshake.extensions.psk.identity.obfuscated_ticket_age" "Obfuscated Ticket Age", "RFC 8446, section 4.2.11";
    PSK_BINDERS_LENGTH: Number "tls.handshake.extensions.psk.binders_len" "PSK Binders length", "RFC 8446, section 4.2.11";
    PSK_BINDER_LENGTH: Number "husk.tls.psk.binder_length" "PSK Binder length", "RFC 8446, section 4.2.11";
    PSK_BINDER: Bytes "husk.tls.psk.binder" "PSK Binder", "RFC 8446, section 4.2.11";
    PSK_SELECTED: Number "tls.handshake.extensions.psk.identity.selected" "Selected Identity", "RFC 8446, section 4.2.11";
    PSK_MODES_LENGTH: Number "tls.extension.psk_ke_modes_length" "PSK Key Exchange Modes Length", "RFC 8446, section 4.2.9";
    PSK_MODE: Number "tls.extension.psk_ke_mode" "PSK Key Exchange Mode", "RFC 8446, section 4.2.9", names names::psk_mode;
    VERSIONS_LENGTH: Number "tls.handshake.extensions.supported_versions_len" "Supported Versions length", "RFC 8446, section 4.2.1";
    SUPPORTED_VERSION: Hex(4) "tls.handshake.extensions.supported_version" "Supported Version", "RFC 8446, section 4.2.1", names names::version;
    COOKIE_LENGTH: Number "tls.handshake.extensions.cookie_len" "Cookie length", "RFC 8446, section 4.2.2";
    COOKIE: Bytes "tls.handshake.extensions.cookie" "Cookie", "RFC 8446, section 4.2.2";
    COMPRESS_LENGTH: Number "tls.compress_certificate.algorithms_length" "Algorithms Length", "RFC 8879, section 3";
    COMPRESS: Number "tls.compress_certificate.algorithm" "Algorithm", "RFC 8879, section 3", names names::certificate_compression;
    RECORD_SIZE_LIMIT: Number "tls.record_size_limit" "Record Size Limit", "RFC 8449, section 4";
    CONNECTION_ID_LENGTH: Number "tls.connection_id_length" "Connection ID length", "RFC 9146, section 3";
    CONNECTION_ID: Bytes "tls.connection_id" "Connection ID", "RFC 9146, section 3";
    ALPS_LENGTH: Number "tls.handshake.extensions_alps_len" "ALPS Extension Length", "draft-vvv-tls-alps-01";
    ALPS_NAME_LENGTH: Number "tls.handshake.extensions_alps_alpn_str_len" "Supported ALPN Length", "draft-vvv-tls-alps-01";
    ALPS_NAME: Text "tls.handshake.extensions_alps_alpn_str" "Supported ALPN", "draft-vvv-tls-alps-01";
    SCTS_LENGTH: Number "tls.sct.scts_length" "Serialized SCT List Length", "RFC 6962, section 3.3";
    SCT_LENGTH: Number "tls.sct.sct_length" "Serialized SCT Length", "RFC 6962, section 3.3";
    SCT_VERSION: Number "tls.sct.sct_version" "SCT Version", "RFC 6962, section 3.2";
    SCT_LOG: Bytes "tls.sct.sct_logid" "Log ID", "RFC 6962, section 3.2";
    SCT_TIME: Number "husk.tls.sct_timestamp" "Timestamp (milliseconds since 1970)", "RFC 6962, section 3.2";
    SCT_EXTENSIONS_LENGTH: Number "tls.sct.sct_extensions_length" "Extensions length", "RFC 6962, section 3.2";
    SCT_EXTENSIONS: Bytes "husk.tls.sct_extensions" "Extensions", "RFC 6962, section 3.2";
    SCT_SIGNATURE_LENGTH: Number "tls.sct.sct_signature_length" "Signature Length", "RFC 6962, section 3.2";
    SCT_SIGNATURE: Bytes "tls.sct.sct_signature" "Signature", "RFC 6962, section 3.2";
    ESNI_SUITE: Hex(4) "tls.esni.suite" "Cipher Suite", "draft-ietf-tls-esni-02", names names::suite;
    ESNI_DIGEST_LENGTH: Number "tls.esni.record_digest_length" "Record Digest Length", "draft-ietf-tls-esni-02";
    ESNI_DIGEST: Bytes "tls.esni.record_digest" "Record Digest", "draft-ietf-tls-esni-02";
    ESNI_LENGTH: Number "tls.esni.encrypted_sni_length" "Encrypted SNI Length", "draft-ietf-tls-esni-02";
    ESNI: Bytes "tls.esni.encrypted_sni" "Encrypted SNI", "draft-ietf-tls-esni-02";
    ECH_TYPE: Number "husk.tls.ech.type" "Client Hello Type", "RFC 9849, section 5", names names::ech_type;
    ECH_KDF: Hex(4) "husk.tls.ech.kdf" "KDF Id", "RFC 9849, section 5", names names::hpke_kdf;
    ECH_AEAD: Hex(4) "husk.tls.ech.aead" "AEAD Id", "RFC 9849, section 5", names names::hpke_aead;
    ECH_CONFIG_ID: Number "husk.tls.ech.config_id" "Config Id", "RFC 9849, section 5";
    ECH_ENC_LENGTH: Number "husk.tls.ech.enc_length" "Enc Length", "RFC 9849, section 5";
    ECH_ENC: Bytes "husk.tls.ech.enc" "Enc", "RFC 9849, section 5";
    ECH_PAYLOAD_LENGTH: Number "husk.tls.ech.payload_length" "Payload Length", "RFC 9849, section 5";
    ECH_PAYLOAD: Bytes "husk.tls.ech.payload" "Payload", "RFC 9849, section 5", class Sealed;
    ECH_CONFIRMATION: Bytes "husk.tls.ech.confirmation" "Acceptance confirmation", "RFC 9849, section 7.2.1";

    // Transport parameters of QUIC.
    PARAMETER: Group "tls.quic.parameter" "Parameter", "RFC 9000, section 18";
    PARAMETER_TYPE: Number "tls.quic.parameter.type" "Type", "RFC 9000, section 18", names names::transport_parameter;
    PARAMETER_LENGTH: Number "tls.quic.parameter.length" "Length", "RFC 9000, section 18";
    PARAMETER_VALUE: Bytes "tls.quic.parameter.value" "Value", "RFC 9000, section 18";
    ORIGINAL_DCID: Bytes "tls.quic.parameter.original_destination_connection_id" "original_destination_connection_id", "RFC 9000, section 18.2";
    MAX_IDLE_TIMEOUT: Number "tls.quic.parameter.max_idle_timeout" "max_idle_timeout", "RFC 9000, section 18.2";
    RESET_TOKEN: Bytes "tls.quic.parameter.stateless_reset_token" "stateless_reset_token", "RFC 9000, section 18.2";
    MAX_UDP_PAYLOAD: Number "tls.quic.parameter.max_udp_payload_size" "max_udp_payload_size", "RFC 9000, section 18.2";
    MAX_DATA: Number "tls.quic.parameter.initial_max_data" "initial_max_data", "RFC 9000, section 18.2";
    MAX_BIDI_LOCAL: Number "tls.quic.parameter.initial_max_stream_data_bidi_local" "initial_max_stream_data_bidi_local", "RFC 9000, section 18.2";
    MAX_BIDI_REMOTE: Number "tls.quic.parameter.initial_max_stream_data_bidi_remote" "initial_max_stream_data_bidi_remote", "RFC 9000, section 18.2";
    MAX_UNI: Number "tls.quic.parameter.initial_max_stream_data_uni" "initial_max_stream_data_uni", "RFC 9000, section 18.2";
    MAX_STREAMS_BIDI: Number "tls.quic.parameter.initial_max_streams_bidi" "initial_max_streams_bidi", "RFC 9000, section 18.2";
    MAX_STREAMS_UNI: Number "tls.quic.parameter.initial_max_streams_uni" "initial_max_streams_uni", "RFC 9000, section 18.2";
    ACK_DELAY_EXPONENT: Number "tls.quic.parameter.ack_delay_exponent" "ack_delay_exponent", "RFC 9000, section 18.2";
    MAX_ACK_DELAY: Number "tls.quic.parameter.max_ack_delay" "max_ack_delay", "RFC 9000, section 18.2";
    ACTIVE_CID_LIMIT: Number "tls.quic.parameter.active_connection_id_limit" "Active Connection ID Limit", "RFC 9000, section 18.2";
    INITIAL_SCID: Bytes "tls.quic.parameter.initial_source_connection_id" "Initial Source Connection ID", "RFC 9000, section 18.2";
    RETRY_SCID: Bytes "tls.quic.parameter.retry_source_connection_id" "Retry Source Connection ID", "RFC 9000, section 18.2";
    MAX_DATAGRAM: Number "tls.quic.parameter.max_datagram_frame_size" "max_datagram_frame_size", "RFC 9221, section 3";
    CHOSEN_VERSION: Hex(8) "tls.quic.parameter.vi.chosen_version" "Chosen Version", "RFC 9368, section 3";
    OTHER_VERSION: Hex(8) "tls.quic.parameter.vi.other_version" "Other Version", "RFC 9368, section 3";
    TIME_STAMP: Number "tls.quic.parameter.enable_time_stamp_v2" "Enable TimestampV2", "draft-huitema-quic-ts-03";
    MIN_ACK_DELAY: Number "tls.quic.parameter.min_ack_delay" "min_ack_delay", "draft-ietf-quic-ack-frequency-02";
    LOSS_BITS: Number "tls.quic.parameter.loss_bits" "loss_bits", "draft-ferrieuxhamchaoui-quic-lossbits-03";
    GOOGLE_USER_AGENT: Text "tls.quic.parameter.google.user_agent" "Google UserAgent", "quiche";
    GOOGLE_VERSION: Hex(8) "tls.quic.parameter.google.quic_version" "Google QUIC version", "quiche";
    GOOGLE_RTT: Number "tls.quic.parameter.google.initial_rtt" "Google Initial RTT", "quiche";
    GOOGLE_OPTIONS: Bytes "tls.quic.parameter.google.connection_options" "Google Connection options", "quiche";

    // The hello of SSLv2.
    V2_SPECS_LENGTH: Number "tls.handshake.cipher_spec_len" "Cipher Spec Length", "RFC 5246, section E.2";
    V2_CHALLENGE_LENGTH: Number "tls.handshake.challenge_length" "Challenge Length", "RFC 5246, section E.2";
    V2_SPEC: Hex(6) "tls.handshake.cipherspec" "Cipher Spec", "RFC 5246, section E.2";
    V2_CHALLENGE: Bytes "husk.tls.challenge" "Challenge", "RFC 5246, section E.2";
}
