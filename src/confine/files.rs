//! Landlock: which files the process may touch from here on.

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, PathBeneath, PathFd, Ruleset, RulesetAttr as _, RulesetCreated,
    RulesetCreatedAttr as _, RulesetError, RulesetStatus, Scope,
};

use super::{Landlock, Needs};

/// Linux 6.12: files, TCP, signals and abstract sockets. Older kernels hold back what they can.
const WANTED: ABI = ABI::V6;

/// Devices that hold nothing: the terminal is asked for again by name, and output may go nowhere.
const DEVICES: [&str; 2] = ["/dev/tty", "/dev/null"];

pub(super) fn restrict(needs: &Needs) -> Landlock {
    match rules(needs).and_then(RulesetCreated::restrict_self).map(|status| status.ruleset) {
        Ok(RulesetStatus::FullyEnforced) => Landlock::Full,
        Ok(RulesetStatus::PartiallyEnforced) => Landlock::Partial,
        Ok(RulesetStatus::NotEnforced) | Err(_) => Landlock::None,
    }
}

fn rules(needs: &Needs) -> Result<RulesetCreated, RulesetError> {
    let mut rules = Ruleset::default()
        .handle_access(AccessFs::from_all(WANTED))?
        .handle_access(AccessNet::from_all(WANTED))?
        .scope(Scope::from_all(WANTED))?
        .create()?;
    for path in &needs.read {
        // What is not there cannot be read anyway.
        let Ok(place) = PathFd::new(path) else { continue };
        let folder = path.is_dir();
        let access = if folder { AccessFs::ReadFile | AccessFs::ReadDir } else { AccessFs::ReadFile.into() };
        rules = rules.add_rule(PathBeneath::new(place, access))?;
    }
    for path in &needs.write {
        let Ok(place) = PathFd::new(path) else { continue };
        let access =
            AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::MakeReg | AccessFs::RemoveFile | AccessFs::Truncate;
        rules = rules.add_rule(PathBeneath::new(place, access))?;
    }
    for device in DEVICES {
        let Ok(place) = PathFd::new(device) else { continue };
        let access = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::IoctlDev;
        rules = rules.add_rule(PathBeneath::new(place, access))?;
    }
    Ok(rules)
}
