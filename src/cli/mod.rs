//! Arguments, and one file a command.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::bytes::escape;
use crate::report::Format;

mod assert;
#[cfg(all(feature = "live", target_os = "linux"))]
mod broker;
mod demo;
mod explain;
#[cfg(all(feature = "live", target_os = "linux"))]
mod doctor;
mod exposure;
mod fields;
mod flows;
mod follow;
mod input;
#[cfg(all(feature = "live", unix))]
mod interfaces;
mod journey;
mod lanes;
mod list;
#[cfg(all(feature = "live", unix))]
mod live;
mod leaks;
mod messages;
mod names;
mod neighbours;
mod number;
mod observing;
mod open;
mod report;
#[cfg(all(feature = "live", target_os = "linux"))]
mod run;
mod show;
mod units;

/// Packet capture and layered dissector that shows, for every byte, who can read it.
///
/// Exit codes: 0 done (also with a warning for a damaged capture), 1 `assert` does not hold, 2 wrong usage or nothing could be read.
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    open: open::Open,
}

#[derive(Subcommand)]
enum Command {
    /// Print one line for each packet.
    List(list::List),
    /// Print one line for each message: TLS records and handshakes, DNS, HTTP.
    Messages(messages::Messages),
    /// Show one packet in full: its layers, and every byte with its class.
    Show(show::Show),
    /// Print one line for each flow.
    Flows(flows::Flows),
    /// Print what was said in a flow: as text, as hexadecimal digits, or the bytes themselves.
    Follow(follow::Follow),
    /// Show what carried a message (segments, IP packets, frames), and what messages a packet carried.
    Units(units::Units),
    /// Show a flow packet by packet: who sent what when, and what the numbers tell of the network.
    Lanes(lanes::Lanes),
    /// Show a TLS session: what the client offered, what the server chose, certificate, fingerprints.
    Session(lanes::Session),
    /// Show what happened on the way to each site: names, connections, keys, bursts.
    Journey(journey::Journey),
    /// Print questions for names and their answers, and where names led.
    Names(names::Names),
    /// Print who is on the link, and who forwards for others.
    Neighbours(neighbours::Neighbours),
    /// Print the dictionary of fields, or fields of each packet.
    Fields(fields::Fields),
    /// Explain a field or a protocol in plain words: what it is, who sees it, what would hide it.
    Explain(explain::Explain),
    /// Open the capture that is part of the program.
    Demo(demo::Demo),
    /// List the interfaces that packets can be captured on.
    #[cfg(all(feature = "live", unix))]
    Interfaces(interfaces::Interfaces),
    /// Write one page for a browser that tells what a capture gives away, to somebody who never saw a packet.
    Report(report::Report),
    /// Check that something holds of a capture: display filters over all of it. Exit code 1 if not.
    Assert(assert::Assert),
    /// Capture while a command runs, with the keys of its TLS connections, and open what was captured.
    #[cfg(all(feature = "live", target_os = "linux"))]
    Run(run::Run),
    /// Say what live capture needs on this machine, how to mend what is missing, and what protects it.
    #[cfg(all(feature = "live", target_os = "linux"))]
    Doctor(doctor::Doctor),
    #[cfg(all(feature = "live", target_os = "linux"))]
    #[command(name = crate::capture::live::broker::COMMAND, hide = true)]
    Broker(broker::Broker),
    /// Tell what somebody learns from the capture, in plain sentences, each with its evidence.
    Leaks(leaks::LeaksOf),
    /// Count the bytes that can be read and those that cannot: in all, by flow, host and name.
    Exposure(exposure::Exposure),
}

/// How data are printed.
#[derive(Args, Clone, Copy)]
struct Printing {
    /// Print JSON, one object a line.
    #[arg(long)]
    json: bool,
}

impl Printing {
    fn format(self) -> Format {
        if self.json { Format::Json } else { Format::Text }
    }
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    let result = match &arguments.command {
        None => arguments.open.run(),
        Some(Command::List(command)) => command.run(),
        Some(Command::Messages(command)) => command.run(),
        Some(Command::Show(command)) => command.run(),
        Some(Command::Flows(command)) => command.run(),
        Some(Command::Follow(command)) => command.run(),
        Some(Command::Units(command)) => command.run(),
        Some(Command::Lanes(command)) => command.run(),
        Some(Command::Session(command)) => command.run(),
        Some(Command::Journey(command)) => command.run(),
        Some(Command::Names(command)) => command.run(),
        Some(Command::Neighbours(command)) => command.run(),
        Some(Command::Fields(command)) => command.run(),
        Some(Command::Explain(command)) => command.run(),
        Some(Command::Demo(command)) => command.run(),
        #[cfg(all(feature = "live", unix))]
        Some(Command::Interfaces(command)) => command.run(),
        Some(Command::Report(command)) => command.run(),
        Some(Command::Assert(command)) => command.run(),
        #[cfg(all(feature = "live", target_os = "linux"))]
        Some(Command::Run(command)) => command.run(),
        #[cfg(all(feature = "live", target_os = "linux"))]
        Some(Command::Doctor(command)) => command.run(),
        #[cfg(all(feature = "live", target_os = "linux"))]
        Some(Command::Broker(command)) => command.run(),
        Some(Command::Leaks(command)) => command.run(),
        Some(Command::Exposure(command)) => command.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) if error.is::<assert::DoesNotHold>() => ExitCode::from(1),
        Err(error) => {
            tell(&format!("husk: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Says something on standard error. If that cannot be written to either, there is nobody left to tell.
fn tell(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Help where it was asked for; else what is wrong with the arguments. They may be names of files that somebody else
/// chose, put there by a shell: they are escaped.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let printed = error.print();
        return if printed.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(2) };
    }
    let told = error.to_string();
    let lines: Vec<_> = told.trim_end().lines().map(escape).collect();
    tell(&lines.join("\n"));
    ExitCode::from(2)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let io = error.chain().find_map(|cause| cause.downcast_ref::<std::io::Error>());
    io.is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
}
