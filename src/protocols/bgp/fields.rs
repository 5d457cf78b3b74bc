//! What BGP can say: names as in Wireshark's dictionary where the meaning is the same.

use crate::fields;

fields! { class Metadata, "RFC 4271, section 4";
    MARKER: Bytes "bgp.marker" "Marker", "RFC 4271, section 4.1";
    LENGTH: Number "bgp.length" "Length", "RFC 4271, section 4.1";
    TYPE: Number "bgp.type" "Type", "RFC 4271, section 4.1", names message_type;
    OPEN_VERSION: Number "bgp.open.version" "Version", "RFC 4271, section 4.2";
    OPEN_MY_AS: Number "bgp.open.myas" "My AS", "RFC 4271, section 4.2";
    OPEN_HOLD_TIME: Number "bgp.open.holdtime" "Hold Time", "RFC 4271, section 4.2";
    OPEN_IDENTIFIER: Ipv4 "bgp.open.identifier" "BGP Identifier", "RFC 4271, section 4.2";
    OPEN_PARAMETERS_LENGTH: Number "bgp.open.opt.len" "Optional Parameters Length", "RFC 4271, section 4.2";
    EXTENDED_TYPE: Number "husk.bgp.open.opt.extended" "Non-extended parameter type", "RFC 9072, section 2";
    EXTENDED_LENGTH: Number "husk.bgp.open.opt.extended_len" "Extended Parameters Length", "RFC 9072, section 2";
    PARAMETER: Group "bgp.open.opt.param" "Optional Parameter", "RFC 4271, section 4.2";
    PARAMETER_TYPE: Number "bgp.open.opt.param.type" "Parameter Type", "RFC 4271, section 4.2";
    PARAMETER_LENGTH: Number "bgp.open.opt.param.len" "Parameter Length", "RFC 4271, section 4.2";
    PARAMETER_AUTHENTICATION: Bytes "bgp.open.opt.param.auth" "Authentication Data", "RFC 1771, section 4.2";
    PARAMETER_UNKNOWN: Bytes "bgp.open.opt.param.unknown" "Unknown Parameter", "RFC 4271, section 4.2";
    CAPABILITY: Group "bgp.cap" "Capability", "RFC 5492, section 4";
    CAPABILITY_TYPE: Number "bgp.cap.type" "Type", "RFC 5492, section 4", names capability;
    CAPABILITY_LENGTH: Number "bgp.cap.length" "Length", "RFC 5492, section 4";
    CAPABILITY_UNKNOWN: Bytes "bgp.cap.unknown" "Unknown", "RFC 5492, section 4";
    CAPABILITY_RESERVED: Bytes "bgp.cap.reserved" "Reserved", "RFC 4760, section 8";
    MULTIPROTOCOL_AFI: Number "bgp.cap.mp.afi" "AFI", "RFC 4760, section 8", names family;
    MULTIPROTOCOL_SAFI: Number "bgp.cap.mp.safi" "SAFI", "RFC 4760, section 8", names subsequent_family;
    RESTART_TIMERS: Hex(4) "bgp.cap.gr.timers" "Restart Timers", "RFC 4724, section 3";
    RESTART_FLAG: Flag "bgp.cap.gr.timers.restart_flag" "Restart", "RFC 4724, section 3";
    RESTART_NOTIFICATION: Flag "bgp.cap.gr.timers.notification_flag" "Graceful notification", "RFC 8538, section 2";
    RESTART_TIME: Number "bgp.cap.gr.timers.restart_time" "Time", "RFC 4724, section 3";
    RESTART_AFI: Number "bgp.cap.gr.afi" "AFI", "RFC 4724, section 3", names family;
    RESTART_SAFI: Number "bgp.cap.gr.safi" "SAFI", "RFC 4724, section 3", names subsequent_family;
    RESTART_FAMILY_FLAGS: Hex(2) "bgp.cap.gr.flag" "Flag", "RFC 4724, section 3";
    RESTART_PRESERVED: Flag "bgp.cap.gr.flag.pfs" "Preserve forwarding state", "RFC 4724, section 3";
    FOUR_OCTET_AS: Number "bgp.cap.4as" "AS Number", "RFC 6793, section 3";
    ADD_PATH_AFI: Number "bgp.cap.ap.afi" "AFI", "RFC 7911, section 4", names family;
    ADD_PATH_SAFI: Number "bgp.cap.ap.safi" "SAFI", "RFC 7911, section 4", names subsequent_family;
    ADD_PATH_DIRECTION: Number "bgp.cap.ap.sendreceive" "Send/Receive", "RFC 7911, section 4";
    BGPSEC_FLAGS: Hex(2) "bgp.cap.bgpsec.flags" "Flags", "RFC 8205, section 2.1";
    BGPSEC_VERSION: Number "bgp.cap.bgpsec.version" "Version", "RFC 8205, section 2.1";
    BGPSEC_DIRECTION: Flag "bgp.cap.bgpsec.sendreceive" "Send/Receive", "RFC 8205, section 2.1";
    BGPSEC_RESERVED: Hex(2) "bgp.cap.bgpsec.reserved" "Reserved", "RFC 8205, section 2.1";
    BGPSEC_AFI: Number "bgp.cap.bgpsec.afi" "AFI", "RFC 8205, section 2.1", names family;
    HOST_NAME_LENGTH: Number "bgp.cap.orf.fqdn.hostname.len" "Hostname Length", "draft-walton-bgp-hostname-capability";
    HOST_NAME: Text "bgp.cap.orf.fqdn.hostname" "Hostname", "draft-walton-bgp-hostname-capability";
    DOMAIN_NAME_LENGTH: Number "bgp.cap.orf.fqdn.domain_name.len" "Domain Name Length",
        "draft-walton-bgp-hostname-capability";
    DOMAIN_NAME: Text "bgp.cap.orf.fqdn.domain_name" "Domain Name", "draft-walton-bgp-hostname-capability";
    WITHDRAWN_LENGTH: Number "bgp.update.withdrawn_routes.length" "Withdrawn Routes Length", "RFC 4271, section 4.3";
    WITHDRAWN: Group "bgp.update.withdrawn_routes" "Withdrawn Routes", "RFC 4271, section 4.3";
    ATTRIBUTES_LENGTH: Number "bgp.update.path_attributes.length" "Total Path Attribute Length",
        "RFC 4271, section 4.3";
    ATTRIBUTES: Group "bgp.update.path_attributes" "Path attributes", "RFC 4271, section 4.3";
    ATTRIBUTE: Group "bgp.update.path_attribute" "Path Attribute", "RFC 4271, section 4.3";
    FLAGS: Hex(2) "bgp.update.path_attribute.flags" "Flags", "RFC 4271, section 4.3";
    FLAGS_OPTIONAL: Flag "bgp.update.path_attribute.flags.optional" "Optional", "RFC 4271, section 4.3";
    FLAGS_TRANSITIVE: Flag "bgp.update.path_attribute.flags.transitive" "Transitive", "RFC 4271, section 4.3";
    FLAGS_PARTIAL: Flag "bgp.update.path_attribute.flags.partial" "Partial", "RFC 4271, section 4.3";
    FLAGS_EXTENDED_LENGTH: Flag "bgp.update.path_attribute.flags.extended_length" "Extended-Length",
        "RFC 4271, section 4.3";
    FLAGS_UNUSED: Hex(2) "bgp.update.path_attribute.flags.unused" "Unused", "RFC 4271, section 4.3";
    ATTRIBUTE_TYPE: Number "bgp.update.path_attribute.type_code" "Type Code", "RFC 4271, section 4.3", names attribute;
    ATTRIBUTE_LENGTH: Number "bgp.update.path_attribute.length" "Length", "RFC 4271, section 4.3";
    ATTRIBUTE_VALUE: Bytes "husk.bgp.update.path_attribute.value" "Value", "RFC 4271, section 4.3";
    ORIGIN: Number "bgp.update.path_attribute.origin" "Origin", "RFC 4271, section 5.1.1", names origin;
    SEGMENT: Group "bgp.update.path_attribute.as_path_segment" "AS Path segment", "RFC 4271, section 5.1.2";
    SEGMENT_TYPE: Number "bgp.update.path_attribute.as_path_segment.type" "Segment type",
        "RFC 4271, section 5.1.2", names segment_type;
    SEGMENT_LENGTH: Number "bgp.update.path_attribute.as_path_segment.length" "Segment length (number of ASN)",
        "RFC 4271, section 5.1.2";
    SEGMENT_AS2: Number "bgp.update.path_attribute.as_path_segment.as2" "AS2", "RFC 4271, section 5.1.2";
    SEGMENT_AS4: Number "bgp.update.path_attribute.as_path_segment.as4" "AS4", "RFC 6793, section 4";
    NEXT_HOP: Ipv4 "bgp.update.path_attribute.next_hop" "Next hop", "RFC 4271, section 5.1.3";
    MULTI_EXIT: Number "bgp.update.path_attribute.multi_exit_disc" "Multiple exit discriminator",
        "RFC 4271, section 5.1.4";
    LOCAL_PREFERENCE: Number "bgp.update.path_attribute.local_pref" "Local preference", "RFC 4271, section 5.1.5";
    AGGREGATOR_AS: Number "bgp.update.path_attribute.aggregator_as" "Aggregator AS", "RFC 4271, section 5.1.7";
    AGGREGATOR: Ipv4 "bgp.update.path_attribute.aggregator_origin" "Aggregator origin", "RFC 4271, section 5.1.7";
    COMMUNITY: Group "bgp.update.path_attribute.community" "Community", "RFC 1997";
    COMMUNITY_KNOWN: Hex(8) "bgp.update.path_attribute.community_wellknown" "Community Well-known",
        "RFC 1997", names well_known;
    COMMUNITY_AS: Number "bgp.update.path_attribute.community_as" "Community AS", "RFC 1997";
    COMMUNITY_VALUE: Number "bgp.update.path_attribute.community_value" "Community value", "RFC 1997";
    ORIGINATOR: Ipv4 "bgp.update.path_attribute.originator_id" "Originator identifier", "RFC 4456, section 8";
    CLUSTER: Ipv4 "bgp.path_attribute.cluster_id" "Cluster ID", "RFC 4456, section 8";
    REACH_AFI: Number "bgp.update.path_attribute.mp_reach_nlri.afi" "Address family identifier (AFI)",
        "RFC 4760, section 3", names family;
    REACH_SAFI: Number "bgp.update.path_attribute.mp_reach_nlri.safi" "Subsequent address family identifier (SAFI)",
        "RFC 4760, section 3", names subsequent_family;
    REACH_HOP_LENGTH: Number "husk.bgp.update.path_attribute.mp_reach_nlri.next_hop_length" "Next hop length",
        "RFC 4760, section 3";
    REACH_HOP: Bytes "bgp.update.path_attribute.mp_reach_nlri.next_hop" "Next hop", "RFC 4760, section 3";
    REACH_HOP_RD: Text "bgp.update.path_attribute.mp_reach_nlri.next_hop.rd" "Route Distinguisher",
        "RFC 4364, section 4.3.4";
    REACH_HOP_IPV4: Ipv4 "bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv4" "IPv4 Address",
        "RFC 4760, section 3";
    REACH_HOP_IPV6: Ipv6 "bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv6" "IPv6 Address",
        "RFC 2545, section 3";
    REACH_HOP_LINK_LOCAL: Ipv6 "bgp.update.path_attribute.mp_reach_nlri.next_hop.ipv6.link_local" "Link-local Address",
        "RFC 2545, section 3";
    REACH_RESERVED: Number "bgp.update.path_attribute.mp_reach_nlri.nbr_snpa" "Reserved (number of SNPA)",
        "RFC 4760, section 3";
    UNREACH_AFI: Number "bgp.update.path_attribute.mp_unreach_nlri.afi" "Address family identifier (AFI)",
        "RFC 4760, section 4", names family;
    UNREACH_SAFI: Number "bgp.update.path_attribute.mp_unreach_nlri.safi" "Subsequent address family identifier (SAFI)",
        "RFC 4760, section 4", names subsequent_family;
    SET_ORIGIN_AS: Number "bgp.update.path_attribute.attr_set.origin_as" "Origin AS", "RFC 6368, section 5";
    ORIGINATING_AS: Number "bgp.originating_as" "Originating AS", "RFC 4684, section 4";
    ROUTE_TARGET_PREFIX: Bytes "husk.bgp.route_target" "Route target", "RFC 4684, section 4";
    EXTENDED_COMMUNITY: Group "husk.bgp.ext_com" "Extended Community", "RFC 4360";
    EXTENDED_COMMUNITY_TYPE: Hex(2) "bgp.ext_com.type" "Type", "RFC 4360, section 2";
    EXTENDED_COMMUNITY_AUTHORITY: Flag "bgp.ext_com.type.auth" "IANA Authority", "RFC 4360, section 2";
    EXTENDED_COMMUNITY_TRANSITIVE: Flag "bgp.ext_com.type.tran" "Transitive across ASes", "RFC 4360, section 2";
    EXTENDED_COMMUNITY_VALUE: Bytes "husk.bgp.ext_com.value" "Value", "RFC 4360, section 2";
    LARGE_COMMUNITY: Group "husk.bgp.large_community" "Large Community", "RFC 8092, section 3";
    LARGE_GLOBAL: Number "bgp.large_communities.ga" "Global Administrator", "RFC 8092, section 3";
    LARGE_LOCAL_1: Number "bgp.large_communities.ldp1" "Local Data Part 1", "RFC 8092, section 3";
    LARGE_LOCAL_2: Number "bgp.large_communities.ldp2" "Local Data Part 2", "RFC 8092, section 3";
    REACHABLE: Group "husk.bgp.update.nlri" "Network Layer Reachability Information", "RFC 4271, section 4.3";
    PATH_ID: Number "bgp.nlri_path_id" "NLRI path id", "RFC 7911, section 3";
    PREFIX_LENGTH: Number "bgp.prefix_length" "Prefix length", "RFC 4271, section 4.3";
    LABELS: Text "bgp.label_stack" "Label Stack", "RFC 8277, section 2";
    ROUTE_DISTINGUISHER: Text "bgp.rd" "Route Distinguisher", "RFC 4364, section 4.2";
    NLRI: Ipv4 "bgp.nlri_prefix" "NLRI prefix", "RFC 4271, section 4.3";
    WITHDRAWN_PREFIX: Ipv4 "bgp.withdrawn_prefix" "Withdrawn prefix", "RFC 4271, section 4.3";
    REACH_IPV4: Ipv4 "bgp.mp_reach_nlri_ipv4_prefix" "MP Reach NLRI IPv4 prefix", "RFC 4760, section 5";
    REACH_IPV6: Ipv6 "bgp.mp_reach_nlri_ipv6_prefix" "MP Reach NLRI IPv6 prefix", "RFC 4760, section 5";
    UNREACH_IPV4: Ipv4 "bgp.mp_unreach_nlri_ipv4_prefix" "MP Unreach NLRI IPv4 prefix", "RFC 4760, section 5";
    UNREACH_IPV6: Ipv6 "bgp.mp_unreach_nlri_ipv6_prefix" "MP Unreach NLRI IPv6 prefix", "RFC 4760, section 5";
    OTHER_NLRI: Bytes "husk.bgp.update.other_nlri" "Routes of another family", "RFC 4760, section 5";
    MAJOR_ERROR: Number "bgp.notify.major_error" "Major error Code", "RFC 4271, section 4.5", names error;
    MINOR_HEADER: Number "bgp.notify.minor_error" "Minor error Code (Message Header)", "RFC 4271, section 4.5";
    MINOR_OPEN: Number "bgp.notify.minor_error_open" "Minor error Code (Open Message)", "RFC 4271, section 4.5";
    MINOR_UPDATE: Number "bgp.notify.minor_error_update" "Minor error Code (Update Message)",
        "RFC 4271, section 4.5";
    MINOR_EXPIRED: Number "bgp.notify.minor_error_expired" "Minor error Code (Hold Timer Expired)",
        "RFC 4271, section 4.5";
    MINOR_STATE: Number "bgp.notify.minor_error_state" "Minor error Code (State Machine)", "RFC 6608, section 3";
    MINOR_CEASE: Number "bgp.notify.minor_error_cease" "Minor error Code (Cease)", "RFC 4486, section 3", names cease;
    MINOR_UNKNOWN: Number "bgp.notify.minor_error_unknown" "Minor error Code (Unknown)", "RFC 4271, section 4.5";
    MINOR_DATA: Bytes "bgp.notify.minor_data" "Data", "RFC 4271, section 4.5";
    COMMUNICATION_LENGTH: Number "bgp.notify.communication_length" "BGP Shutdown Communication Length",
        "RFC 9003, section 2";
    COMMUNICATION: Text "bgp.notify.communication" "Shutdown Communication", "RFC 9003, section 2";
    REFRESH_AFI: Number "bgp.route_refresh.afi" "AFI", "RFC 2918, section 3", names family;
    REFRESH_SUBTYPE: Number "bgp.route_refresh.subtype" "Subtype", "RFC 7313, section 3.2";
    REFRESH_SAFI: Number "bgp.route_refresh.safi" "SAFI", "RFC 2918, section 3", names subsequent_family;
    REFRESH_FILTERS: Bytes "husk.bgp.route_refresh.orf" "Outbound route filters", "RFC 5291, section 5";
}

/// What a message of this type is called (RFC 4271, section 4.1, and RFC 2918).
pub(super) fn message_type(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "open",
        2 => "update",
        3 => "notification",
        4 => "keepalive",
        5 | 128 => "route refresh",
        6 => "capability",
        _ => return None,
    })
}

fn family(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "IPv4",
        2 => "IPv6",
        25 => "layer 2 VPN",
        16388 => "link state",
        _ => return None,
    })
}

fn subsequent_family(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "unicast",
        2 => "multicast",
        4 => "labelled unicast",
        5 => "multicast VPN",
        65 => "VPLS",
        66 => "multicast tunnel",
        70 => "Ethernet VPN",
        71 => "link state",
        128 => "labelled VPN unicast",
        129 => "labelled VPN multicast",
        132 => "route target",
        133 => "flow specification",
        134 => "VPN flow specification",
        _ => return None,
    })
}

fn capability(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "multiprotocol extensions",
        2 => "route refresh",
        3 => "outbound route filtering",
        5 => "extended next hop",
        6 => "extended message",
        7 => "BGPsec",
        9 => "role",
        64 => "graceful restart",
        65 => "four-octet AS number",
        67 => "dynamic capability",
        69 => "additional paths",
        70 => "enhanced route refresh",
        71 => "long-lived graceful restart",
        73 => "host name",
        128 => "route refresh (Cisco)",
        _ => return None,
    })
}

fn attribute(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "ORIGIN",
        2 => "AS_PATH",
        3 => "NEXT_HOP",
        4 => "MULTI_EXIT_DISC",
        5 => "LOCAL_PREF",
        6 => "ATOMIC_AGGREGATE",
        7 => "AGGREGATOR",
        8 => "COMMUNITIES",
        9 => "ORIGINATOR_ID",
        10 => "CLUSTER_LIST",
        14 => "MP_REACH_NLRI",
        15 => "MP_UNREACH_NLRI",
        16 => "EXTENDED_COMMUNITIES",
        17 => "AS4_PATH",
        18 => "AS4_AGGREGATOR",
        22 => "PMSI_TUNNEL",
        23 => "TUNNEL_ENCAPSULATION",
        26 => "AIGP",
        29 => "BGP-LS",
        32 => "LARGE_COMMUNITY",
        33 => "BGPsec_PATH",
        35 => "ONLY_TO_CUSTOMER",
        40 => "PREFIX_SID",
        128 => "ATTR_SET",
        _ => return None,
    })
}

fn origin(number: u64) -> Option<&'static str> {
    ["IGP", "EGP", "INCOMPLETE"].get(usize::try_from(number).ok()?).copied()
}

fn segment_type(number: u64) -> Option<&'static str> {
    ["AS_SET", "AS_SEQUENCE", "AS_CONFED_SEQUENCE", "AS_CONFED_SET"]
        .get(usize::try_from(number.checked_sub(1)?).ok()?)
        .copied()
}

/// Communities that mean the same everywhere (IANA).
pub(super) fn well_known(number: u64) -> Option<&'static str> {
    Some(match number {
        0xffff_0000 => "GRACEFUL_SHUTDOWN",
        0xffff_0001 => "ACCEPT_OWN",
        0xffff_0006 => "LLGR_STALE",
        0xffff_0007 => "NO_LLGR",
        0xffff_029a => "BLACKHOLE",
        0xffff_ff01 => "NO_EXPORT",
        0xffff_ff02 => "NO_ADVERTISE",
        0xffff_ff03 => "NO_EXPORT_SUBCONFED",
        0xffff_ff04 => "NOPEER",
        _ => return None,
    })
}

/// What went wrong, by its code (RFC 4271, section 4.5).
pub(super) fn error(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "message header error",
        2 => "open message error",
        3 => "update message error",
        4 => "hold timer expired",
        5 => "state machine error",
        6 => "cease",
        7 => "route refresh error",
        _ => return None,
    })
}

/// Why a session ends in order (RFC 4486 and later).
pub(super) fn cease(number: u64) -> Option<&'static str> {
    Some(match number {
        1 => "maximum number of prefixes reached",
        2 => "administrative shutdown",
        3 => "peer de-configured",
        4 => "administrative reset",
        5 => "connection rejected",
        6 => "other configuration change",
        7 => "connection collision resolution",
        8 => "out of resources",
        9 => "hard reset",
        10 => "BFD down",
        _ => return None,
    })
}
