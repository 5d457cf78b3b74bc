//! Names of ICMP types and codes (IANA, ICMP parameters).

/// The name of a type.
pub(super) fn type_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "Echo (ping) reply",
        1 | 2 | 7 => "Unassigned",
        3 => "Destination unreachable",
        4 => "Source quench (deprecated)",
        5 => "Redirect",
        6 => "Alternate host address (deprecated)",
        8 => "Echo (ping) request",
        9 => "Router advertisement",
        10 => "Router solicitation",
        11 => "Time-to-live exceeded",
        12 => "Parameter problem",
        13 => "Timestamp request",
        14 => "Timestamp reply",
        15 => "Information request (deprecated)",
        16 => "Information reply (deprecated)",
        17 => "Address mask request (deprecated)",
        18 => "Address mask reply (deprecated)",
        19 => "Reserved (for security)",
        20..=29 => "Reserved (for robustness experiment)",
        30 => "Traceroute (deprecated)",
        31 => "Datagram conversion error (deprecated)",
        32 => "Mobile host redirect (deprecated)",
        33 => "IPv6 Where-Are-You (deprecated)",
        34 => "IPv6 I-Am-Here (deprecated)",
        35 => "Mobile registration request (deprecated)",
        36 => "Mobile registration reply (deprecated)",
        37 => "Domain name request (deprecated)",
        38 => "Domain name reply (deprecated)",
        39 => "SKIP (deprecated)",
        40 => "Photuris",
        41 => "Experimental mobility",
        42 => "Extended echo request",
        43 => "Extended echo reply",
        253 | 254 => "RFC 3692-style experiment",
        _ => return None,
    })
}

/// The name of a code, which depends on the type.
pub(super) fn code_name(kind: u8, code: u8) -> Option<&'static str> {
    Some(match (kind, code) {
        (3, code) => return unreachable_name(code),
        (5, 0) => "Redirect for network",
        (5, 1) => "Redirect for host",
        (5, 2) => "Redirect for type of service and network",
        (5, 3) => "Redirect for type of service and host",
        (9, 0) => "Normal router advertisement",
        (9, 16) => "Does not route common traffic",
        (11, 0) => "Time to live exceeded in transit",
        (11, 1) => "Fragment reassembly time exceeded",
        (12, 0) => "Pointer indicates the error",
        (12, 1) => "Required option missing",
        (12, 2) => "Bad length",
        (40, 0) => "Bad SPI",
        (40, 1) => "Authentication failed",
        (40, 2) => "Decompression failed",
        (40, 3) => "Decryption failed",
        (40, 4) => "Need authentication",
        (40, 5) => "Need authorization",
        (43, 0) => "No error",
        (43, 1) => "Malformed query",
        (43, 2) => "No such interface",
        (43, 3) => "No such table entry",
        (43, 4) => "Multiple interfaces satisfy query",
        _ => return None,
    })
}

fn unreachable_name(code: u8) -> Option<&'static str> {
    Some(match code {
        0 => "Network unreachable",
        1 => "Host unreachable",
        2 => "Protocol unreachable",
        3 => "Port unreachable",
        4 => "Fragmentation needed and don't fragment was set",
        5 => "Source route failed",
        6 => "Destination network unknown",
        7 => "Destination host unknown",
        8 => "Source host isolated",
        9 => "Network administratively prohibited",
        10 => "Host administratively prohibited",
        11 => "Network unreachable for type of service",
        12 => "Host unreachable for type of service",
        13 => "Communication administratively prohibited",
        14 => "Host precedence violation",
        15 => "Precedence cutoff in effect",
        _ => return None,
    })
}

/// The state of a neighbour that is asked for (RFC 8335, section 3).
pub(in crate::protocols) fn neighbor_state_name(number: u64) -> Option<&'static str> {
    Some(match number {
        0 => "Reserved",
        1 => "Incomplete",
        2 => "Reachable",
        3 => "Stale",
        4 => "Delay",
        5 => "Probe",
        6 => "Failed",
        _ => return None,
    })
}
