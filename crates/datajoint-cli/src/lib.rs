//! The commands for DataJoint databases, as a library.
//!
//! A project gives them its own tables, so that they know what should be in the database:
//!
//! ```no_run
//! use clap::Parser as _;
//! use datajoint::prelude::*;
//! use datajoint_cli::Cli;
//!
//! schema!("lab");
//!
//! #[table(Manual)]
//! /// session : int32
//! pub struct Session;
//!
//! pipeline! { pub struct Lab { Session } }
//!
//! fn main() -> std::process::ExitCode {
//!     Cli::parse().run(&<Lab as datajoint::Pipeline>::specs())
//! }
//! ```
//!
//! The settings are those of the process: environment, secrets and files, as [`datajoint::Settings::load`] has them.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "these commands speak to a person")]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use datajoint::codegen::TableSpec;
use datajoint::{Instance, Settings};

mod config;
mod confirm;
mod guard;
mod schemas;
mod verify;

/// The specs of the tables of a program.
pub type Tables<'a> = &'a [&'static TableSpec];

/// The versions of the schemas of a program: each as named in `schema!`, with its version.
pub type Versions = &'static [(&'static str, &'static str)];

/// What went wrong, as text.
type Outcome = Result<ExitCode, String>;

/// Settings, schemas, guards, and the check of a deployment.
#[derive(Parser)]
#[command(name = "datajoint", version, about)]
pub struct Cli {
    #[command(subcommand)]
    task: Task,
    #[arg(skip)]
    versions: Versions,
}

#[derive(Subcommand)]
enum Task {
    /// The settings as a program would have them.
    Config(config::Config),
    /// The schemas of the database.
    Schemas(schemas::Schemas),
    /// The environments that schemas are stamped with.
    Guard(guard::Guard),
    /// Checks a deployment: settings, secrets, server, privileges, tables.
    Verify(verify::Verify),
}

impl Cli {
    /// Says which versions of its schemas the program is for, so that `verify` compares them with the database.
    #[must_use]
    pub fn versions(mut self, versions: Versions) -> Self {
        self.versions = versions;
        self
    }

    /// Runs the command, with the tables of the program that it belongs to.
    ///
    /// The exit status is 0 when all is well, and 1 when something failed or was found amiss.
    pub fn run(&self, tables: Tables<'_>) -> ExitCode {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let outcome = match (&self.task, runtime) {
            (_, Err(error)) => Err(format!("no runtime: {error}")),
            (Task::Config(task), _) => task.run(),
            (Task::Schemas(task), Ok(runtime)) => runtime.block_on(task.run()),
            (Task::Guard(task), Ok(runtime)) => runtime.block_on(task.run()),
            (Task::Verify(task), Ok(runtime)) => runtime.block_on(task.run(tables, self.versions)),
        };
        outcome.unwrap_or_else(|message| {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        })
    }
}

/// A client with the settings of the process.
async fn connect() -> Result<Instance, String> {
    let settings = Settings::load().map_err(text)?;
    Instance::connect(settings).await.map_err(text)
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
