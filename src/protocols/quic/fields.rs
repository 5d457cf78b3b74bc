//! Every field of QUIC. Names are Wireshark's where the meaning is the same.

use super::header;
use crate::fields;

fields! { class Transport, "RFC 9000, section 17";
    PACKET_LENGTH: Number "quic.packet_length" "Packet Length", "RFC 9000, section 12.2";
    HEADER_FORM: Number "quic.header_form" "Header Form", "RFC 8999, section 5", names header::form_name;
    FIXED_BIT: Flag "quic.fixed_bit" "Fixed Bit", "RFC 9000, section 17.2";
    SPIN_BIT: Flag "quic.spin_bit" "Spin Bit", "RFC 9000, section 17.4";
    LONG_TYPE: Number "quic.long.packet_type" "Packet Type", "RFC 9000, section 17.2", names header::type_name;
    LONG_TYPE_2: Number "quic.long.packet_type_v2" "Packet Type", "RFC 9369, section 3.2", names header::type_name_2;
    RESERVED: Number "quic.long.reserved" "Reserved", "RFC 9000, section 17.2";
    NUMBER_LENGTH: Number "quic.packet_number_length" "Packet Number Length", "RFC 9000, section 17.2";
    UNUSED: Hex(2) "quic.vn.unused" "Unused", "RFC 9000, section 17.2.1";
    VERSION: Hex(8) "quic.version" "Version", "RFC 8999, section 5.1", names header::version_name;
    SUPPORTED_VERSION: Hex(8) "quic.supported_version" "Supported Version", "RFC 8999, section 6", names header::version_name;
    DCID_LENGTH: Number "quic.dcil" "Destination Connection ID Length", "RFC 8999, section 5.1";
    DCID: Bytes "quic.dcid" "Destination Connection ID", "RFC 8999, section 5.1";
    LATER_DCID: Bytes "husk.quic.dcid" "Destination Connection ID (by length)", "RFC 9000, section 17.3";
    GOOGLE_VERSION: Hex(8) "husk.quic.google_version" "Version of Google QUIC", "quiche", names header::version_name;
    SCID_LENGTH: Number "quic.scil" "Source Connection ID Length", "RFC 8999, section 5.1";
    SCID: Bytes "quic.scid" "Source Connection ID", "RFC 8999, section 5.1";
    TOKEN_LENGTH: Number "quic.token_length" "Token Length", "RFC 9000, section 17.2.2";
    TOKEN: Bytes "quic.token" "Token", "RFC 9000, section 17.2.2";
    LENGTH: Number "quic.length" "Length", "RFC 9000, section 17.2";
    PACKET_NUMBER: Number "quic.packet_number" "Packet Number", "RFC 9000, section 17.1", class Veiled;
    PAYLOAD: Bytes "quic.payload" "Payload", "RFC 9000, section 12.4", class Veiled;
    REMAINING_PAYLOAD: Bytes "quic.remaining_payload" "Remaining Payload", "RFC 9000, section 12.1", class Sealed;
    CIPHERTEXT: Bytes "husk.quic.ciphertext" "Ciphertext", "RFC 9001, section 5.3", class Sealed;
    TAG: Bytes "husk.quic.tag" "Authentication tag", "RFC 9001, section 5.3", class Tag;
    RETRY_TOKEN: Bytes "quic.retry_token" "Retry Token", "RFC 9000, section 17.2.5";
    RETRY_TAG: Bytes "quic.retry_integrity_tag" "Retry Integrity Tag", "RFC 9001, section 5.8";
    FILLER: Bytes "husk.quic.filler" "Filler behind the last packet", "RFC 9000, section 14.1", class Padding;

    // Frames of Initial packets.
    FRAME: Group "quic.frame" "Frame", "RFC 9000, section 12.4", class Veiled;
    FRAME_TYPE: Number "quic.frame_type" "Frame Type", "RFC 9000, section 12.4", class Veiled, names super::frames::name;
    PADDING_LENGTH: Number "quic.padding_length" "Padding Length", "RFC 9000, section 19.1", class Padding;
    ACK_LARGEST: Number "quic.ack.largest_acknowledged" "Largest Acknowledged", "RFC 9000, section 19.3", class Veiled;
    ACK_DELAY: Number "quic.ack.ack_delay" "ACK Delay", "RFC 9000, section 19.3", class Veiled;
    ACK_RANGES: Number "quic.ack.ack_range_count" "ACK Range Count", "RFC 9000, section 19.3", class Veiled;
    ACK_FIRST: Number "quic.ack.first_ack_range" "First ACK Range", "RFC 9000, section 19.3", class Veiled;
    ACK_GAP: Number "quic.ack.gap" "Gap", "RFC 9000, section 19.3.1", class Veiled;
    ACK_RANGE: Number "quic.ack.ack_range" "ACK Range", "RFC 9000, section 19.3.1", class Veiled;
    ACK_ECT0: Number "quic.ack.ect0_count" "ECT(0) Count", "RFC 9000, section 19.3.2", class Veiled;
    ACK_ECT1: Number "quic.ack.ect1_count" "ECT(1) Count", "RFC 9000, section 19.3.2", class Veiled;
    ACK_CE: Number "quic.ack.ecn_ce_count" "ECN-CE Count", "RFC 9000, section 19.3.2", class Veiled;
    CRYPTO_OFFSET: Number "quic.crypto.offset" "Offset", "RFC 9000, section 19.6", class Veiled;
    CRYPTO_LENGTH: Number "quic.crypto.length" "Length", "RFC 9000, section 19.6", class Veiled;
    CRYPTO_DATA: Bytes "husk.quic.crypto_data" "Crypto Data", "RFC 9000, section 19.6", class Veiled;
    CLOSE_ERROR: Number "quic.cc.error_code" "Error code", "RFC 9000, section 19.19", class Veiled;
    CLOSE_FRAME: Number "quic.cc.frame_type" "Frame Type", "RFC 9000, section 19.19", class Veiled;
    CLOSE_REASON_LENGTH: Number "quic.cc.reason_phrase.length" "Reason phrase Length", "RFC 9000, section 19.19", class Veiled;
    CLOSE_REASON: Text "quic.cc.reason_phrase" "Reason phrase", "RFC 9000, section 19.19", class Veiled;
}
