//! What DHCP can say: names as in Wireshark's dictionary where the meaning is the same.

use crate::fields;

fields! { class Metadata, "RFC 2131, section 2";
    OPTION: Group "husk.dhcp.option" "Option", "RFC 2132, section 2";
    OPTION_CODE: Number "husk.dhcp.option.code" "Code", "RFC 2132, section 2", names option_name;
    TYPE: Number "dhcp.type" "Message type", names operation;
    HW_TYPE: Hex(2) "dhcp.hw.type" "Hardware type";
    HW_LEN: Number "dhcp.hw.len" "Hardware address length";
    HOPS: Number "dhcp.hops" "Hops";
    ID: Hex(8) "dhcp.id" "Transaction ID";
    REQUEST_IN: Number "husk.dhcp.request_in" "Answers the message in";
    TIME: Duration "husk.dhcp.time" "Time from that message";
    SECS: Number "dhcp.secs" "Seconds elapsed";
    FLAGS: Hex(4) "dhcp.flags" "Bootp flags";
    FLAGS_BC: Flag "dhcp.flags.bc" "Broadcast flag";
    FLAGS_RESERVED: Hex(4) "dhcp.flags.reserved" "Reserved flags";
    IP_CLIENT: Ipv4 "dhcp.ip.client" "Client IP address";
    IP_YOUR: Ipv4 "dhcp.ip.your" "Your (client) IP address";
    IP_SERVER: Ipv4 "dhcp.ip.server" "Next server IP address";
    IP_RELAY: Ipv4 "dhcp.ip.relay" "Relay agent IP address";
    HW_ADDR: Bytes "dhcp.hw.addr" "Client hardware address";
    HW_MAC_ADDR: Mac "dhcp.hw.mac_addr" "Client MAC address";
    HW_ADDR_PADDING: Bytes "dhcp.hw.addr_padding" "Client hardware address padding", class Padding;
    SERVER: Text "dhcp.server" "Server host name";
    FILE: Text "dhcp.file" "Boot file name";
    COOKIE: Ipv4 "dhcp.cookie" "Magic cookie";
    VENDOR_SPECIFIC_OPTIONS: Bytes "dhcp.vendor_specific_options" "Bootp vendor specific options";
    OPTION_LENGTH: Number "dhcp.option.length" "Length", "RFC 2132, section 2";
    OPTION_VALUE: Bytes "dhcp.option.value" "Value", "RFC 2132, section 2";
    OPTION_PADDING: Bytes "dhcp.option.padding" "Padding", "RFC 2132, section 2", class Padding;
    OPTION_END: Number "dhcp.option.end" "End", "RFC 2132, section 2";
    CLIENT_ID: Bytes "husk.dhcp.client_id" "Identifier", "RFC 2132, section 9.14";
    CLIENT_ID_TYPE: Number "dhcp.client_id.type" "Type", "RFC 2132, section 9.14";
    CLIENT_ID_UNDEF: Text "dhcp.client_id.undef" "Client Identifier", "RFC 2132, section 9.14";
    CLIENT_ID_UUID: Text "dhcp.client_id.uuid" "Client Identifier (UUID)", "RFC 4578, section 2.3";
    FQDN_FLAGS: Hex(2) "dhcp.fqdn.flags" "Flags", "RFC 4702, section 2";
    FQDN_S: Flag "dhcp.fqdn.s" "Server", "RFC 4702, section 2";
    FQDN_O: Flag "dhcp.fqdn.o" "Server overrides", "RFC 4702, section 2";
    FQDN_E: Flag "dhcp.fqdn.e" "Encoding", "RFC 4702, section 2";
    FQDN_N: Flag "dhcp.fqdn.n" "Server DDNS", "RFC 4702, section 2";
    FQDN_MBZ: Hex(2) "dhcp.fqdn.mbz" "Reserved flags", "RFC 4702, section 2";
    FQDN_RCODE1: Number "dhcp.fqdn.rcode1" "A-RR result", "RFC 4702, section 2";
    FQDN_RCODE2: Number "dhcp.fqdn.rcode2" "PTR-RR result", "RFC 4702, section 2";
    FQDN_NAME: Text "dhcp.fqdn.name" "Client name", "RFC 4702, section 2";
    CLIENT_NETWORK_ID_MAJOR: Number "dhcp.client_network_id_major" "Major Version", "RFC 4578, section 2.2";
    CLIENT_NETWORK_ID_MINOR: Number "dhcp.client_network_id_minor" "Minor Version", "RFC 4578, section 2.2";
    SUBNET_MASK: Ipv4 "dhcp.option.subnet_mask" "Subnet Mask", "RFC 2132";
    TIME_OFFSET: Signed "dhcp.option.time_offset" "Time Offset", "RFC 2132";
    ROUTER: Ipv4 "dhcp.option.router" "Router", "RFC 2132";
    TIME_SERVER: Ipv4 "dhcp.option.time_server" "Time Server", "RFC 2132";
    NAME_SERVER: Ipv4 "dhcp.option.name_server" "Name Server", "RFC 2132";
    DOMAIN_NAME_SERVER: Ipv4 "dhcp.option.domain_name_server" "Domain Name Server", "RFC 2132";
    LOG_SERVER: Ipv4 "dhcp.option.log_server" "Log Server", "RFC 2132";
    QUOTES_SERVER: Ipv4 "dhcp.option.quotes_server" "Quotes Server", "RFC 2132";
    LPR_SERVER: Ipv4 "dhcp.option.lpr_server" "LPR Server", "RFC 2132";
    IMPRESS_SERVER: Ipv4 "dhcp.option.impress_server" "Impress Server", "RFC 2132";
    RESOURCE_LOCATION_SERVER: Ipv4 "dhcp.option.resource_location_server" "Resource Location Server", "RFC 2132";
    HOSTNAME: Text "dhcp.option.hostname" "Host Name", "RFC 2132, section 3.14";
    BOOT_FILE_SIZE: Number "dhcp.option.boot_file_size" "Boot File Size", "RFC 2132";
    MERIT_DUMP_FILE: Text "dhcp.option.merit_dump_file" "Merit Dump File", "RFC 2132";
    DOMAIN_NAME: Text "dhcp.option.domain_name" "Domain Name", "RFC 2132";
    SWAP_SERVER: Ipv4 "dhcp.option.swap_server" "Swap Server", "RFC 2132";
    ROOT_PATH: Text "dhcp.option.root_path" "Root Path", "RFC 2132";
    EXTENSION_PATH: Text "dhcp.option.extension_path" "Extensions Path", "RFC 2132";
    IP_FORWARDING: Flag "dhcp.option.ip_forwarding" "IP Forwarding", "RFC 2132";
    NON_LOCAL_SOURCE_ROUTING: Flag "dhcp.option.non_local_source_routing" "Non-Local Source Routing", "RFC 2132";
    MAX_DATAGRAM_REASSEMBLY_SIZE: Number "dhcp.option.max_datagram_reassembly_size" "Maximum Datagram Reassembly Size",
        "RFC 2132";
    DEFAULT_IP_TTL: Number "dhcp.option.default_ip_ttl" "Default IP Time-to-Live", "RFC 2132";
    PATH_MTU_AGING_TIMEOUT: Number "dhcp.option.path_mtu_aging_timeout" "Path MTU Aging Timeout", "RFC 2132";
    PATH_MTU_PLATEAU_TABLE_ITEM: Number "dhcp.option.path_mtu_plateau_table_item" "Path MTU Plateau Table Item",
        "RFC 2132";
    INTERFACE_MTU: Number "dhcp.option.interface_mtu" "Interface MTU", "RFC 2132";
    ALL_SUBNETS_ARE_LOCAL: Flag "dhcp.option.all_subnets_are_local" "All Subnets are Local", "RFC 2132";
    BROADCAST_ADDRESS: Ipv4 "dhcp.option.broadcast_address" "Broadcast Address", "RFC 2132";
    PERFORM_MASK_DISCOVERY: Flag "dhcp.option.perform_mask_discovery" "Perform Mask Discovery", "RFC 2132";
    MASK_SUPPLIER: Flag "dhcp.option.mask_supplier" "Mask Supplier", "RFC 2132";
    PERFORM_ROUTER_DISCOVER: Flag "dhcp.option.perform_router_discover" "Perform Router Discover", "RFC 2132";
    ROUTER_SOLICITATION_ADDRESS: Ipv4 "dhcp.option.router_solicitation_address" "Router Solicitation Address",
        "RFC 2132";
    TRAILER_ENCAPSULATION: Flag "dhcp.option.trailer_encapsulation" "Trailer Encapsulation", "RFC 2132";
    ARP_CACHE_TIMEOUT: Number "dhcp.option.arp_cache_timeout" "ARP Cache Timeout", "RFC 2132";
    ETHERNET_ENCAPSULATION: Flag "dhcp.option.ethernet_encapsulation" "Ethernet Encapsulation", "RFC 2132";
    TCP_DEFAULT_TTL: Number "dhcp.option.tcp_default_ttl" "TCP Default TTL", "RFC 2132";
    TCP_KEEPALIVE_INTERVAL: Number "dhcp.option.tcp_keepalive_interval" "TCP Keepalive Interval", "RFC 2132";
    TCP_KEEPALIVE_GARBAGE: Flag "dhcp.option.tcp_keepalive_garbage" "TCP Keepalive Garbage", "RFC 2132";
    NIS_DOMAIN: Text "dhcp.option.nis_domain" "Network Information Service Domain", "RFC 2132";
    NIS_SERVER: Ipv4 "dhcp.option.nis_server" "Network Information Service Server", "RFC 2132";
    NTP_SERVER: Ipv4 "dhcp.option.ntp_server" "Network Time Protocol Server", "RFC 2132";
    NETBIOS_OVER_TCPIP_NAME_SERVER: Ipv4 "dhcp.option.netbios_over_tcpip_name_server" "NetBIOS over TCP/IP Name Server",
        "RFC 2132";
    NETBIOS_OVER_TCPIP_DD_NAME_SERVER: Ipv4 "dhcp.option.netbios_over_tcpip_dd_name_server" "NetBIOS over TCP/IP Datagram Distribution Name Server",
        "RFC 2132";
    NETBIOS_OVER_TCPIP_NODE_TYPE: Number "dhcp.option.netbios_over_tcpip_node_type" "NetBIOS over TCP/IP Node Type",
        "RFC 2132";
    NETBIOS_OVER_TCPIP_SCOPE: Text "dhcp.option.netbios_over_tcpip_scope" "NetBIOS over TCP/IP Scope", "RFC 2132";
    XWINDOWS_SYSTEM_FONT_SERVER: Ipv4 "dhcp.option.xwindows_system_font_server" "X Window System Font Server",
        "RFC 2132";
    XWINDOWS_SYSTEM_DISPLAY_MANAGER: Ipv4 "dhcp.option.xwindows_system_display_manager" "X Window System Display Manager",
        "RFC 2132";
    REQUESTED_IP_ADDRESS: Ipv4 "dhcp.option.requested_ip_address" "Requested IP Address", "RFC 2132, section 9.1";
    IP_ADDRESS_LEASE_TIME: Number "dhcp.option.ip_address_lease_time" "IP Address Lease Time", "RFC 2132";
    OPTION_OVERLOAD: Number "dhcp.option.option_overload" "Option Overload", "RFC 2132";
    MESSAGE_TYPE: Number "dhcp.option.dhcp" "DHCP", "RFC 2132, section 9.6", names message_type;
    DHCP_SERVER_ID: Ipv4 "dhcp.option.dhcp_server_id" "DHCP Server Identifier", "RFC 2132";
    REQUEST_LIST_ITEM: Number "dhcp.option.request_list_item" "Parameter Request List Item", "RFC 2132, section 9.8";
    ERROR_MESSAGE: Text "dhcp.option.message" "Message", "RFC 2132";
    DHCP_MAX_MESSAGE_SIZE: Number "dhcp.option.dhcp_max_message_size" "Maximum DHCP Message Size", "RFC 2132";
    RENEWAL_TIME_VALUE: Number "dhcp.option.renewal_time_value" "Renewal Time Value", "RFC 2132";
    REBINDING_TIME_VALUE: Number "dhcp.option.rebinding_time_value" "Rebinding Time Value", "RFC 2132";
    VENDOR_CLASS_ID: Text "dhcp.option.vendor_class_id" "Vendor class identifier", "RFC 2132, section 9.13";
    NIS_PLUS_DOMAIN: Text "dhcp.option.nis_plus_domain" "Network Information Service+ Domain", "RFC 2132";
    NIS_PLUS_SERVER: Ipv4 "dhcp.option.nis_plus_server" "Network Information Service+ Server", "RFC 2132";
    TFTP_SERVER_NAME: Text "dhcp.option.tftp_server_name" "TFTP Server Name", "RFC 2132";
    BOOTFILE_NAME: Text "dhcp.option.bootfile_name" "Bootfile name", "RFC 2132";
    MOBILE_IP_HOME_AGENT: Ipv4 "dhcp.option.mobile_ip_home_agent" "Mobile IP Home Agent", "RFC 2132";
    SMTP_SERVER: Ipv4 "dhcp.option.smtp_server" "SMTP Server", "RFC 2132";
    POP3_SERVER: Ipv4 "dhcp.option.pop3_server" "POP3 Server", "RFC 2132";
    NNTP_SERVER: Ipv4 "dhcp.option.nntp_server" "NNTP Server", "RFC 2132";
    DEFAULT_WWW_SERVER: Ipv4 "dhcp.option.default_www_server" "Default WWW Server", "RFC 2132";
    DEFAULT_FINGER_SERVER: Ipv4 "dhcp.option.default_finger_server" "Default Finger Server", "RFC 2132";
    DEFAULT_IRC_SERVER: Ipv4 "dhcp.option.default_irc_server" "Default IRC Server", "RFC 2132";
    STREETTALK_SERVER: Ipv4 "dhcp.option.streettalk_server" "StreetTalk Server", "RFC 2132";
    STREETTALK_DA_SERVER: Ipv4 "dhcp.option.streettalk_da_server" "StreetTalk Directory Assistance Server",
        "RFC 2132";
    USER_CLASS: Number "dhcp.option.user_class" "Instance of User Class", "RFC 3004";
    USER_CLASS_LENGTH: Number "dhcp.option.user_class.length" "User Class Length", "RFC 3004";
    USER_CLASS_DATA: Bytes "dhcp.option.user_class.data" "User Class Data", "RFC 3004";
    USER_CLASS_TEXT: Text "dhcp.option.user_class.text" "User Class Data (Text)", "RFC 3004";
    CLIENT_SYSTEM_ARCHITECTURE: Number "dhcp.option.client_system_architecture" "Client System Architecture",
        "RFC 4578, section 2.1";
    AGENT_SUBOPTION: Number "dhcp.option.agent_information_option.suboption" "Suboption", "RFC 3046";
    SUBOPTION_LENGTH: Number "husk.dhcp.option.suboption_length" "Length", "RFC 3046";
    AGENT_VALUE: Bytes "dhcp.option.agent_information_option.value" "Value", "RFC 3046";
    AGENT_CIRCUIT_ID: Bytes "dhcp.option.agent_information_option.agent_circuit_id" "Agent Circuit ID", "RFC 3046";
    AGENT_REMOTE_ID: Bytes "dhcp.option.agent_information_option.agent_remote_id" "Agent Remote ID", "RFC 3046";
    AGENT_SUBSCRIBER_ID: Text "dhcp.option.agent_information_option.subscriber_id" "Subscriber ID", "RFC 3046";
    TZ_PCODE: Text "dhcp.option.tz_pcode" "TZ PCode", "RFC 4833";
    TZ_TCODE: Text "dhcp.option.tz_tcode" "TZ TCode", "RFC 4833";
    MUDURL: Text "dhcp.option.mudurl" "MUDURL", "RFC 8520, section 10";
    PRIVATE_PROXY_AUTODISCOVERY: Text "dhcp.option.private_proxy_autodiscovery" "Private/Proxy autodiscovery",
        "draft-ietf-wrec-wpad";
    CAPTIVE_PORTAL: Text "dhcp.option.captive_portal" "Captive Portal", "RFC 8910";
}

fn operation(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "request",
        2 => "reply",
        _ => return None,
    })
}

/// Message types (RFC 2132, section 9.6, and later documents).
fn message_type(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "discover",
        2 => "offer",
        3 => "request",
        4 => "decline",
        5 => "acknowledgment",
        6 => "refusal",
        7 => "release",
        8 => "inform",
        9 => "force renew",
        10 => "lease query",
        11 => "lease unassigned",
        12 => "lease unknown",
        13 => "lease active",
        _ => return None,
    })
}

/// What a message of this type is called; without a type it is one of BOOTP.
pub(super) fn what(message_type: Option<u8>) -> &'static str {
    message_type.map_or("bootp", |number| self::message_type(number.into()).unwrap_or("unknown type"))
}

fn option_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "pad",
        1 => "subnet mask",
        3 => "router",
        6 => "domain name server",
        12 => "host name",
        15 => "domain name",
        50 => "requested address",
        51 => "lease time",
        52 => "overload",
        53 => "message type",
        54 => "server",
        55 => "parameter request list",
        57 => "longest message",
        60 => "vendor class",
        61 => "client identifier",
        77 => "user class",
        81 => "fully qualified domain name",
        82 => "relay agent",
        93 => "client architecture",
        94 => "client network interface",
        97 => "client machine identifier",
        121 => "classless static routes",
        161 => "manufacturer usage description",
        255 => "end",
        _ => return None,
    })
}
