//! The commands for DataJoint databases, as a library.
//!
//! A project gives them its own pipeline, so that they know what should be in the database, and how it is populated:
//!
//! ```no_run
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
//!     Cli::parse().run::<Lab>()
//! }
//! ```
//!
//! The settings are those of the process: environment, secrets and files, as [`datajoint::Settings::load`] has them.
//! Results go to standard output, all else to standard error; `--json` gives one JSON document with a `version` and the
//! `command`. The exit status is 0 when all is well, 1 when something failed or was found amiss, and 2 when a plan has
//! changes, when rows are stale, or when the command itself was not understood.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use datajoint::codegen::TableSpec;
use datajoint::{Instance, Maker, Makers, Settings};

mod audit;
mod columns;
mod completions;
mod config;
mod confirm;
mod copy;
mod declare;
mod delete;
mod deploy;
mod describe;
mod diagram;
mod doctor;
mod erase;
mod explain;
mod fsck;
mod gc;
mod guard;
mod insert;
mod jobs;
mod man;
mod output;
mod populate;
mod pull;
mod query;
mod run;
mod schema;
mod schemas;
mod stale;
mod status;
mod trace;
mod unread;
mod update;
mod verify;
mod wording;

/// What the program that the commands belong to has.
#[derive(Default)]
pub(crate) struct Program {
    /// Its tables.
    tables: Vec<&'static TableSpec>,
    /// Those that fill themselves.
    makers: Vec<Maker>,
    /// The versions of its schemas.
    versions: Versions,
}

/// The versions of the schemas of a program: each as named in `schema!`, with its version.
pub type Versions = &'static [(&'static str, &'static str)];

/// What went wrong, as text.
pub(crate) type Outcome = Result<ExitCode, String>;

/// Works on DataJoint databases: looks at them, fills them, checks and configures them.
#[derive(Parser)]
#[command(
    name = "dj",
    version,
    after_help = "The settings are those of programs: `config explain` shows them, and where each comes from.\n\
                  Every command that shows something takes --json."
)]
pub struct Cli {
    #[command(subcommand)]
    task: Task,
    #[arg(skip)]
    versions: Versions,
}

#[derive(Subcommand)]
enum Task {
    Config(config::Config),
    Schema(schema::Schema),
    Schemas(schemas::Schemas),
    Describe(describe::Describe),
    Pull(pull::Pull),
    Diagram(diagram::Diagram),
    Status(status::Status),
    Query(query::Query),
    Trace(trace::Trace),
    Insert(insert::Insert),
    Update(update::Update),
    Delete(delete::Delete),
    Drop(delete::Drop),
    Erase(erase::Erase),
    Declare(declare::Declare),
    Populate(populate::Populate),
    Run(run::Run),
    Jobs(jobs::Jobs),
    Audit(audit::Audit),
    Stale(stale::Stale),
    Export(copy::Export),
    Import(copy::Import),
    Guard(guard::Guard),
    Verify(verify::Verify),
    Doctor(doctor::Doctor),
    Fsck(fsck::Fsck),
    Gc(gc::Gc),
    Deploy(deploy::Deploy),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Cli {
    /// Reads the command line; ends the process with help or an error when it is not understood.
    #[must_use]
    pub fn parse() -> Self {
        <Self as Parser>::parse()
    }

    /// Says which versions of its schemas the program is for, so that `verify` compares them with the database.
    #[must_use]
    pub fn versions(mut self, versions: Versions) -> Self {
        self.versions = versions;
        self
    }

    /// Runs the command, with the pipeline of the program that it belongs to.
    pub fn run<P: Makers>(self) -> ExitCode {
        let program = Program { tables: P::specs(), makers: P::makers(), versions: self.versions };
        self.run_with(&program)
    }

    /// Runs the command on whatever the database has.
    pub fn run_without_tables(self) -> ExitCode {
        self.run_with(&Program::default())
    }

    /// The commands, for help in another form.
    pub fn command() -> clap::Command {
        <Self as clap::CommandFactory>::command()
    }

    fn run_with(self, program: &Program) -> ExitCode {
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return fail(&format!("no runtime: {error}")),
        };
        output::status(runtime.block_on(self.task.run(program)).unwrap_or_else(|message| fail(&message)))
    }
}

impl Task {
    async fn run(self, program: &Program) -> Outcome {
        match self {
            Self::Config(task) => task.run(),
            Self::Schema(task) => task.run(program).await,
            Self::Schemas(task) => task.run().await,
            Self::Describe(task) => task.run().await,
            Self::Pull(task) => task.run().await,
            Self::Diagram(task) => task.run().await,
            Self::Status(task) => task.run(program).await,
            Self::Query(task) => task.run().await,
            Self::Trace(task) => task.run().await,
            Self::Insert(task) => task.run().await,
            Self::Update(task) => task.run().await,
            Self::Delete(task) => task.run().await,
            Self::Drop(task) => task.run().await,
            Self::Erase(task) => task.run().await,
            Self::Declare(task) => task.run(program).await,
            Self::Populate(task) => task.run(program).await,
            Self::Run(task) => task.run(program).await,
            Self::Jobs(task) => task.run(program).await,
            Self::Audit(task) => task.run(program).await,
            Self::Stale(task) => task.run(program).await,
            Self::Export(task) => task.run().await,
            Self::Import(task) => task.run().await,
            Self::Guard(task) => task.run().await,
            Self::Verify(task) => task.run(program).await,
            Self::Doctor(task) => task.run(program).await,
            Self::Fsck(task) => task.run().await,
            Self::Gc(task) => task.run().await,
            Self::Deploy(task) => task.run(program).await,
            Self::Completions(task) => Ok(task.run(&mut Cli::command())),
            Self::Man(task) => task.run(&Cli::command()),
        }
    }
}

fn fail(message: &str) -> ExitCode {
    output::note!("{}error{}: {}", output::RED, output::PLAIN, output::printable(message));
    ExitCode::FAILURE
}

/// A client with the settings of the process, of a database that is there: a path that is misspelt makes no file.
pub(crate) async fn connect() -> Result<Instance, String> {
    let settings = Settings::load().map_err(text)?;
    Instance::connect_existing(settings).await.map_err(text)
}

/// A client with the settings of the process, for commands that declare tables.
pub(crate) async fn connect_to_declare() -> Result<Instance, String> {
    let settings = Settings::load().map_err(text)?;
    Instance::connect(settings).await.map_err(text)
}

pub(crate) fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
