//! Who made a network interface: the lists of IEEE, as systems and other tools have them.
//!
//! No list is part of the program: the front ends read one that the machine has, and none is fetched.

/// Where lists are found, the first that there is: IEEE's own, Wireshark's, nmap's, arp-scan's.
pub const PLACES: [&str; 6] = [
    "/usr/share/ieee-data/oui.txt",
    "/var/lib/ieee-data/oui.txt",
    "/usr/share/wireshark/manuf",
    "/usr/share/nmap/nmap-mac-prefixes",
    "/usr/share/arp-scan/ieee-oui.txt",
    "/usr/share/misc/oui.txt",
];

/// Makers by the first three octets of their addresses.
#[derive(Clone, Debug, Default)]
pub struct Vendors(hashbrown::HashMap<[u8; 3], Box<str>, foldhash::fast::RandomState>);

impl Vendors {
    /// Reads a list of any of these shapes; lines that are something else are passed over.
    ///
    /// ```text
    /// 00-00-5E   (hex)    ICANN, IANA Department          oui.txt
    /// 00:00:5E   ICANNIANADep   ICANN, IANA Department    manuf
    /// 00005E ICANN, IANA Department                       nmap-mac-prefixes, ieee-oui.txt
    /// ```
    pub fn parse(text: &str) -> Vendors {
        let mut vendors = Vendors::default();
        for line in text.lines() {
            let Some((prefix, maker)) = line.trim_start().split_once(|c: char| c.is_ascii_whitespace()) else {
                continue;
            };
            let maker = maker.trim().trim_start_matches("(hex)").trim_start_matches("(base 16)").trim();
            // Wireshark has a short name before the long one.
            let maker = maker.rsplit('\t').next().unwrap_or(maker).trim();
            if let Some(prefix) = octets(prefix).filter(|_| !maker.is_empty()) {
                vendors.0.entry(prefix).or_insert_with(|| maker.into());
            }
        }
        vendors
    }

    /// The maker of the interface that has this address.
    pub fn of(&self, [a, b, c, ..]: [u8; 6]) -> Option<&str> {
        self.0.get(&[a, b, c]).map(|maker| &**maker)
    }
}

/// Three octets in hexadecimal digits, with or without something between. Longer prefixes are other lists'.
fn octets(text: &str) -> Option<[u8; 3]> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | '-' | '.')).collect();
    if digits.len() != 6 || !digits.is_ascii() {
        return None;
    }
    let [_, a, b, c] = u32::from_str_radix(&digits, 16).ok()?.to_be_bytes();
    Some([a, b, c])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_understood() {
        for list in [
            "00-00-5E   (hex)\t\tICANN, IANA Department\n00005E     (base 16)\t\tICANN, IANA Department\n\t\t\t12025 Waterfront\n",
            "# a comment\n00:00:5E\tICANNIANADep\tICANN, IANA Department\n",
            "00005E ICANN, IANA Department\n",
        ] {
            let vendors = Vendors::parse(list);
            assert_eq!(vendors.of([0, 0, 0x5e, 1, 2, 3]), Some("ICANN, IANA Department"), "{list}");
            assert_eq!(vendors.of([0, 0, 0x5f, 1, 2, 3]), None);
        }
    }
}
