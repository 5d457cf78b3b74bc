//! The files that packets are written to: the spool, a file that stays, or a ring of files.
//!
//! Nobody else may read them (mode 0600). The spool has a name, so that it is still there when husk was killed; it is
//! removed at the end of a capture that ended as it should.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::Zoned;

use super::{Keep, Ring, Settings};

/// The variable by which programs are told where to write the keys of their TLS connections.
pub const KEY_LOG_VARIABLE: &str = "SSLKEYLOGFILE";

/// The next file to write to.
#[derive(Debug)]
pub(super) struct Next {
    /// It, open for reading and writing, and empty.
    pub(super) file: File,
    /// Where it lies.
    pub(super) path: PathBuf,
    /// Whether the oldest of the ring was deleted for it.
    pub(super) deleted: bool,
}

/// Makes the files of one capture, one after another.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    keep: Option<Keep>,
    /// Folder and first word of the spool's name; empty for the usual folder of whoever makes the files.
    folder: PathBuf,
    stem: String,
    /// The key log of the command that runs meanwhile: it goes at the end.
    key_log: Option<PathBuf>,
    made: u32,
    held: VecDeque<PathBuf>,
}

impl Files {
    /// For a capture with these settings.
    pub(super) fn new(settings: &Settings) -> Files {
        let names: Vec<&str> = settings.taps.iter().map(|tap| tap.name.as_str()).collect();
        let stem = names.join("+").replace(|c: char| !c.is_ascii_alphanumeric() && !"+-_.".contains(c), "_");
        let folder = settings.spool.clone().unwrap_or_default();
        Files {
            keep: settings.keep.clone(),
            folder,
            stem,
            key_log: settings.key_log.clone(),
            made: 0,
            held: VecDeque::new(),
        }
    }

    /// What is written to, for people.
    pub(super) fn name(&self) -> String {
        self.keep.as_ref().map_or_else(|| self.spool(), |keep| keep.path.clone()).display().to_string()
    }

    /// What the environment of the command has, and of all that it starts: where keys are written to.
    pub(crate) fn marker(&self) -> Option<Vec<u8>> {
        let path = self.key_log.as_ref()?;
        Some([KEY_LOG_VARIABLE.as_bytes(), b"=", path.as_os_str().as_bytes()].concat())
    }

    /// The folder of the file that goes at the end.
    pub(crate) fn folder_to_clear(&self) -> Option<PathBuf> {
        Some(self.key_log.as_ref()?.parent()?.to_owned())
    }

    /// The folder in which files are made and deleted.
    pub(crate) fn folder(&self) -> PathBuf {
        match &self.keep {
            None => self.spool(),
            Some(keep) => match keep.path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
                _ => PathBuf::from("."),
            },
        }
    }

    /// Makes the folder that files are made in, if it is husk's to make.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        if self.keep.is_none() { private(&self.spool()) } else { Ok(()) }
    }

    /// What another process needs to make the same files: six words.
    pub(super) fn words(&self) -> [OsString; 6] {
        let keep = self.keep.as_ref();
        let ring = keep.map(|keep| keep.ring).filter(Ring::turns);
        let files = ring.and_then(|ring| ring.files).unwrap_or(0);
        let path = keep.map(|keep| keep.path.clone().into_os_string()).unwrap_or_default();
        let several = if ring.is_some() { "ring" } else { "one" };
        let key_log = self.key_log.clone().unwrap_or_default();
        let (folder, stem) = (self.folder.clone(), self.stem.clone());
        [path, several.into(), files.to_string().into(), folder.into(), stem.into(), key_log.into()]
    }

    /// Understands those words.
    pub(super) fn from_words(words: &[OsString]) -> Option<Files> {
        let [path, several, files, folder, stem, key_log] = words else { return None };
        let turning = Ring { packets: (several == "ring").then_some(1), ..Ring::default() };
        let ring = Ring { files: files.to_str()?.parse().ok().filter(|files| *files > 0), ..turning };
        let keep = (!path.is_empty()).then(|| Keep { path: path.into(), ring });
        let stem = stem.to_str()?.to_owned();
        let key_log = (!key_log.is_empty()).then(|| key_log.into());
        Some(Files { keep, folder: folder.into(), stem, key_log, made: 0, held: VecDeque::new() })
    }

    /// Makes the next file, and deletes the oldest when there are too many.
    pub(super) fn next(&mut self) -> io::Result<Next> {
        let mut options = File::options();
        options.read(true).write(true).mode(0o600);
        let path = match &self.keep {
            Some(keep) if keep.ring.turns() => numbered(&keep.path, self.made + 1),
            Some(keep) => keep.path.clone(),
            None => {
                let folder = self.spool();
                private(&folder)?;
                folder.join(self.spool_name())
            }
        };
        // What is to stay may replace a file; a spool never does.
        let file = match self.keep {
            Some(_) => options.create(true).truncate(true).open(&path)?,
            None => options.create_new(true).open(&path)?,
        };
        self.made += 1;
        self.held.push_back(path.clone());
        let most = self.keep.as_ref().and_then(|keep| keep.ring.files).unwrap_or(u32::MAX);
        let deleted = self.held.len() as u64 > u64::from(most.max(1));
        if let Some(oldest) = if deleted { self.held.pop_front() } else { None } {
            fs::remove_file(oldest)?;
        }
        Ok(Next { file, path, deleted })
    }

    /// The capture ended as it should: the spool is not needed any more.
    pub(super) fn done(&mut self) -> io::Result<()> {
        if let Some(path) = self.key_log.take() {
            fs::remove_file(path)?;
        }
        if self.keep.is_some() {
            return Ok(());
        }
        self.held.drain(..).try_for_each(fs::remove_file)
    }

    fn spool(&self) -> PathBuf {
        if self.folder.as_os_str().is_empty() { spool_folder() } else { self.folder.clone() }
    }

    fn spool_name(&self) -> String {
        static NUMBER: AtomicU32 = AtomicU32::new(1); // a process may capture several times in a second
        let (now, process) = (Zoned::now(), std::process::id());
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        format!("{}-{}-{process}.{number}.pcapng", self.stem, now.strftime("%Y%m%d-%H%M%S"))
    }
}

/// Where spools lie: a folder that only this user can look into. What is there belongs to captures that run, or were
/// killed.
pub fn spool_folder() -> PathBuf {
    PathBuf::from(format!("/var/tmp/husk-{}", rustix::process::getuid().as_raw()))
}

/// Makes a folder that only this user can look into, or makes sure that it is one.
fn private(folder: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    let about = fs::symlink_metadata(folder)?;
    let ours =
        about.is_dir() && about.uid() == rustix::process::geteuid().as_raw() && about.mode().trailing_zeros() >= 6;
    if ours {
        return Ok(());
    }
    let words = "the folder is not yours alone (its owner, or its mode); name another with --spool";
    Err(io::Error::new(io::ErrorKind::PermissionDenied, words))
}

/// `trace.pcapng` → `trace_00001_20261124150203.pcapng`, as dumpcap names the files of a ring.
fn numbered(path: &Path, number: u32) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map_or_else(String::new, |ending| format!(".{}", ending.to_string_lossy()));
    path.with_file_name(format!("{stem}_{number:05}_{}{ending}", Zoned::now().strftime("%Y%m%d%H%M%S")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("a folder");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_ring_keeps_so_many_files_and_names_them_as_dumpcap_does() {
        let place = tempfile::tempdir().expect("a folder");
        let ring = Ring { packets: Some(1), files: Some(2), ..Ring::default() };
        let keep = Some(Keep { path: place.path().join("trace.pcapng"), ring });
        let mut files = Files::new(&Settings { keep, ..Settings::on("lo") });
        let deleted: Vec<bool> = (0..3).map(|_| files.next().expect("a file").deleted).collect();
        assert_eq!(deleted, [false, false, true]);
        files.done().expect("kept");
        let names = names(place.path());
        assert_eq!(names.len(), 2);
        assert!(names[0].starts_with("trace_00002_") && names[1].starts_with("trace_00003_"), "{names:?}");
        assert_eq!(names[0].len(), "trace_00002_20261124150203.pcapng".len());
    }

    #[test]
    fn another_process_makes_the_same_files() {
        let ring = Ring { bytes: Some(9), files: Some(2), ..Ring::default() };
        let keep = |ring| Some(Keep { path: "a b/c.pcapng".into(), ring });
        for (keep, several) in [(None, false), (keep(Ring::default()), false), (keep(ring), true)] {
            let files = Files::new(&Settings { keep, spool: Some("spool".into()), ..Settings::on("lo") });
            let other = Files::from_words(&files.words()).expect("understood");
            assert_eq!((other.name(), other.folder()), (files.name(), files.folder()));
            let ring = other.keep.as_ref().map(|keep| keep.ring).unwrap_or_default();
            assert_eq!((ring.turns(), ring.files), (several, several.then_some(2)));
        }
        assert!(Files::from_words(&["one".into()]).is_none());
    }

    #[test]
    fn the_spool_is_private_and_goes_at_the_end() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("spool");
        let mut files = Files::new(&Settings { spool: Some(folder.clone()), ..Settings::on("eth0/..") });
        let path = files.next().expect("a file").path;
        let mode = |path: &Path| fs::metadata(path).expect("there").mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert!(names(&folder)[0].starts_with("eth0_..-"), "{:?}", names(&folder));
        assert_eq!(mode(&path), 0o600);
        files.done().expect("removed");
        assert_eq!(names(&folder), Vec::<String>::new());
        fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("ours");
        assert!(files.next().expect_err("open to all").to_string().contains("--spool"));
    }
}
