//! The fields of HTTP/1, and which of them a header field is.

crate::fields! { class Metadata, "RFC 9112";
    CHAT: Group "husk.http.start_line" "Start line", "RFC 9112, section 2.1";
    REQUEST: Flag "http.request" "Request", "RFC 9112, section 3";
    RESPONSE: Flag "http.response" "Response", "RFC 9112, section 4";
    NOTIFICATION: Flag "http.notification" "Notification", "draft-cohen-gena-client-01";
    REQUEST_IN: Number "http.request_in" "Request in frame";
    TIME: Duration "http.time" "Time since request";
    REQUEST_NUMBER: Number "http.request_number" "Request number";
    RESPONSE_NUMBER: Number "http.response_number" "Response number";
    REQUEST_METHOD: Text "http.request.method" "Request method", "RFC 9112, section 3.1";
    REQUEST_URI: Text "http.request.uri" "Request URI", "RFC 9112, section 3.2";
    REQUEST_URI_PATH: Text "http.request.uri.path" "Request URI path", "RFC 3986, section 3.3";
    REQUEST_URI_QUERY: Text "http.request.uri.query" "Request URI query", "RFC 3986, section 3.4";
    REQUEST_URI_QUERY_PARAMETER: Text "http.request.uri.query.parameter" "Request URI query parameter", "RFC 3986, section 3.4";
    REQUEST_FULL_URI: Text "http.request.full_uri" "Full request URI", "RFC 9110, section 7.1";
    REQUEST_VERSION: Text "http.request.version" "Request version", "RFC 9112, section 2.3";
    REQUEST_LINE: Text "http.request.line" "Request line", "RFC 9112, section 5";
    RESPONSE_VERSION: Text "http.response.version" "Response version", "RFC 9112, section 2.3";
    RESPONSE_CODE: Number "http.response.code" "Status code", "RFC 9110, section 15";
    RESPONSE_CODE_DESC: Text "http.response.code.desc" "Status code description", "RFC 9110, section 15";
    RESPONSE_PHRASE: Text "http.response.phrase" "Reason phrase", "RFC 9112, section 4";
    RESPONSE_LINE: Text "http.response.line" "Response line", "RFC 9112, section 5";
    UNKNOWN_HEADER: Text "http.unknown_header" "Unknown header", "RFC 9112, section 5";

    HOST: Text "http.host" "Host", "RFC 9110, section 7.2";
    USER_AGENT: Text "http.user_agent" "User-Agent", "RFC 9110, section 10.1.5";
    REFERER: Text "http.referer" "Referer", "RFC 9110, section 10.1.3";
    COOKIE: Text "http.cookie" "Cookie", "RFC 6265, section 4.2";
    COOKIE_PAIR: Text "http.cookie_pair" "Cookie pair", "RFC 6265, section 4.2";
    SET_COOKIE: Text "http.set_cookie" "Set-Cookie", "RFC 6265, section 4.1";
    AUTHORIZATION: Text "http.authorization" "Authorization", "RFC 9110, section 11.6.2";
    PROXY_AUTHORIZATION: Text "http.proxy_authorization" "Proxy-Authorization", "RFC 9110, section 11.7.2";
    AUTH_BASIC: Text "http.authbasic" "Credentials", "RFC 7617, section 2";
    WWW_AUTHENTICATE: Text "http.www_authenticate" "WWW-Authenticate", "RFC 9110, section 11.6.1";
    PROXY_AUTHENTICATE: Text "http.proxy_authenticate" "Proxy-Authenticate", "RFC 9110, section 11.7.1";
    ACCEPT: Text "http.accept" "Accept", "RFC 9110, section 12.5.1";
    ACCEPT_LANGUAGE: Text "http.accept_language" "Accept-Language", "RFC 9110, section 12.5.4";
    ACCEPT_ENCODING: Text "http.accept_encoding" "Accept-Encoding", "RFC 9110, section 12.5.3";
    X_FORWARDED_FOR: Text "http.x_forwarded_for" "X-Forwarded-For", "RFC 7239, section 7.4";
    HTTP2_SETTINGS: Text "http.http2_settings" "HTTP2-Settings", "RFC 7540, section 3.2.1";
    CONNECTION: Text "http.connection" "Connection", "RFC 9110, section 7.6.1";
    UPGRADE: Text "http.upgrade" "Upgrade", "RFC 9110, section 7.8";
    DATE: Text "http.date" "Date", "RFC 9110, section 6.6.1";
    LAST_MODIFIED: Text "http.last_modified" "Last-Modified", "RFC 9110, section 8.8.2";
    CACHE_CONTROL: Text "http.cache_control" "Cache-Control", "RFC 9111, section 5.2";
    SERVER: Text "http.server" "Server", "RFC 9110, section 10.2.4";
    LOCATION: Text "http.location" "Location", "RFC 9110, section 10.2.2";
    CONTENT_TYPE: Text "http.content_type" "Content-Type", "RFC 9110, section 8.3";
    CONTENT_LENGTH_HEADER: Text "http.content_length_header" "Content-Length", "RFC 9110, section 8.6";
    CONTENT_LENGTH: Number "http.content_length" "Content length", "RFC 9110, section 8.6";
    CONTENT_ENCODING: Text "http.content_encoding" "Content-Encoding", "RFC 9110, section 8.4";
    TRANSFER_ENCODING: Text "http.transfer_encoding" "Transfer-Encoding", "RFC 9112, section 6.1";
    SEC_WEBSOCKET_KEY: Text "http.sec_websocket_key" "Sec-WebSocket-Key", "RFC 6455, section 11.3.1";
    SEC_WEBSOCKET_EXTENSIONS: Text "http.sec_websocket_extensions" "Sec-WebSocket-Extensions", "RFC 6455, section 11.3.2";
    SEC_WEBSOCKET_ACCEPT: Text "http.sec_websocket_accept" "Sec-WebSocket-Accept", "RFC 6455, section 11.3.3";
    SEC_WEBSOCKET_PROTOCOL: Text "http.sec_websocket_protocol" "Sec-WebSocket-Protocol", "RFC 6455, section 11.3.4";
    SEC_WEBSOCKET_VERSION: Text "http.sec_websocket_version" "Sec-WebSocket-Version", "RFC 6455, section 11.3.5";

    CHUNK: Group "husk.http.chunk" "Chunk", "RFC 9112, section 7.1";
    CHUNK_SIZE: Number "http.chunk_size" "Chunk size", "RFC 9112, section 7.1";
    CHUNK_BOUNDARY: Bytes "http.chunk_boundary" "Chunk boundary", "RFC 9112, section 7.1";
    CHUNKED_TRAILER_PART: Text "http.chunked_trailer_part" "Trailer part", "RFC 9112, section 7.1.2";
    BODY: Group "husk.http.body" "Body", "RFC 9112, section 6";
    BODY_BYTES: Bytes "husk.http.body.bytes" "Body", "RFC 9112, section 6", class Content;
    BODY_DECODED: Text "husk.http.body.decoded" "Decoded body", "RFC 9110, section 8.4";
    BODY_LENGTH: Number "husk.http.body.length" "Length as sent", "RFC 9112, section 6";
    BODY_DECODED_LENGTH: Number "husk.http.body.decoded_length" "Length decoded", "RFC 9110, section 8.4";
    BODY_CODING: Text "husk.http.body.coding" "Content coding", "RFC 9110, section 8.4.1";
}

/// The header fields that have a field of their own, by lower-case name.
static HEADERS: &[(&[u8], &crate::bytes::Field)] = &[
    (b"accept", &ACCEPT),
    (b"accept-encoding", &ACCEPT_ENCODING),
    (b"accept-language", &ACCEPT_LANGUAGE),
    (b"authorization", &AUTHORIZATION),
    (b"cache-control", &CACHE_CONTROL),
    (b"connection", &CONNECTION),
    (b"content-encoding", &CONTENT_ENCODING),
    (b"content-length", &CONTENT_LENGTH_HEADER),
    (b"content-type", &CONTENT_TYPE),
    (b"cookie", &COOKIE),
    (b"date", &DATE),
    (b"host", &HOST),
    (b"http2-settings", &HTTP2_SETTINGS),
    (b"last-modified", &LAST_MODIFIED),
    (b"location", &LOCATION),
    (b"proxy-authenticate", &PROXY_AUTHENTICATE),
    (b"proxy-authorization", &PROXY_AUTHORIZATION),
    (b"referer", &REFERER),
    (b"sec-websocket-accept", &SEC_WEBSOCKET_ACCEPT),
    (b"sec-websocket-extensions", &SEC_WEBSOCKET_EXTENSIONS),
    (b"sec-websocket-key", &SEC_WEBSOCKET_KEY),
    (b"sec-websocket-protocol", &SEC_WEBSOCKET_PROTOCOL),
    (b"sec-websocket-version", &SEC_WEBSOCKET_VERSION),
    (b"server", &SERVER),
    (b"set-cookie", &SET_COOKIE),
    (b"transfer-encoding", &TRANSFER_ENCODING),
    (b"upgrade", &UPGRADE),
    (b"user-agent", &USER_AGENT),
    (b"www-authenticate", &WWW_AUTHENTICATE),
    (b"x-forwarded-for", &X_FORWARDED_FOR),
];

/// The field of a header field's name.
pub(super) fn of_header(name: &[u8]) -> Option<&'static crate::bytes::Field> {
    HEADERS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, field)| *field)
}
