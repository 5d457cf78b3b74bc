//! `husk run -- COMMAND`: captures while a command runs, with the keys of its TLS connections.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read as _, Seek as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;

use super::{live, open, tell};
use crate::bytes::escape;
use crate::capture::live::{Embedded, KEY_LOG_VARIABLE, Live, Settings, Tap, embed};
use crate::capture::{Options, Source};
use crate::confine;
use crate::report::table::counted;
use crate::trace::Pass;
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
    /// Where packets and keys come together: the file to keep, or one without a name.
    kept: File,
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
        let whose = Whose::told_by_the_system();
        tell(&format!("husk: {}", whose.words()));
        let keys = Keys::new()?;
        settings.key_log = Some(keys.path.clone());
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
        tell(&format!("husk: {} {}", escape(name), ended.map_or_else(|| "goes on".to_owned(), explained)));
        let mut rows = Vec::new();
        ready.keys.read_to_end(&mut rows)?;
        let others = if whose == Whose::Owners { Others::in_the(&source, &live)? } else { Others::default() };
        others.tell();
        Run::keep(&live, &mut ready.kept, &source, &rows, &others)?;
        live::finish(&live, &settings)?;
        let kept = Source::from_file(ready.kept, settings.title(), Options::default())?;
        open::present(kept, &settings.title(), None, self.printing.format())
    }

    /// Opens the file to keep and starts the command, as whoever called husk.
    fn ready(&self, keys: &Keys) -> anyhow::Result<Ready> {
        let kept = match &self.write {
            Some(path) => create(path)?,
            None => tempfile::tempfile()?,
        };
        let (name, arguments) = self.command.split_first().context("no command was given")?;
        let mut command = Command::new(name);
        command.args(arguments).env(KEY_LOG_VARIABLE, &keys.path);
        if let Some((user, group)) = confine::invoker() {
            command.uid(user).gid(group);
        }
        let command = command.spawn().with_context(|| format!("{} cannot be started", escape(name)))?;
        Ok(Ready { command, keys: File::open(&keys.path)?, kept })
    }

    /// Puts packets and keys together.
    fn keep(live: &Live, kept: &mut File, source: &Source, rows: &[u8], others: &Others) -> anyhow::Result<()> {
        let count = rows.split(|byte| *byte == b'\n').filter(|row| !row.is_empty() && !row.starts_with(b"#")).count();
        tell(&format!("husk: {} of TLS connections written by it", counted(count as u64, "key")));
        let length = source.size().unwrap_or(0);
        let comment = others.words();
        let what = Embedded { keys: rows, left_out: &others.packets, comment: comment.as_deref() };
        embed(&source.fetch(), length, &what, kept)
            .and_then(|()| kept.rewind())
            .with_context(|| format!("the packets could not be kept; they are in {}", live.path().display()))
    }
}

/// The packets of other programs.
#[derive(Default)]
struct Others {
    /// Where their data begin, in order.
    packets: Vec<u64>,
    /// Their programs.
    names: BTreeSet<String>,
}

impl Others {
    /// Those of flows of which a socket's owner is known, and none of them is the command.
    fn in_the(source: &Source, live: &Live) -> anyhow::Result<Others> {
        let trace = Pass::new(source.again()?).run();
        let ours = live.of_the_command();
        let mut others = Others::default();
        let mut left_out = vec![false; trace.flows().all().len()];
        for (number, left_out) in (0u32..).zip(&mut left_out) {
            let owners: Vec<_> = trace.owners(number).into_iter().flatten().collect();
            *left_out = !owners.is_empty() && owners.iter().all(|process| !ours.contains(&process.id));
            if *left_out {
                others.names.extend(owners.iter().map(|process| escape(&process.name).into_owned()));
            }
        }
        let rows = trace.rows().filter(|row| left_out.get(row.flow as usize) == Some(&true));
        others.packets = rows.map(|row| row.position).collect();
        Ok(others)
    }

    fn words(&self) -> Option<String> {
        let count = self.packets.len() as u64;
        let names: Vec<&str> = self.names.iter().map(String::as_str).collect();
        (count > 0).then(|| format!("{} of other programs left out: {}", counted(count, "packet"), names.join(", ")))
    }

    fn tell(&self) {
        if let Some(words) = self.words() {
            tell(&format!("husk: {words}"));
        }
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

/// By what the packets of the command are told from others: what the system can tell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    /// The command is in a network namespace that is not the machine's.
    Namespace,
    /// By the owners of sockets.
    Owners,
}

impl Whose {
    fn told_by_the_system() -> Whose {
        if has_own_network() { Whose::Namespace } else { Whose::Owners }
    }

    const fn words(self) -> &'static str {
        match self {
            Whose::Namespace => {
                "everything in this network namespace is captured: what the command sends, and whatever else lives in it"
            }
            Whose::Owners => {
                "packets of programs that are known to own their sockets and are not the command's are left out at the \
                 end; the rest stays: the command's, and those of nobody who is known"
            }
        }
    }
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
