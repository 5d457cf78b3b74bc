//! What MQTT can say: names as in Wireshark's dictionary where the meaning is the same.

use crate::fields;

fields! { class Metadata, "MQTT 5.0, section 2.1";
    HEADER_FLAGS: Hex(2) "mqtt.hdrflags" "Header Flags";
    TYPE: Number "mqtt.msgtype" "Message Type", names message_type;
    RESERVED: Number "mqtt.hdr_reserved" "Reserved";
    DUPLICATE: Flag "mqtt.dupflag" "DUP Flag", "MQTT 5.0, section 3.3.1";
    QOS: Number "mqtt.qos" "QoS Level", "MQTT 5.0, section 3.3.1";
    RETAIN: Flag "mqtt.retain" "Retain", "MQTT 5.0, section 3.3.1";
    RETAIN_RESERVED: Number "mqtt.retain_reserved" "Reserved", "MQTT 3.1, section 2.1";
    LENGTH: Number "mqtt.len" "Msg Len", "MQTT 5.0, section 2.1.4";
    PROTOCOL_LENGTH: Number "mqtt.proto_len" "Protocol Name Length", "MQTT 5.0, section 3.1.2.1";
    PROTOCOL_NAME: Text "mqtt.protoname" "Protocol Name", "MQTT 5.0, section 3.1.2.1";
    VERSION: Number "mqtt.ver" "Version", "MQTT 5.0, section 3.1.2.2", names version;
    CONNECT_FLAGS: Hex(2) "mqtt.conflags" "Connect Flags", "MQTT 5.0, section 3.1.2.3";
    FLAG_USER: Flag "mqtt.conflag.uname" "User Name Flag", "MQTT 5.0, section 3.1.2.3";
    FLAG_PASSWORD: Flag "mqtt.conflag.passwd" "Password Flag", "MQTT 5.0, section 3.1.2.3";
    FLAG_RETAIN: Flag "mqtt.conflag.retain" "Will Retain", "MQTT 5.0, section 3.1.2.3";
    FLAG_QOS: Number "mqtt.conflag.qos" "QoS Level", "MQTT 5.0, section 3.1.2.3";
    FLAG_WILL: Flag "mqtt.conflag.willflag" "Will Flag", "MQTT 5.0, section 3.1.2.3";
    FLAG_CLEAN: Flag "mqtt.conflag.cleansess" "Clean Session Flag", "MQTT 5.0, section 3.1.2.3";
    FLAG_RESERVED: Flag "mqtt.conflag.reserved" "(Reserved)", "MQTT 5.0, section 3.1.2.3";
    KEEP_ALIVE: Number "mqtt.kalive" "Keep Alive", "MQTT 5.0, section 3.1.2.10";
    CLIENT_LENGTH: Number "mqtt.clientid_len" "Client ID Length", "MQTT 5.0, section 3.1.3.1";
    CLIENT: Text "mqtt.clientid" "Client ID", "MQTT 5.0, section 3.1.3.1";
    WILL_TOPIC_LENGTH: Number "mqtt.willtopic_len" "Will Topic Length", "MQTT 5.0, section 3.1.3.3";
    WILL_TOPIC: Text "mqtt.willtopic" "Will Topic", "MQTT 5.0, section 3.1.3.3";
    WILL_LENGTH: Number "mqtt.willmsg_len" "Will Message Length", "MQTT 5.0, section 3.1.3.4";
    WILL: Bytes "mqtt.willmsg" "Will Message", "MQTT 5.0, section 3.1.3.4";
    USER_LENGTH: Number "mqtt.username_len" "User Name Length", "MQTT 5.0, section 3.1.3.5";
    USER: Text "mqtt.username" "User Name", "MQTT 5.0, section 3.1.3.5";
    PASSWORD_LENGTH: Number "mqtt.passwd_len" "Password Length", "MQTT 5.0, section 3.1.3.6";
    PASSWORD: Text "mqtt.passwd" "Password", "MQTT 5.0, section 3.1.3.6";
    ACKNOWLEDGE_FLAGS: Hex(2) "mqtt.conack.flags" "Acknowledge Flags", "MQTT 5.0, section 3.2.2.1";
    ACKNOWLEDGE_RESERVED: Flag "mqtt.conack.flags.reserved" "Reserved", "MQTT 5.0, section 3.2.2.1";
    SESSION_PRESENT: Flag "mqtt.conack.flags.sp" "Session Present", "MQTT 5.0, section 3.2.2.1";
    RETURN_CODE: Number "mqtt.conack.val" "Return Code", "MQTT 3.1.1, section 3.2.2.3", names return_code;
    MESSAGE_ID: Number "mqtt.msgid" "Message Identifier", "MQTT 5.0, section 2.2.1";
    TOPIC_LENGTH: Number "mqtt.topic_len" "Topic Length", "MQTT 5.0, section 3.3.2.1";
    TOPIC: Text "mqtt.topic" "Topic", "MQTT 5.0, section 3.3.2.1";
    MESSAGE: Bytes "mqtt.msg" "Message", "MQTT 5.0, section 3.3.3", class Content;
    REQUESTED_QOS: Number "mqtt.sub.qos" "Requested QoS", "MQTT 3.1.1, section 3.8.3";
    GRANTED_QOS: Number "mqtt.suback.qos" "Granted QoS", "MQTT 3.1.1, section 3.9.3";
    OPTIONS: Hex(2) "mqtt.subscription_options" "Subscription Options", "MQTT 5.0, section 3.8.3.1";
    OPTIONS_QOS: Number "mqtt.subscription_options_qos" "QoS", "MQTT 5.0, section 3.8.3.1";
    OPTIONS_NO_LOCAL: Flag "mqtt.subscription_options_nl" "No Local", "MQTT 5.0, section 3.8.3.1";
    OPTIONS_AS_PUBLISHED: Flag "mqtt.subscription_options_rap" "Retain As Published", "MQTT 5.0, section 3.8.3.1";
    OPTIONS_RETAIN: Number "mqtt.subscription_options_retain" "Retain Handling", "MQTT 5.0, section 3.8.3.1";
    OPTIONS_RESERVED: Hex(2) "mqtt.subscription_options_reserved" "Reserved", "MQTT 5.0, section 3.8.3.1";
    REASON_CONNECT: Number "mqtt.connack.reason_code" "Reason Code", "MQTT 5.0, section 3.2.2.2";
    REASON_PUBACK: Number "mqtt.puback.reason_code" "Reason Code", "MQTT 5.0, section 3.4.2.1";
    REASON_PUBREC: Number "mqtt.pubrec.reason_code" "Reason Code", "MQTT 5.0, section 3.5.2.1";
    REASON_PUBREL: Number "mqtt.pubrel.reason_code" "Reason Code", "MQTT 5.0, section 3.6.2.1";
    REASON_PUBCOMP: Number "mqtt.pubcomp.reason_code" "Reason Code", "MQTT 5.0, section 3.7.2.1";
    REASON_SUBACK: Number "mqtt.suback.reason_code" "Reason Code", "MQTT 5.0, section 3.9.3";
    REASON_UNSUBACK: Number "mqtt.unsuback.reason_code" "Reason Code", "MQTT 5.0, section 3.11.3";
    REASON_DISCONNECT: Number "mqtt.disconnect.reason_code" "Reason Code", "MQTT 5.0, section 3.14.2.1";
    REASON_AUTH: Number "mqtt.auth.reason_code" "Reason Code", "MQTT 5.0, section 3.15.2.1";
    PROPERTIES: Group "mqtt.properties" "Properties", "MQTT 5.0, section 2.2.2";
    PROPERTIES_LENGTH: Number "mqtt.property_len" "Total Length", "MQTT 5.0, section 2.2.2.1";
    PROPERTY: Hex(2) "mqtt.property_id" "ID", "MQTT 5.0, section 2.2.2.2", names property;
    PROPERTY_NUMBER: Number "mqtt.prop_number" "Value", "MQTT 5.0, section 2.2.2.2";
    PROPERTY_LENGTH: Number "mqtt.prop_string_len" "Length", "MQTT 5.0, section 2.2.2.2";
    PROPERTY_TEXT: Text "mqtt.prop_string" "Value", "MQTT 5.0, section 2.2.2.2";
    KEY_LENGTH: Number "mqtt.prop_key_len" "Key Length", "MQTT 5.0, section 2.2.2.2";
    KEY: Text "mqtt.prop_key" "Key", "MQTT 5.0, section 2.2.2.2";
    VALUE_LENGTH: Number "mqtt.prop_value_len" "Value Length", "MQTT 5.0, section 2.2.2.2";
    VALUE: Text "mqtt.prop_value" "Value", "MQTT 5.0, section 2.2.2.2";
}

/// What a message of this type is called.
pub(super) fn message_type(number: u64) -> Option<&'static str> {
    [
        "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK",
        "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH",
    ]
    .get(usize::try_from(number.checked_sub(1)?).ok()?)
    .copied()
}

fn version(number: u64) -> Option<&'static str> {
    Some(match number {
        3 => "MQTT 3.1",
        4 => "MQTT 3.1.1",
        5 => "MQTT 5.0",
        _ => return None,
    })
}

fn return_code(number: u64) -> Option<&'static str> {
    ["accepted", "unacceptable version", "identifier rejected", "server unavailable", "bad credentials", "not authorized"]
        .get(usize::try_from(number).ok()?)
        .copied()
}

fn property(number: u64) -> Option<&'static str> {
    Some(match number {
        0x01 => "payload format",
        0x02 => "expiry",
        0x03 => "content type",
        0x08 => "response topic",
        0x09 => "correlation data",
        0x0b => "subscription identifier",
        0x11 => "session expiry",
        0x12 => "assigned client identifier",
        0x13 => "keep alive",
        0x15 => "authentication method",
        0x16 => "authentication data",
        0x17 => "request problem information",
        0x18 => "will delay",
        0x19 => "request response information",
        0x1a => "response information",
        0x1c => "server reference",
        0x1f => "reason",
        0x21 => "receive maximum",
        0x22 => "topic alias maximum",
        0x23 => "topic alias",
        0x24 => "maximum QoS",
        0x25 => "retain available",
        0x26 => "user property",
        0x27 => "maximum packet size",
        0x28 => "wildcard subscriptions",
        0x29 => "subscription identifiers",
        0x2a => "shared subscriptions",
        _ => return None,
    })
}
