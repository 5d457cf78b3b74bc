//! `husk doctor`: what live capture needs on this machine, how to mend what is missing, and what protects it.

use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::process::Command;

use clap::Args;

use crate::bytes::escape;
use crate::capture::interfaces;
use crate::capture::live::{LiveError, Opened, Settings, setcap, spool_folder};
use crate::confine::{self, Needs};
use crate::report::Out;
use crate::report::table::counted;

/// What is there and what is missing.
#[derive(Args)]
pub(super) struct Doctor {}

impl Doctor {
    #[allow(clippy::unused_self)] // a command as the others are, without options
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let mut out = Out::new();
        privilege(&mut out)?;
        place(&mut out)?;
        protection(&mut out)?;
        Ok(out.flush()?)
    }
}

/// Whether packets can be captured.
fn privilege(out: &mut Out) -> io::Result<()> {
    let devices = interfaces::list().unwrap_or_default();
    out.line(&format!("interfaces    {}; `husk interfaces` lists them", counted(devices.len() as u64, "interface")))?;
    let settings = Settings { promiscuous: false, buffer: 1 << 20, ..Settings::on("any") };
    match Opened::open(&settings) {
        Ok(_) => out.line("capturing     allowed"),
        Err(LiveError::NoPrivilege { .. }) => {
            out.line("capturing     not allowed. Give husk the privilege once, to every user of this machine:")?;
            out.line(&format!("                sudo {}", setcap()))?;
            out.line("              or start it with sudo: it gives the privilege up before it reads a packet.")?;
            out.line("              (A file system that is mounted nosuid gives none: then install husk elsewhere.)")
        }
        Err(other) => out.line(&format!("capturing     fails: {}", escape(&other.to_string()))),
    }?;
    let whose = if rustix::process::geteuid().is_root() { "every user" } else { "your own; of others only as root" };
    out.line(&format!("processes     the owners of sockets are told for {whose}"))
}

/// Where packets lie while they are captured.
fn place(out: &mut Out) -> io::Result<()> {
    let folder = spool_folder();
    let name = folder.display().to_string();
    out.line(&format!("spool         {}", escape(&name)))?;
    let Ok(entries) = std::fs::read_dir(&folder) else { return Ok(()) };
    let left: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    if left.is_empty() {
        return Ok(());
    }
    out.line("              captures that go on, or were killed; open them, or remove them:")?;
    left.iter().try_for_each(|path| out.line(&format!("                {}", escape(&path.display().to_string()))))
}

/// What protects the machine, seen by trying.
fn protection(out: &mut Out) -> io::Result<()> {
    let muted = UdpSocket::bind("127.0.0.1:0")?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let target = listener.local_addr()?;
    let now = confine::give_up(&[], false);
    let protection = confine::enter(&Needs { mute: vec![muted.as_raw_fd()], ..Needs::default() });
    out.line(&format!(
        "protection    {}, while packets are read",
        now.map_or_else(|error| format!("privileges stay: {error}"), |now| format!("husk is {now}"))
    ))?;
    out.line(&format!("              {protection}"))?;
    for (what, refused) in [
        ("opening a file", std::fs::File::open("/etc/passwd").is_err()),
        ("making a file", std::fs::File::create("/tmp/husk-doctor").is_err()),
        ("starting a program", Command::new("/bin/true").status().is_err()),
        ("opening a socket", UdpSocket::bind("127.0.0.1:0").is_err()),
        ("connecting", std::net::TcpStream::connect(target).is_err()),
        ("sending on a socket that captures", rustix::io::write(&muted, b"x").is_err_and(|e| e == refusal())),
        ("capturing anew", Opened::open(&Settings::on("lo")).is_err()),
    ] {
        let word = if refused { "refused" } else { "possible" };
        out.line(&format!("              {word}: {what}"))?;
    }
    Ok(())
}

/// What the filter of system calls answers.
fn refusal() -> rustix::io::Errno {
    rustix::io::Errno::PERM
}
