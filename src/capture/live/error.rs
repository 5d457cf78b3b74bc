//! Why a live capture could not begin, and what to do about it.

use std::io;

use ::pcap::Device;

/// Why a live capture could not begin.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiveError {
    /// There is no such interface.
    #[error("{interface}: there is no such interface; `husk interfaces` lists them{known}")]
    NoSuchInterface {
        /// The name asked for.
        interface: String,
        /// The names that there are, for people.
        known: String,
    },
    /// The system does not allow it.
    #[error(
        "{interface}: capturing needs a privilege. Give it to this program once:\n  sudo {setcap}\n`husk doctor` says what else is missing"
    )]
    NoPrivilege {
        /// The interface asked for.
        interface: String,
        /// The command that gives it.
        setcap: String,
    },
    /// The filter has a name in it that would be looked up over the network.
    #[error(
        "the filter has the name \"{name}\", which would have to be looked up over the network; write its address instead (filter: {filter})"
    )]
    FilterName {
        /// The filter.
        filter: String,
        /// The name in it.
        name: String,
    },
    /// The filter is wrong.
    #[error("the filter \"{filter}\" is wrong: {reason}")]
    Filter {
        /// The filter.
        filter: String,
        /// What libpcap says.
        reason: String,
    },
    /// The file for the packets cannot be made.
    #[error("{name}: {source}")]
    Spool {
        /// The file.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// Something else went wrong.
    #[error("{interface}: {reason}")]
    Other {
        /// The interface asked for.
        interface: String,
        /// What libpcap or the system says.
        reason: String,
    },
}

impl LiveError {
    /// What libpcap's error means.
    pub(super) fn opening(interface: &str, error: &::pcap::Error) -> LiveError {
        let reason = plain(error);
        let lower = reason.to_lowercase();
        let interface = interface.to_owned();
        if lower.contains("permission") || lower.contains("not permitted") || lower.contains("cap_net_raw") {
            return LiveError::NoPrivilege { interface, setcap: setcap() };
        }
        if lower.contains("no such device") {
            let names: Vec<String> =
                Device::list().unwrap_or_default().into_iter().map(|device| device.name).collect();
            let known = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
            return LiveError::NoSuchInterface { interface, known };
        }
        LiveError::Other { interface, reason }
    }
}

/// An error's text without the crate's prefix.
pub(super) fn plain(error: &::pcap::Error) -> String {
    match error {
        ::pcap::Error::PcapError(reason) => reason.clone(),
        other => other.to_string(),
    }
}

/// The command that lets this program capture without being root.
pub fn setcap() -> String {
    let path = std::env::current_exe().map_or_else(|_| "husk".to_owned(), |path| path.display().to_string());
    let simple = path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+".contains(c));
    let path = if simple { path } else { format!("'{}'", path.replace('\'', r"'\''")) };
    format!("setcap cap_net_raw,cap_net_admin=eip {path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_privilege_gives_the_line_to_type() {
        let error = LiveError::opening("eth0", &::pcap::Error::PcapError("socket: Operation not permitted".into()));
        let path = std::env::current_exe().expect("this program");
        let line = format!("sudo setcap cap_net_raw,cap_net_admin=eip {}\n", path.display());
        assert!(error.to_string().contains(&line), "{error}");
    }
}
