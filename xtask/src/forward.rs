//! The commands for databases, which `datajoint-cli` has: this crate stays quick to build.

use std::process::{Command, ExitCode};

use clap::Args;

/// What is passed on.
#[derive(Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Rest {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Rest {
    /// Runs a command of `datajoint-cli`.
    #[expect(clippy::print_stderr, reason = "these commands speak to a person")]
    pub(crate) fn run(&self, command: &str) -> ExitCode {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["run", "--quiet", "--package", "datajoint-cli", "--", command]).args(&self.arguments);
        match cargo.status() {
            Ok(status) => u8::try_from(status.code().unwrap_or(1)).map_or(ExitCode::FAILURE, ExitCode::from),
            Err(error) => {
                eprintln!("error: cargo can't run: {error}");
                ExitCode::FAILURE
            }
        }
    }
}
