//! Says once that capturing other people's packets may need their consent. That it was said is kept as an empty file,
//! `~/.local/state/husk/consent` (`$XDG_STATE_HOME/husk/consent` where that is set).

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use crate::capture::live::Settings;

/// What is said.
pub(super) const WARNING: &str = "this captures packets of other people, too, if they come by here. To read what others \
     send may need their consent, or be forbidden where you are. -p leaves their packets out. (This is said once.)";

/// Whether packets of others are asked for.
pub(super) fn concerns(settings: &Settings) -> bool {
    settings.promiscuous && settings.taps.iter().any(|tap| tap.name != "any" && tap.name != "lo")
}

/// Whether it is still to be said. From here on it was.
pub(super) fn is_due(settings: &Settings) -> bool {
    let Some(marker) = marker().filter(|_| concerns(settings)) else { return concerns(settings) };
    if marker.exists() {
        return false;
    }
    let _ = keep(&marker); // where it cannot be kept it is said again
    true
}

fn marker() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    let state = folders.state_dir().unwrap_or_else(|| folders.data_dir());
    Some(state.join("husk").join("consent"))
}

/// Makes the file and the folders that lead to it. Under `sudo` they belong to whom the home folder belongs.
fn keep(marker: &Path) -> io::Result<()> {
    let missing: Vec<&Path> = marker.ancestors().skip(1).take_while(|folder| !folder.exists()).collect();
    let home = missing.last().copied().or(marker.parent()).and_then(Path::parent);
    let owner = fs::metadata(home.unwrap_or(Path::new("/")))?;
    for folder in missing.iter().rev() {
        fs::create_dir(folder)?;
        chown(folder, Some(owner.uid()), Some(owner.gid()))?;
    }
    File::create(marker)?;
    chown(marker, Some(owner.uid()), Some(owner.gid()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_are_made_and_belong_to_the_same_user() {
        let place = tempfile::tempdir().expect("a folder");
        let marker = place.path().join("state/husk/consent");
        keep(&marker).expect("made");
        let owner = fs::metadata(place.path()).expect("there").uid();
        assert_eq!(fs::metadata(&marker).expect("there").uid(), owner);
        keep(&marker).expect("again");
    }

    #[test]
    fn only_packets_of_others_need_it() {
        assert!(concerns(&Settings::on("eth0")));
        assert!(!concerns(&Settings::on("any")) && !concerns(&Settings::on("lo")));
        assert!(!concerns(&Settings { promiscuous: false, ..Settings::on("eth0") }));
    }
}
