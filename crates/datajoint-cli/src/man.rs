//! Pages of the manual.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::{Outcome, text};

/// Writes a page of the manual for each command into a folder.
#[derive(Args)]
#[command(after_help = "Example:\n  dj man ~/.local/share/man/man1 && man dj-deploy")]
pub(crate) struct Man {
    /// The folder, which is there already.
    folder: PathBuf,
}

impl Man {
    pub(crate) fn run(&self, command: &clap::Command) -> Outcome {
        clap_mangen::generate_to(command.clone(), &self.folder).map_err(text)?;
        Ok(ExitCode::SUCCESS)
    }
}
