//! What DHCPv6 can say: names as in Wireshark's dictionary where the meaning is the same.

use crate::fields;

fields! { class Metadata, "RFC 8415, section 21";
    MESSAGE_TYPE: Number "dhcpv6.msgtype" "Message type", "RFC 8415, section 8", names message_type;
    TRANSACTION: Hex(6) "dhcpv6.xid" "Transaction ID", "RFC 8415, section 8";
    REQUEST_IN: Number "husk.dhcpv6.request_in" "Answers the message in", "RFC 8415, section 5";
    TIME: Duration "husk.dhcpv6.time" "Time from that message", "RFC 8415, section 5";
    HOPS: Number "dhcpv6.hopcount" "Hopcount", "RFC 8415, section 9";
    LINK_ADDRESS: Ipv6 "dhcpv6.linkaddr" "Link address", "RFC 8415, section 9";
    PEER_ADDRESS: Ipv6 "dhcpv6.peeraddr" "Peer address", "RFC 8415, section 9";
    RELAYED: Group "husk.dhcpv6.relayed" "Relayed message", "RFC 8415, section 21.10";
    OPTION: Group "husk.dhcpv6.option" "Option", "RFC 8415, section 21.1";
    OPTION_TYPE: Number "dhcpv6.option.type" "Option", "RFC 8415, section 21.1", names option;
    OPTION_LENGTH: Number "dhcpv6.option.length" "Length", "RFC 8415, section 21.1";
    OPTION_VALUE: Bytes "husk.dhcpv6.option.value" "Value", "RFC 8415, section 21.1";
    DUID: Bytes "dhcpv6.duid.bytes" "DUID", "RFC 8415, section 11";
    DUID_TYPE: Number "dhcpv6.duid.type" "DUID Type", "RFC 8415, section 11", names duid_type;
    DUID_LLT_HARDWARE: Number "dhcpv6.duidllt.hwtype" "Hardware type", "RFC 8415, section 11.2";
    DUID_LLT_TIME: Date "dhcpv6.duidllt.time" "DUID Time", "RFC 8415, section 11.2";
    DUID_LLT_ADDRESS: Text "dhcpv6.duidllt.link_layer_addr" "Link-layer address", "RFC 8415, section 11.2";
    DUID_EN_ENTERPRISE: Number "dhcpv6.duiden.enterprise" "Enterprise ID", "RFC 8415, section 11.3";
    DUID_EN_IDENTIFIER: Bytes "dhcpv6.duiden.identifier" "Identifier", "RFC 8415, section 11.3";
    DUID_LL_HARDWARE: Number "dhcpv6.duidll.hwtype" "Hardware type", "RFC 8415, section 11.4";
    DUID_LL_ADDRESS: Text "dhcpv6.duidll.link_layer_addr" "Link-layer address", "RFC 8415, section 11.4";
    DUID_UUID: Bytes "dhcpv6.duiduuid.bytes" "UUID", "RFC 6355, section 4";
    IAID: Text "dhcpv6.iaid" "IAID", "RFC 8415, section 21.4";
    IA_T1: Number "dhcpv6.iaid.t1" "T1", "RFC 8415, section 21.4";
    IA_T2: Number "dhcpv6.iaid.t2" "T2", "RFC 8415, section 21.4";
    IA_TEMPORARY: Text "dhcpv6.iata" "IATA", "RFC 8415, section 21.5";
    ADDRESS: Ipv6 "dhcpv6.iaaddr.ip" "IPv6 address", "RFC 8415, section 21.6";
    ADDRESS_PREFERRED: Number "dhcpv6.iaaddr.pref_lifetime" "Preferred lifetime", "RFC 8415, section 21.6";
    ADDRESS_VALID: Number "dhcpv6.iaaddr.valid_lifetime" "Valid lifetime", "RFC 8415, section 21.6";
    REQUESTED: Number "dhcpv6.requested_option_code" "Requested Option code", "RFC 8415, section 21.7", names option;
    PREFERENCE: Number "dhcpv6.option_preference" "Pref-value", "RFC 8415, section 21.8";
    ELAPSED: Number "dhcpv6.elapsed_time" "Elapsed time (milliseconds)", "RFC 8415, section 21.9";
    AUTH_PROTOCOL: Number "dhcpv6.auth.protocol" "Protocol", "RFC 8415, section 21.11";
    AUTH_ALGORITHM: Number "dhcpv6.auth.algorithm" "Algorithm", "RFC 8415, section 21.11";
    AUTH_METHOD: Number "dhcpv6.auth.rdm" "RDM", "RFC 8415, section 21.11";
    AUTH_REPLAY: Bytes "dhcpv6.auth.replay_detection" "Replay Detection", "RFC 8415, section 21.11";
    AUTH_INFORMATION: Bytes "husk.dhcpv6.auth.info" "Authentication Information", "RFC 8415, section 21.11";
    UNICAST: Ipv6 "dhcpv6.unicast" "IPv6 address", "RFC 8415, section 21.12";
    STATUS: Number "dhcpv6.status_code" "Status Code", "RFC 8415, section 21.13", names status;
    STATUS_MESSAGE: Text "dhcpv6.status_msg" "Status Message", "RFC 8415, section 21.13";
    USER_CLASS_LENGTH: Number "dhcpv6.userclass.length" "Length", "RFC 8415, section 21.15";
    USER_CLASS: Bytes "dhcpv6.userclass.opaque_data" "User class", "RFC 8415, section 21.15";
    VENDOR_CLASS_ENTERPRISE: Number "dhcpv6.vendorclass.enterprise" "Enterprise ID", "RFC 8415, section 21.16";
    VENDOR_CLASS_LENGTH: Number "husk.dhcpv6.vendorclass.length" "Length", "RFC 8415, section 21.16";
    VENDOR_CLASS: Text "dhcpv6.vendorclass.data" "Vendor class data", "RFC 8415, section 21.16";
    VENDOR_ENTERPRISE: Number "dhcpv6.vendoropts.enterprise" "Enterprise ID", "RFC 8415, section 21.17";
    VENDOR_CODE: Number "dhcpv6.vendoropts.enterprise.option_code" "Option code", "RFC 8415, section 21.17";
    VENDOR_LENGTH: Number "dhcpv6.vendoropts.enterprise.option_length" "Option length", "RFC 8415, section 21.17";
    VENDOR_DATA: Bytes "dhcpv6.vendoropts.enterprise.option_data" "Option data", "RFC 8415, section 21.17";
    INTERFACE: Bytes "dhcpv6.interface_id" "Interface-ID", "RFC 8415, section 21.18";
    RECONFIGURE: Number "dhcpv6.reconf_msg" "Reconfigure message type", "RFC 8415, section 21.19", names message_type;
    SIP_DOMAIN: Text "dhcpv6.sip_server_domain_search_fqdn" "SIP Server Domain", "RFC 3319, section 3.1";
    SIP_ADDRESS: Ipv6 "dhcpv6.sip_server_a" "SIP server address", "RFC 3319, section 3.2";
    DNS_SERVER: Ipv6 "dhcpv6.dns_server" "DNS server address", "RFC 3646, section 3";
    SEARCH: Text "dhcpv6.search_list_entry" "Domain search list entry", "RFC 3646, section 4";
    PREFIX_PREFERRED: Number "dhcpv6.iaprefix.pref_lifetime" "Preferred lifetime", "RFC 8415, section 21.22";
    PREFIX_VALID: Number "dhcpv6.iaprefix.valid_lifetime" "Valid lifetime", "RFC 8415, section 21.22";
    PREFIX_LENGTH: Number "dhcpv6.iaprefix.pref_len" "Prefix length", "RFC 8415, section 21.22";
    PREFIX: Ipv6 "dhcpv6.iaprefix.pref_addr" "Prefix address", "RFC 8415, section 21.22";
    SNTP_SERVER: Ipv6 "dhcpv6.sntp_server" "SNTP server address", "RFC 4075, section 4";
    LIFETIME: Number "dhcpv6.lifetime" "Lifetime", "RFC 8415, section 21.23";
    REMOTE_ENTERPRISE: Number "dhcpv6.remoteid.enterprise" "Enterprise ID", "RFC 4649, section 3";
    REMOTE: Bytes "dhcpv6.remoteid_enterprise_id" "Remote-ID", "RFC 4649, section 3";
    SUBSCRIBER: Text "dhcpv6.subscriber_id" "Subscriber-ID", "RFC 4580, section 2";
    FQDN_FLAGS: Hex(2) "dhcpv6.client_fqdn_flags" "Flags", "RFC 4704, section 4.1";
    FQDN_CLIENT_N: Flag "dhcpv6.clientfqdn.client.n" "N bit", "RFC 4704, section 4.1";
    FQDN_CLIENT_S: Flag "dhcpv6.clientfqdn.client.s" "S bit", "RFC 4704, section 4.1";
    FQDN_SERVER_N: Flag "dhcpv6.clientfqdn.server.n" "N bit", "RFC 4704, section 4.1";
    FQDN_SERVER_O: Flag "dhcpv6.clientfqdn.server.o" "O bit", "RFC 4704, section 4.1";
    FQDN_SERVER_S: Flag "dhcpv6.clientfqdn.server.s" "S bit", "RFC 4704, section 4.1";
    CLIENT_NAME: Text "dhcpv6.client_domain" "Client Domain Name", "RFC 4704, section 4.2";
    TIME_ZONE: Text "dhcpv6.timezone" "Time-zone", "RFC 4833, section 3";
    TIME_ZONE_NAME: Text "dhcpv6.tzdb" "TZ-database", "RFC 4833, section 3";
    NTP_TYPE: Number "dhcpv6.ntpserver.option.type" "Suboption", "RFC 5908, section 4";
    NTP_LENGTH: Number "dhcpv6.ntpserver.option.length" "Length", "RFC 5908, section 4";
    NTP_ADDRESS: Ipv6 "dhcpv6.ntpserver.addr" "NTP Server Address", "RFC 5908, section 4.1";
    NTP_MULTICAST: Ipv6 "dhcpv6.ntpserver.mc_addr" "NTP Multicast Address", "RFC 5908, section 4.2";
    NTP_NAME: Text "dhcpv6.ntpserver.fqdn" "NTP Server FQDN", "RFC 5908, section 4.3";
    TUNNEL_NAME: Text "dhcpv6.aftr_name" "DS-Lite AFTR Name", "RFC 6334, section 3";
    BOOT_FILE: Text "husk.dhcpv6.boot_file_url" "Boot file URL", "RFC 5970, section 3.1";
    CAPTIVE_PORTAL: Text "dhcpv6.captive_portal" "Captive Portal", "RFC 8910, section 2.2";
    MUD_URL: Text "dhcpv6.mudurl" "MUDURL", "RFC 8520, section 10";
}

/// RFC 8415, section 7.3, and later documents.
pub(super) fn message_type(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "solicit",
        2 => "advertise",
        3 => "request",
        4 => "confirm",
        5 => "renew",
        6 => "rebind",
        7 => "reply",
        8 => "release",
        9 => "decline",
        10 => "reconfigure",
        11 => "information request",
        12 => "relay forward",
        13 => "relay reply",
        14 => "lease query",
        15 => "lease query reply",
        16 => "lease query done",
        17 => "lease query data",
        _ => return None,
    })
}

fn option(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "client identifier",
        2 => "server identifier",
        3 => "association for addresses",
        4 => "association for temporary addresses",
        5 => "address",
        6 => "option request",
        7 => "preference",
        8 => "elapsed time",
        9 => "relayed message",
        11 => "authentication",
        12 => "server unicast",
        13 => "status",
        14 => "rapid commit",
        15 => "user class",
        16 => "vendor class",
        17 => "vendor options",
        18 => "interface",
        19 => "reconfigure message",
        20 => "reconfigure accept",
        21 => "SIP server domains",
        22 => "SIP servers",
        23 => "DNS servers",
        24 => "domain search list",
        25 => "association for prefixes",
        26 => "prefix",
        31 => "SNTP servers",
        32 => "information refresh time",
        37 => "remote identifier",
        38 => "subscriber",
        39 => "client's domain name",
        41 => "time zone",
        42 => "time zone name",
        56 => "NTP servers",
        59 => "boot file",
        64 => "tunnel endpoint",
        79 => "client's link-layer address",
        82 => "maximum of solicit retransmissions",
        83 => "maximum of information retransmissions",
        103 => "captive portal",
        112 => "manufacturer usage description",
        _ => return None,
    })
}

fn duid_type(number: u64) -> Option<&'static str> {
    ["link-layer address plus time", "vendor", "link-layer address", "UUID"]
        .get(usize::try_from(number.checked_sub(1)?).ok()?)
        .copied()
}

fn status(number: u64) -> Option<&'static str> {
    ["success", "unspecified failure", "no addresses", "no binding", "not on link", "use multicast", "no prefix"]
        .get(usize::try_from(number).ok()?)
        .copied()
}
