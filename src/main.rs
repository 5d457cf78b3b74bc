//! Parse arguments, run one command, print an error once, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    husk::cli::main()
}
