//! The fields of HTTP/2, and which of them a header field is.

use super::names;

crate::fields! { class Metadata, "RFC 9113, section 4.1";
    MAGIC: Text "http2.magic" "Connection preface", "RFC 9113, section 3.4";
    LENGTH: Number "http2.length" "Length";
    TYPE: Number "http2.type" "Type", names names::frame_type;
    FLAGS: Hex(2) "http2.flags" "Flags";
    FLAGS_END_STREAM: Flag "http2.flags.end_stream" "End stream", "RFC 9113, section 6.2";
    FLAGS_END_HEADERS: Flag "http2.flags.eh" "End headers", "RFC 9113, section 6.2";
    FLAGS_PADDED: Flag "http2.flags.padded" "Padded", "RFC 9113, section 6.1";
    FLAGS_PRIORITY: Flag "http2.flags.priority" "Priority", "RFC 9113, section 6.2";
    FLAGS_ACK_SETTINGS: Flag "http2.flags.ack.settings" "Acknowledgement", "RFC 9113, section 6.5";
    FLAGS_ACK_PING: Flag "http2.flags.ack.ping" "Acknowledgement", "RFC 9113, section 6.7";
    FLAGS_UNUSED: Hex(2) "http2.flags.unused" "Unused flags";
    FLAGS_UNUSED_DATA: Hex(2) "http2.flags.unused_data" "Unused flags";
    FLAGS_UNUSED_HEADERS: Hex(2) "http2.flags.unused_headers" "Unused flags";
    FLAGS_UNUSED_SETTINGS: Hex(2) "http2.flags.unused_settings" "Unused flags";
    FLAGS_UNUSED_PUSH_PROMISE: Hex(2) "http2.flags.unused_push_promise" "Unused flags";
    FLAGS_UNUSED_PING: Hex(2) "http2.flags.unused_ping" "Unused flags";
    FLAGS_UNUSED_CONTINUATION: Hex(2) "http2.flags.unused_continuation" "Unused flags";
    RESERVED: Hex(8) "http2.r" "Reserved";
    STREAM_ID: Number "http2.streamid" "Stream identifier", "RFC 9113, section 5.1.1";
    UNKNOWN: Bytes "http2.unknown" "Payload of an unknown frame", "RFC 9113, section 5.5";

    PADDING: Hex(2) "http2.padding" "Pad length as sent", "RFC 9113, section 6.1";
    PAD_LENGTH: Number "http2.pad_length" "Pad length", "RFC 9113, section 6.1";
    DATA: Bytes "husk.http2.data" "Data", "RFC 9113, section 6.1", class Content;
    DATA_PADDING: Bytes "http2.data.padding" "Padding", "RFC 9113, section 6.1", class Padding;
    EXCLUSIVE: Flag "http2.exclusive" "Exclusive", "RFC 9113, section 6.3";
    STREAM_DEPENDENCY: Number "http2.stream_dependency" "Stream dependency", "RFC 9113, section 6.3";
    WEIGHT: Number "http2.headers.weight" "Weight as sent", "RFC 9113, section 6.3";
    WEIGHT_REAL: Number "http2.headers.weight_real" "Weight", "RFC 7540, section 5.3.2";
    HEADERS: Bytes "http2.headers" "Field block fragment", "RFC 9113, section 4.3";
    HEADERS_PADDING: Bytes "http2.headers.padding" "Padding", "RFC 9113, section 6.2", class Padding;
    CONTINUATION: Bytes "husk.http2.continuation.fragment" "Field block fragment", "RFC 9113, section 6.10";
    PROMISE_RESERVED: Hex(8) "http2.push_promise.r" "Reserved", "RFC 9113, section 6.6";
    PROMISED_STREAM_ID: Number "http2.push_promise.promised_stream_id" "Promised stream", "RFC 9113, section 6.6";
    PROMISE_HEADER: Bytes "http2.push_promise.header" "Field block fragment", "RFC 9113, section 6.6";
    PROMISE_PADDING: Bytes "http2.push_promise.padding" "Padding", "RFC 9113, section 6.6", class Padding;
    RST_STREAM_ERROR: Number "http2.rst_stream.error" "Error", "RFC 9113, section 6.4", names names::error;
    PING: Bytes "http2.ping" "Ping", "RFC 9113, section 6.7";
    PONG: Bytes "http2.pong" "Pong", "RFC 9113, section 6.7";
    GOAWAY_RESERVED: Hex(8) "http2.goway.r" "Reserved", "RFC 9113, section 6.8";
    GOAWAY_LAST_STREAM_ID: Number "http2.goaway.last_stream_id" "Last stream", "RFC 9113, section 6.8";
    GOAWAY_ERROR: Number "http2.goaway.error" "Error", "RFC 9113, section 6.8", names names::error;
    GOAWAY_DEBUG: Bytes "http2.goaway.addata" "Additional debug data", "RFC 9113, section 6.8";
    WINDOW_RESERVED: Hex(8) "http2.window_update.r" "Reserved", "RFC 9113, section 6.9";
    WINDOW_INCREMENT: Number "http2.window_update.window_size_increment" "Window size increment", "RFC 9113, section 6.9";
    ALTSVC_ORIGIN_LENGTH: Number "http2.altsvc.origin.len" "Origin length", "RFC 7838, section 4";
    ALTSVC_ORIGIN: Text "http2.altsvc.origin" "Origin", "RFC 7838, section 4";
    ALTSVC_VALUE: Text "http2.altsvc.field_value" "Alternative services", "RFC 7838, section 3";
    ORIGIN: Group "http2.origin" "Origin entry", "RFC 8336, section 2.1";
    ORIGIN_LENGTH: Number "http2.origin.origin_len" "Origin length", "RFC 8336, section 2.1";
    ORIGIN_ORIGIN: Text "http2.origin.origin" "Origin", "RFC 8336, section 2.1";
    PRIORITY_UPDATE_STREAM: Number "http2.priority_update_stream_id" "Prioritized stream", "RFC 9218, section 7.1";
    PRIORITY_UPDATE_VALUE: Text "http2.priority_update_field_value" "Priority", "RFC 9218, section 7.1";

    SETTINGS: Group "http2.settings" "Setting", "RFC 9113, section 6.5.1";
    SETTINGS_ID: Number "http2.settings.id" "Identifier", "RFC 9113, section 6.5.1", names names::setting;
    SETTINGS_HEADER_TABLE_SIZE: Number "http2.settings.header_table_size" "Header table size", "RFC 9113, section 6.5.2";
    SETTINGS_ENABLE_PUSH: Number "http2.settings.enable_push" "Enable push", "RFC 9113, section 6.5.2";
    SETTINGS_MAX_STREAMS: Number "http2.settings.max_concurrent_streams" "Max concurrent streams", "RFC 9113, section 6.5.2";
    SETTINGS_WINDOW: Number "http2.settings.initial_window_size" "Initial window size", "RFC 9113, section 6.5.2";
    SETTINGS_MAX_FRAME: Number "http2.settings.max_frame_size" "Max frame size", "RFC 9113, section 6.5.2";
    SETTINGS_MAX_HEADERS: Number "http2.settings.max_header_list_size" "Max header list size", "RFC 9113, section 6.5.2";
    SETTINGS_CONNECT: Number "http2.settings.extended_connect" "Extended CONNECT", "RFC 8441, section 3";
    SETTINGS_UNKNOWN: Number "http2.settings.unknown" "Value";

    HEADER_LENGTH: Number "http2.header.length" "Length of the fields, decoded";
    HEADER_COUNT: Number "http2.header.count" "Number of instructions";
    HEADER: Group "http2.header" "Field", "RFC 7541, section 6";
    HEADER_NAME_LENGTH: Number "http2.header.name.length" "Name length", "RFC 7541, section 5.2";
    HEADER_NAME: Text "http2.header.name" "Name", "RFC 9113, section 8.2";
    HEADER_VALUE_LENGTH: Number "http2.header.value.length" "Value length", "RFC 7541, section 5.2";
    HEADER_VALUE: Text "http2.header.value" "Value", "RFC 9113, section 8.2";
    HEADER_REPRESENTATION: Text "http2.header.repr" "Representation", "RFC 7541, section 6";
    HEADER_INDEX: Number "http2.header.index" "Index", "RFC 7541, section 2.3.3";
    TABLE_SIZE_UPDATE: Group "http2.header_table_size_update" "Dynamic table size update", "RFC 7541, section 6.3";
    TABLE_SIZE: Number "http2.header_table_size_update.header_table_size" "Dynamic table size", "RFC 7541, section 6.3";
    REQUEST_IN: Number "husk.http2.request_in" "Request in packet";
    TIME: Duration "husk.http2.time" "Time since the request";
    FULL_URI: Text "http2.request.full_uri" "Full request URI", "RFC 9113, section 8.3.1";

    HEADERS_AUTHORITY: Text "http2.headers.authority" ":authority", "RFC 9113, section 8.3";
    HEADERS_METHOD: Text "http2.headers.method" ":method", "RFC 9113, section 8.3";
    HEADERS_PATH: Text "http2.headers.path" ":path", "RFC 9113, section 8.3";
    HEADERS_SCHEME: Text "http2.headers.scheme" ":scheme", "RFC 9113, section 8.3";
    HEADERS_STATUS: Number "http2.headers.status" ":status", "RFC 9113, section 8.3";
    HEADERS_ACCEPT: Text "http2.headers.accept" "accept", "RFC 9110, section 18.4";
    HEADERS_ACCEPT_CHARSET: Text "http2.headers.accept_charset" "accept-charset", "RFC 9110, section 18.4";
    HEADERS_ACCEPT_ENCODING: Text "http2.headers.accept_encoding" "accept-encoding", "RFC 9110, section 18.4";
    HEADERS_ACCEPT_LANGUAGE: Text "http2.headers.accept_language" "accept-language", "RFC 9110, section 18.4";
    HEADERS_ACCEPT_RANGES: Text "http2.headers.accept_ranges" "accept-ranges", "RFC 9110, section 18.4";
    HEADERS_ACCESS_CONTROL_ALLOW_ORIGIN: Text "http2.headers.access_control_allow_origin" "access-control-allow-origin", "RFC 9110, section 18.4";
    HEADERS_AGE: Number "http2.headers.age" "age", "RFC 9110, section 18.4";
    HEADERS_ALLOW: Text "http2.headers.allow" "allow", "RFC 9110, section 18.4";
    HEADERS_AUTHORIZATION: Text "http2.headers.authorization" "authorization", "RFC 9110, section 18.4";
    HEADERS_CACHE_CONTROL: Text "http2.headers.cache_control" "cache-control", "RFC 9110, section 18.4";
    HEADERS_CONTENT_DISPOSITION: Text "http2.headers.content_disposition" "content-disposition", "RFC 9110, section 18.4";
    HEADERS_CONTENT_ENCODING: Text "http2.headers.content_encoding" "content-encoding", "RFC 9110, section 18.4";
    HEADERS_CONTENT_LANGUAGE: Text "http2.headers.content_language" "content-language", "RFC 9110, section 18.4";
    HEADERS_CONTENT_LENGTH: Number "http2.headers.content_length" "content-length", "RFC 9110, section 18.4";
    HEADERS_CONTENT_LOCATION: Text "http2.headers.content_location" "content-location", "RFC 9110, section 18.4";
    HEADERS_CONTENT_RANGE: Text "http2.headers.content_range" "content-range", "RFC 9110, section 18.4";
    HEADERS_CONTENT_TYPE: Text "http2.headers.content_type" "content-type", "RFC 9110, section 18.4";
    HEADERS_COOKIE: Text "http2.headers.cookie" "cookie", "RFC 9110, section 18.4";
    HEADERS_DATE: Text "http2.headers.date" "date", "RFC 9110, section 18.4";
    HEADERS_ETAG: Text "http2.headers.etag" "etag", "RFC 9110, section 18.4";
    HEADERS_EXPECT: Text "http2.headers.expect" "expect", "RFC 9110, section 18.4";
    HEADERS_EXPIRES: Text "http2.headers.expires" "expires", "RFC 9110, section 18.4";
    HEADERS_FROM: Text "http2.headers.from" "from", "RFC 9110, section 18.4";
    HEADERS_IF_MATCH: Text "http2.headers.if_match" "if-match", "RFC 9110, section 18.4";
    HEADERS_IF_MODIFIED_SINCE: Text "http2.headers.if_modified_since" "if-modified-since", "RFC 9110, section 18.4";
    HEADERS_IF_NONE_MATCH: Text "http2.headers.if_none_match" "if-none-match", "RFC 9110, section 18.4";
    HEADERS_IF_RANGE: Text "http2.headers.if_range" "if-range", "RFC 9110, section 18.4";
    HEADERS_IF_UNMODIFIED_SINCE: Text "http2.headers.if_unmodified_since" "if-unmodified-since", "RFC 9110, section 18.4";
    HEADERS_LAST_MODIFIED: Text "http2.headers.last_modified" "last-modified", "RFC 9110, section 18.4";
    HEADERS_LINK: Text "http2.headers.link" "link", "RFC 9110, section 18.4";
    HEADERS_LOCATION: Text "http2.headers.location" "location", "RFC 9110, section 18.4";
    HEADERS_MAX_FORWARDS: Number "http2.headers.max_forwards" "max-forwards", "RFC 9110, section 18.4";
    HEADERS_PROXY_AUTHENTICATE: Text "http2.headers.proxy_authenticate" "proxy-authenticate", "RFC 9110, section 18.4";
    HEADERS_PROXY_AUTHORIZATION: Text "http2.headers.proxy_authorization" "proxy-authorization", "RFC 9110, section 18.4";
    HEADERS_RANGE: Text "http2.headers.range" "range", "RFC 9110, section 18.4";
    HEADERS_REFERER: Text "http2.headers.referer" "referer", "RFC 9110, section 18.4";
    HEADERS_REFRESH: Text "http2.headers.refresh" "refresh", "RFC 9110, section 18.4";
    HEADERS_RETRY_AFTER: Text "http2.headers.retry_after" "retry-after", "RFC 9110, section 18.4";
    HEADERS_SERVER: Text "http2.headers.server" "server", "RFC 9110, section 18.4";
    HEADERS_SET_COOKIE: Text "http2.headers.set_cookie" "set-cookie", "RFC 9110, section 18.4";
    HEADERS_STRICT_TRANSPORT_SECURITY: Text "http2.headers.strict_transport_security" "strict-transport-security", "RFC 9110, section 18.4";
    HEADERS_USER_AGENT: Text "http2.headers.user_agent" "user-agent", "RFC 9110, section 18.4";
    HEADERS_VARY: Text "http2.headers.vary" "vary", "RFC 9110, section 18.4";
    HEADERS_VIA: Text "http2.headers.via" "via", "RFC 9110, section 18.4";
    HEADERS_WWW_AUTHENTICATE: Text "http2.headers.www_authenticate" "www-authenticate", "RFC 9110, section 18.4";
}

/// The header fields that have a field of their own.
static HEADER_FIELDS: &[(&[u8], &crate::bytes::Field)] = &[
    (b":authority", &HEADERS_AUTHORITY),
    (b":method", &HEADERS_METHOD),
    (b":path", &HEADERS_PATH),
    (b":scheme", &HEADERS_SCHEME),
    (b":status", &HEADERS_STATUS),
    (b"accept", &HEADERS_ACCEPT),
    (b"accept-charset", &HEADERS_ACCEPT_CHARSET),
    (b"accept-encoding", &HEADERS_ACCEPT_ENCODING),
    (b"accept-language", &HEADERS_ACCEPT_LANGUAGE),
    (b"accept-ranges", &HEADERS_ACCEPT_RANGES),
    (b"access-control-allow-origin", &HEADERS_ACCESS_CONTROL_ALLOW_ORIGIN),
    (b"age", &HEADERS_AGE),
    (b"allow", &HEADERS_ALLOW),
    (b"authorization", &HEADERS_AUTHORIZATION),
    (b"cache-control", &HEADERS_CACHE_CONTROL),
    (b"content-disposition", &HEADERS_CONTENT_DISPOSITION),
    (b"content-encoding", &HEADERS_CONTENT_ENCODING),
    (b"content-language", &HEADERS_CONTENT_LANGUAGE),
    (b"content-length", &HEADERS_CONTENT_LENGTH),
    (b"content-location", &HEADERS_CONTENT_LOCATION),
    (b"content-range", &HEADERS_CONTENT_RANGE),
    (b"content-type", &HEADERS_CONTENT_TYPE),
    (b"cookie", &HEADERS_COOKIE),
    (b"date", &HEADERS_DATE),
    (b"etag", &HEADERS_ETAG),
    (b"expect", &HEADERS_EXPECT),
    (b"expires", &HEADERS_EXPIRES),
    (b"from", &HEADERS_FROM),
    (b"if-match", &HEADERS_IF_MATCH),
    (b"if-modified-since", &HEADERS_IF_MODIFIED_SINCE),
    (b"if-none-match", &HEADERS_IF_NONE_MATCH),
    (b"if-range", &HEADERS_IF_RANGE),
    (b"if-unmodified-since", &HEADERS_IF_UNMODIFIED_SINCE),
    (b"last-modified", &HEADERS_LAST_MODIFIED),
    (b"link", &HEADERS_LINK),
    (b"location", &HEADERS_LOCATION),
    (b"max-forwards", &HEADERS_MAX_FORWARDS),
    (b"proxy-authenticate", &HEADERS_PROXY_AUTHENTICATE),
    (b"proxy-authorization", &HEADERS_PROXY_AUTHORIZATION),
    (b"range", &HEADERS_RANGE),
    (b"referer", &HEADERS_REFERER),
    (b"refresh", &HEADERS_REFRESH),
    (b"retry-after", &HEADERS_RETRY_AFTER),
    (b"server", &HEADERS_SERVER),
    (b"set-cookie", &HEADERS_SET_COOKIE),
    (b"strict-transport-security", &HEADERS_STRICT_TRANSPORT_SECURITY),
    (b"user-agent", &HEADERS_USER_AGENT),
    (b"vary", &HEADERS_VARY),
    (b"via", &HEADERS_VIA),
    (b"www-authenticate", &HEADERS_WWW_AUTHENTICATE),
];

/// The field of a header field's name (they are sent in lower case: RFC 9113, section 8.2).
pub(super) fn of_header(name: &[u8]) -> Option<&'static crate::bytes::Field> {
    HEADER_FIELDS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field)
}
