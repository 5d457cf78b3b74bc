//! `husk run -- COMMAND`: captures while a command runs, with the keys of its TLS connections.

use std::fs::{self, File};
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use super::{live, open};
use crate::bytes::escape;
use crate::capture::live::{Live, Settings, Tap, embed};
use crate::confine;
use crate::report::table::counted;
use crate::tui;

/// How long packets of a command may still come after it ended: the last segments of its connections.
const AFTERGLOW: Duration = Duration::from_millis(300);

/// How often the command is looked after.
const LOOK: Duration = Duration::from_millis(20);

/// Capture while a command runs, and open what was captured.
#[derive(Args)]
pub(super) struct Run {
    /// Capture on this interface instead of all; may be given several times.
    #[arg(short, long, value_name = "IFACE", default_value = "any")]
    interface: Vec<String>,
    /// Capture only what passes this kernel filter, in libpcap's language.
    #[arg(short = 'f', long, value_name = "FILTER")]
    kernel_filter: Option<String>,
    /// Keep what was captured in this file (pcapng), with the keys of TLS connections in it.
    #[arg(short, long, value_name = "FILE")]
    write: Option<PathBuf>,
    #[command(flatten)]
    printing: super::Printing,
    /// The command and its arguments.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

/// What is made before the privileges are given up.
struct Ready {
    command: Child,
    /// Where the command writes its keys.
    keys: File,
    kept: Option<File>,
}

impl Run {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let filter = self.kernel_filter.clone();
        let taps = self.interface.iter().map(|name| Tap { name: name.clone(), filter: filter.clone() }).collect();
        let mut settings = Settings::new(taps);
        settings.promiscuous = false; // the command's packets come to this machine anyway
        let words: Vec<_> = self.command.iter().map(|word| escape(word)).collect();
        settings.comments.push(format!("captured while this ran: {}", words.join(" ")));
        tui::prepare()?;
        eprintln!("husk: {}", whose());
        let keys = Keys::new()?;
        settings.remove = Some(keys.path.clone());
        let interrupted = live::on_interrupt()?;
        let begun = live::begin_with(&settings, || self.ready(&keys));
        let (live, source, mut ready) = begun.inspect_err(|_| keys.remove())?;
        let mut ended = None;
        while ended.is_none() {
            std::thread::sleep(LOOK);
            ended = ready.command.try_wait().context("waiting for the command")?;
            if !live.is_running() || (interrupted.load(Ordering::Acquire) && ended.is_none()) {
                break; // the terminal has interrupted the command too; one that goes on is not waited for
            }
        }
        std::thread::sleep(AFTERGLOW);
        live.stop();
        while live.is_running() {
            std::thread::sleep(LOOK);
        }
        let name = self.command.first().map_or("", String::as_str);
        eprintln!("husk: {} {}", escape(name), ended.map_or_else(|| "goes on".to_owned(), explained));
        let mut rows = Vec::new();
        ready.keys.read_to_end(&mut rows)?;
        Run::keep(&live, ready.kept, &source, &rows)?;
        live::finish(&live, &settings)?;
        open::present(source, &settings.title(), None, self.printing.format())
    }

    /// Opens the file to keep and starts the command, as whoever called husk.
    fn ready(&self, keys: &Keys) -> anyhow::Result<Ready> {
        let kept = self.write.as_deref().map(create).transpose()?;
        let (name, arguments) = self.command.split_first().context("no command was given")?;
        let mut command = Command::new(name);
        command.args(arguments).env("SSLKEYLOGFILE", &keys.path);
        if let Some((user, group)) = confine::invoker() {
            command.uid(user).gid(group);
        }
        let command = command.spawn().with_context(|| format!("{} cannot be started", escape(name)))?;
        Ok(Ready { command, keys: File::open(&keys.path)?, kept })
    }

    fn keep(live: &Live, kept: Option<File>, source: &crate::capture::Source, rows: &[u8]) -> anyhow::Result<()> {
        let count = rows.split(|byte| *byte == b'\n').filter(|row| !row.is_empty() && !row.starts_with(b"#")).count();
        eprintln!("husk: {} of TLS connections written by it", counted(count as u64, "key"));
        let Some(mut kept) = kept else { return Ok(()) };
        let length = source.size().unwrap_or(0);
        embed(&source.fetch(), length, rows, &mut kept)
            .with_context(|| format!("the packets could not be kept; they are in {}", live.path().display()))?;
        Ok(())
    }
}

/// The file that the command writes its keys to.
struct Keys {
    path: PathBuf,
}

impl Keys {
    /// Makes it, for whoever called husk.
    fn new() -> anyhow::Result<Keys> {
        let (file, path) = tempfile::Builder::new().prefix("husk-keys-").tempfile()?.keep()?;
        give(&file)?;
        Ok(Keys { path })
    }

    /// Removes it when nothing came of the run; else the broker does.
    fn remove(&self) {
        let _ = fs::remove_file(&self.path); // it lies in the folder for temporary files
    }
}

/// Makes a file that only its owner may read: whoever called husk.
fn create(path: &Path) -> anyhow::Result<File> {
    let file = File::options().read(true).write(true).create(true).truncate(true).mode(0o600).open(path);
    let file = file.with_context(|| escape(&path.display().to_string()).into_owned())?;
    give(&file)?;
    Ok(file)
}

/// Under sudo a file belongs to the user who called it.
fn give(file: &File) -> std::io::Result<()> {
    match confine::invoker() {
        Some((user, group)) => std::os::unix::fs::fchown(file, Some(user), Some(group)),
        None => Ok(()),
    }
}

/// Whose packets are captured, in words: what the system can tell.
fn whose() -> &'static str {
    if has_own_network() {
        return "everything in this network namespace is captured: what the command sends, and whatever else lives in it";
    }
    "everything on these interfaces is captured, not only what the command sends: no packet says whose it is"
}

/// Whether husk, and so the command, is in a network namespace that is not the machine's: one with a name, or another
/// than that of the process that started it, or of the first one.
fn has_own_network() -> bool {
    let Ok(own) = fs::metadata("/proc/self/ns/net").map(|about| about.ino()) else { return false };
    let named = fs::read_dir("/run/netns").into_iter().flatten().flatten();
    let parent = std::os::unix::process::parent_id();
    let others = ["1".to_owned(), parent.to_string()];
    named.into_iter().any(|entry| fs::metadata(entry.path()).is_ok_and(|about| about.ino() == own))
        || others
            .iter()
            .any(|process| fs::metadata(format!("/proc/{process}/ns/net")).is_ok_and(|about| about.ino() != own))
}

/// How a command ended, in words.
fn explained(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(0), _) => "ended well (exit code 0)".to_owned(),
        (Some(code), _) => format!("ended with exit code {code}, which is its way to say that something was wrong"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}
