//! What shells complete.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;
use clap_complete::Shell;

use crate::output::written;

/// Prints what a shell needs to complete these commands.
#[derive(Args)]
#[command(after_help = "Example:\n  dj completions bash > ~/.local/share/bash-completion/completions/dj")]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, command: &mut clap::Command) -> ExitCode {
        let name = command.get_name().to_owned();
        let mut script = Vec::new();
        clap_complete::generate(self.shell, command, name, &mut script);
        written(std::io::stdout().write_all(&script));
        ExitCode::SUCCESS
    }
}
