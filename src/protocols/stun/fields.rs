//! What STUN and TURN can say: names as in Wireshark's dictionary where the meaning is the same.

use crate::fields;

fields! { class Metadata, "RFC 8489, section 5";
    TYPE: Hex(4) "stun.type" "Message Type";
    TYPE_CLASS: Hex(4) "stun.type.class" "Message Class", names class;
    TYPE_METHOD: Hex(4) "stun.type.method" "Message Method", names method;
    TYPE_ASSIGNMENT: Hex(4) "stun.type.method-assignment" "Message Method Assignment";
    LENGTH: Number "stun.length" "Message Length";
    COOKIE: Bytes "stun.cookie" "Message Cookie";
    TRANSACTION: Bytes "stun.id" "Message Transaction ID";
    ONE: Group "husk.stun.attribute" "Attribute", "RFC 8489, section 14";
    ATTRIBUTE: Hex(4) "stun.attribute" "Attribute Type", "RFC 8489, section 14", names attribute;
    ATTRIBUTE_TYPE: Hex(4) "stun.att.type" "Attribute Type", "RFC 8489, section 14", names attribute;
    ATTRIBUTE_COMPREHENSION: Hex(4) "stun.att.type.comprehension" "Attribute Type Comprehension", "RFC 8489, section 14";
    ATTRIBUTE_ASSIGNMENT: Hex(4) "stun.att.type.assignment" "Attribute Type Assignment", "RFC 8489, section 14";
    ATTRIBUTE_LENGTH: Number "stun.att.length" "Attribute Length", "RFC 8489, section 14";
    VALUE: Bytes "stun.value" "Value", "RFC 8489, section 14";
    PADDING: Number "stun.att.padding" "Padding", "RFC 8489, section 14";
    RESERVED: Bytes "stun.att.reserved" "Reserved", "RFC 8489, section 14.1";
    FAMILY: Hex(2) "stun.att.family" "Protocol Family", "RFC 8489, section 14.1", names family;
    PORT: Number "stun.att.port" "Port", "RFC 8489, section 14.1";
    PORT_MIXED: Bytes "stun.att.port-xord" "Port (XOR-d)", "RFC 8489, section 14.2";
    IPV4: Ipv4 "stun.att.ipv4" "IP", "RFC 8489, section 14.1";
    IPV4_MIXED: Bytes "stun.att.ipv4-xord" "IP (XOR-d)", "RFC 8489, section 14.2";
    IPV6: Ipv6 "stun.att.ipv6" "IP", "RFC 8489, section 14.1";
    IPV6_MIXED: Bytes "stun.att.ipv6-xord" "IP (XOR-d)", "RFC 8489, section 14.2";
    USERNAME: Text "stun.att.username" "Username", "RFC 8489, section 14.3";
    INTEGRITY: Bytes "stun.att.hmac" "HMAC-SHA1", "RFC 8489, section 14.5";
    FINGERPRINT: Hex(8) "stun.att.crc32" "CRC-32", "RFC 8489, section 14.7";
    ERROR_CLASS: Number "stun.att.error.class" "Error Class", "RFC 8489, section 14.8";
    ERROR_CODE: Number "stun.att.error" "Error Code", "RFC 8489, section 14.8";
    ERROR_REASON: Text "stun.att.error.reason" "Error Reason Phrase", "RFC 8489, section 14.8";
    REALM: Text "stun.att.realm" "Realm", "RFC 8489, section 14.9";
    NONCE: Text "stun.att.nonce" "Nonce", "RFC 8489, section 14.10";
    UNKNOWN_ATTRIBUTE: Hex(4) "stun.att.unknown" "Unknown Attribute", "RFC 8489, section 14.13", names attribute;
    SOFTWARE: Text "stun.att.software" "Software", "RFC 8489, section 14.14";
    PRIORITY: Number "stun.att.priority" "Priority", "RFC 8445, section 16.1";
    TIE_BREAKER: Bytes "stun.att.tie-breaker" "Tie breaker", "RFC 8445, section 16.1";
    CHANGE_IP: Flag "stun.att.change-ip" "Change IP", "RFC 5780, section 7.2";
    CHANGE_PORT: Flag "stun.att.change-port" "Change Port", "RFC 5780, section 7.2";
    LIFETIME: Number "stun.att.lifetime" "Lifetime", "RFC 8656, section 18.2";
    TRANSPORT: Hex(2) "stun.att.transp" "Transport", "RFC 8656, section 18.8";
    CHANNEL_NUMBER: Hex(4) "stun.att.channelnum" "Channel-Number", "RFC 8656, section 18.1";
    CHANNEL: Hex(4) "stun.channel" "Channel Number", "RFC 8656, section 12.4";
    CHANNEL_LENGTH: Number "husk.stun.channel.length" "Length", "RFC 8656, section 12.4";
    CHANNEL_DATA: Bytes "husk.stun.channel.data" "Application Data", "RFC 8656, section 12.4";
}

fn class(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "request",
        1 => "indication",
        0x10 => "success response",
        0x11 => "error response",
        _ => return None,
    })
}

fn method(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "binding",
        3 => "allocate",
        4 => "refresh",
        6 => "send",
        7 => "data",
        8 => "create permission",
        9 => "channel bind",
        _ => return None,
    })
}

/// What a message of this type is called.
pub(super) fn message_name(kind: u16) -> &'static str {
    match (kind & 0x3eef, kind & 0x0110) {
        (1, 0) => "binding request",
        (1, 0x10) => "binding indication",
        (1, 0x100) => "binding response",
        (1, _) => "binding error",
        (3, 0) => "allocate request",
        (3, 0x100) => "allocate response",
        (3, _) => "allocate error",
        (4, 0) => "refresh request",
        (4, 0x100) => "refresh response",
        (4, _) => "refresh error",
        (6, _) => "send indication",
        (7, _) => "data indication",
        (8, 0) => "create permission request",
        (8, 0x100) => "create permission response",
        (8, _) => "create permission error",
        (9, 0) => "channel bind request",
        (9, 0x100) => "channel bind response",
        (9, _) => "channel bind error",
        _ => "unknown method",
    }
}

fn attribute(number: u64) -> Option<&'static str> {
    Some(match number {
        0x0001 => "MAPPED-ADDRESS",
        0x0003 => "CHANGE-REQUEST",
        0x0006 => "USERNAME",
        0x0008 => "MESSAGE-INTEGRITY",
        0x0009 => "ERROR-CODE",
        0x000a => "UNKNOWN-ATTRIBUTES",
        0x000c => "CHANNEL-NUMBER",
        0x000d => "LIFETIME",
        0x0012 => "XOR-PEER-ADDRESS",
        0x0013 => "DATA",
        0x0014 => "REALM",
        0x0015 => "NONCE",
        0x0016 => "XOR-RELAYED-ADDRESS",
        0x0019 => "REQUESTED-TRANSPORT",
        0x001c => "MESSAGE-INTEGRITY-SHA256",
        0x001e => "USERHASH",
        0x0020 => "XOR-MAPPED-ADDRESS",
        0x0024 => "PRIORITY",
        0x0025 => "USE-CANDIDATE",
        0x8022 => "SOFTWARE",
        0x8023 => "ALTERNATE-SERVER",
        0x8028 => "FINGERPRINT",
        0x8029 => "ICE-CONTROLLED",
        0x802a => "ICE-CONTROLLING",
        0x802b => "RESPONSE-ORIGIN",
        0x802c => "OTHER-ADDRESS",
        _ => return None,
    })
}

fn family(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "IPv4",
        2 => "IPv6",
        _ => return None,
    })
}
