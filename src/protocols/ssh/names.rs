//! Names of SSH's numbers (RFC 4250, section 4).

/// Message numbers. Those of a key exchange mean what its method says.
pub(super) fn message(code: u64) -> Option<&'static str> {
    Some(match code {
        1 => "Disconnect",
        2 => "Ignore",
        3 => "Unimplemented",
        4 => "Debug",
        5 => "Service Request",
        6 => "Service Accept",
        7 => "Extension Information",
        20 => "Key Exchange Init",
        21 => "New Keys",
        30..=49 => "Key exchange message",
        50 => "User Authentication Request",
        51 => "User Authentication Failure",
        52 => "User Authentication Success",
        53 => "User Authentication Banner",
        80 => "Global Request",
        90 => "Channel Open",
        94 => "Channel Data",
        _ => return None,
    })
}

/// Why a connection ends (RFC 4250, section 4.2.2).
pub(super) fn reason(code: u64) -> Option<&'static str> {
    Some(match code {
        1 => "Host not allowed to connect",
        2 => "Protocol error",
        3 => "Key exchange failed",
        5 => "MAC error",
        6 => "Compression error",
        7 => "Service not available",
        8 => "Protocol version not supported",
        9 => "Host key not verifiable",
        10 => "Connection lost",
        11 => "By application",
        12 => "Too many connections",
        13 => "Auth cancelled by user",
        14 => "No more auth methods available",
        15 => "Illegal user name",
        _ => return None,
    })
}
