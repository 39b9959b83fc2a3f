//! The commands for databases, which `datajoint-cli` has: this crate stays quick to build.

use std::process::{Command, ExitCode};

/// Runs a command of `datajoint-cli`.
#[expect(clippy::print_stderr, reason = "these commands speak to a person")]
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["run", "--quiet", "--package", "datajoint-cli", "--"]).args(arguments);
    match cargo.status() {
        Ok(status) => u8::try_from(status.code().unwrap_or(1)).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("error: cargo can't run: {error}");
            ExitCode::FAILURE
        }
    }
}
