//! The commands for databases, which `datajoint-cli` has: this crate stays quick to build.

use std::process::ExitCode;

use crate::cargo::cargo;

/// Runs a command of `datajoint-cli`.
#[expect(clippy::print_stderr, reason = "these commands speak to a person")]
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "datajoint-cli", "--"]).args(arguments);
    match command.status() {
        Ok(status) => u8::try_from(status.code().unwrap_or(1)).map_or(ExitCode::FAILURE, ExitCode::from),
        Err(error) => {
            eprintln!("error: cargo can't run: {error}");
            ExitCode::FAILURE
        }
    }
}
