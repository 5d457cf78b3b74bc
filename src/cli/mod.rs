//! Arguments, and one file a command.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod fields;

#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print fields of each packet, tab-separated.
    Fields {
        /// The capture file.
        file: PathBuf,
        /// A field to print; may be given several times.
        #[arg(short = 'e')]
        fields: Vec<String>,
    },
}

/// Runs the command line.
pub fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Fields { file, fields } => fields::run(&file, &fields),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("husk: {error:#}");
            ExitCode::from(2)
        }
    }
}
