//! Names in filters and on command lines: fields, and the few names that mean any of two fields.

use crate::bytes::Field;
use crate::protocols;

/// The name of the whole packet.
pub(super) const FRAME: &str = "frame";

/// Names that mean either side.
const EITHER: &[(&str, [&str; 2])] = &[
    ("eth.addr", ["eth.dst", "eth.src"]),
    ("sctp.port", ["sctp.srcport", "sctp.dstport"]),
    ("ip.addr", ["ip.src", "ip.dst"]),
    ("ip.host", ["ip.src", "ip.dst"]),
    ("ipv6.addr", ["ipv6.src", "ipv6.dst"]),
    ("ipv6.host", ["ipv6.src", "ipv6.dst"]),
    ("tcp.port", ["tcp.srcport", "tcp.dstport"]),
    ("udp.port", ["udp.srcport", "udp.dstport"]),
    ("wlan.addr", ["wlan.sa", "wlan.da"]),
];

/// A name that no field has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no field is called {}{}", crate::bytes::escape(.name), hint(.nearest))]
pub struct Unknown {
    /// The name.
    pub name: String,
    /// Names that look alike, the nearest first.
    pub nearest: Vec<&'static str>,
}

fn hint(nearest: &[&str]) -> String {
    match nearest {
        [] => "; `husk fields` lists all".to_owned(),
        names => format!("; did you mean {}? (`husk fields` lists all)", names.join(", ")),
    }
}

/// The fields that a name stands for: one, or two for a name that means either side.
pub fn resolve(name: &str) -> Result<Vec<&'static Field>, Unknown> {
    if let Some(field) = protocols::field(name) {
        return Ok(vec![field]);
    }
    let either = EITHER.iter().find(|(either, _)| *either == name);
    let fields: Vec<_> =
        either.into_iter().flat_map(|(_, both)| both).filter_map(|one| protocols::field(one)).collect();
    if fields.is_empty() { Err(Unknown { name: name.to_owned(), nearest: nearest(name) }) } else { Ok(fields) }
}

/// The fields that a name in a filter stands for: also times by Wireshark's name.
pub(super) fn meant(name: &str) -> Result<Vec<&'static Field>, Unknown> {
    printed(if name == "frame.time" { "frame.time_epoch" } else { name })
}

/// The fields that a column's name stands for: also those that stand in no packet.
pub fn printed(name: &str) -> Result<Vec<&'static Field>, Unknown> {
    if let Some(field) = super::exposed::fields().iter().find(|field| field.name == name) {
        return Ok(vec![field]);
    }
    let short = super::exposed::short(name);
    if !short.is_empty() {
        return Ok(short);
    }
    resolve(name)
}

/// Names that look like `name`: few edits away, or ending alike.
fn nearest(name: &str) -> Vec<&'static str> {
    const MOST: usize = 3;
    let name = name.to_ascii_lowercase();
    let last = |name: &str| name.rsplit('.').next().unwrap_or_default().to_owned();
    let allowed = (name.len() / 3).clamp(2, 4);
    let own = super::exposed::fields().iter().map(|field| field.name);
    let all = protocols::fields().map(|field| field.name).chain(EITHER.iter().map(|(name, _)| *name)).chain(own);
    let mut ranked: Vec<(usize, &'static str)> = all
        .filter_map(|known| {
            let far = edits(&name, known);
            // Leaks are known by their last part alone.
            let typos = usize::from(name.starts_with("leak."));
            let alike = last(&name).len() > 2 && edits(&last(&name), &last(known)) <= typos;
            (far <= allowed).then_some((far, known)).or_else(|| alike.then_some((allowed + far, known)))
        })
        .collect();
    ranked.sort_unstable();
    ranked.dedup();
    ranked.into_iter().take(MOST).map(|(_, known)| known).collect()
}

/// How many single characters must be changed, entered or left out (Levenshtein).
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, above) in b.bytes().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(x != y)).min(left + 1).min(*above + 1);
            diagonal = std::mem::replace(above, here);
            left = here;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_count_single_characters() {
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("udp.srcprt", "udp.srcport"), 1);
        assert_eq!(edits("kitten", "sitting"), 3);
    }

    #[test]
    fn a_mistyped_name_gets_a_hint() {
        let unknown = resolve("udp.srcprt").expect_err("mistyped");
        assert_eq!(unknown.nearest.first(), Some(&"udp.srcport"));
        assert_eq!(resolve("udp.port").map(|fields| fields.len()), Ok(2));
    }
}
