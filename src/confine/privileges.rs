//! Gives up what a process may do beyond what anybody may: the user root, groups, capabilities.

use std::fmt;

use caps::{CapSet, Capability, CapsHashSet};
use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{
    set_keep_capabilities, set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
};

/// The user and group that stand for nobody.
const NOBODY: (u32, u32) = (65_534, 65_534);

/// As whom the process goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Now {
    /// As who started it, who was not root.
    Same,
    /// As the user who called sudo.
    Invoker(u32),
    /// As nobody.
    Nobody,
    /// As root, but without capabilities.
    BareRoot,
}

impl fmt::Display for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Now::Same => f.write_str("no privilege beyond its user's"),
            Now::Invoker(user) => write!(f, "the user {user} who called sudo"),
            Now::Nobody => f.write_str("the user nobody"),
            Now::BareRoot => f.write_str("root without capabilities"),
        }
    }
}

/// The user and group that called sudo, if root was reached that way.
pub fn invoker() -> Option<(u32, u32)> {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
    let (user, group) = (number("SUDO_UID")?, number("SUDO_GID")?);
    (geteuid().is_root() && user != 0).then_some((user, group))
}

/// Gives up everything but the capabilities in `keep`. Root becomes the invoking user, else nobody; a process that
/// has to write what root may write stays root without capabilities (`stay`).
pub fn give_up(keep: &[Capability], stay: bool) -> Result<Now, String> {
    let failed = |what: &str, why: &dyn fmt::Display| format!("{what}: {why}");
    let mut now = Now::Same;
    if geteuid().is_root() {
        let invoker = invoker();
        let (user, group) = match invoker {
            Some(invoker) => invoker,
            None if stay => (0, 0),
            None => NOBODY,
        };
        for capability in caps::all() {
            // What this kernel does not know cannot be had.
            let _ = caps::drop(None, CapSet::Bounding, capability);
        }
        set_keep_capabilities(!keep.is_empty()).map_err(|error| failed("keeping capabilities", &error))?;
        let changed = set_thread_groups(&[]).and_then(|()| become_group(group)).and_then(|()| become_user(user));
        now = match (changed, invoker) {
            (Ok(()), Some((user, _))) => Now::Invoker(user),
            (Ok(()), None) if user != 0 => Now::Nobody,
            // In a namespace with few users there may be no other user.
            (Ok(()) | Err(_), _) => Now::BareRoot,
        };
    }
    let had = caps::read(None, CapSet::Permitted).map_err(|error| failed("reading capabilities", &error))?;
    let left: CapsHashSet = keep.iter().copied().filter(|capability| had.contains(capability)).collect();
    let _ = caps::clear(None, CapSet::Ambient); // kernels before 4.3 have none
    for set in [CapSet::Inheritable, CapSet::Effective] {
        caps::clear(None, set).map_err(|error| failed("dropping capabilities", &error))?;
    }
    for set in [CapSet::Permitted, CapSet::Effective] {
        caps::set(None, set, &left).map_err(|error| failed("dropping capabilities", &error))?;
    }
    set_no_new_privs(true).map_err(|error| failed("no new privileges", &error))?;
    Ok(now)
}

fn become_group(group: u32) -> rustix::io::Result<()> {
    let group = Gid::from_raw(group);
    set_thread_res_gid(group, group, group)
}

fn become_user(user: u32) -> rustix::io::Result<()> {
    let user = Uid::from_raw(user);
    set_thread_res_uid(user, user, user)
}
