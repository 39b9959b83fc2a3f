//! `cargo xtask bench populate`: queues of jobs, with several processes at work.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Args, ValueEnum};

use super::{build, program, shown, target};
use crate::interop;

/// Measures queues of jobs: keys a second, and statements a key, with up to 16 processes.
///
/// Beside a transaction that is held open, a million jobs that are done and kept, and others' queues on the same server.
#[derive(Args)]
pub(crate) struct Populate {
    /// A server: mysql://user@host:port or postgres://user@host:port/database. May be given several times.
    #[arg(long, required = true)]
    server: Vec<String>,
    /// Measures alone how soon a key is begun after the row was inserted that it comes from, by a run that stays.
    #[arg(long)]
    latency: bool,
    /// How many keys are made in each measurement.
    #[arg(long, default_value_t = 20_000)]
    keys: u32,
    /// Others that are measured on the same server.
    #[arg(long, value_delimiter = ',')]
    beside: Vec<Other>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Other {
    /// DataJoint for Python 2.3.5.
    Python,
    /// graphile-worker, from npm, which needs PostgreSQL.
    Graphile,
}

/// How many keys Python makes: it takes long.
const KEYS_OF_PYTHON: u32 = 2000;

impl Populate {
    pub(super) fn run(&self) -> Result<(), String> {
        build()?;
        let python = if self.beside.contains(&Other::Python) { Some(interop::environment()?) } else { None };
        for url in &self.server {
            println!("\n{}\n", shown(url));
            if self.latency {
                succeed(Command::new(program()).args(["latency", url]))?;
                continue;
            }
            let keys = self.keys.to_string();
            succeed(Command::new(program()).args(["queue", url, &keys]))?;
            if let Some(python) = &python {
                println!("DataJoint for Python:");
                let keys = KEYS_OF_PYTHON.to_string();
                succeed(Command::new(python).args(["bench/python_queue.py", url, &keys]))?;
            }
            if self.beside.contains(&Other::Graphile) && url.starts_with("postgres") {
                println!("graphile-worker:");
                let folder = graphile()?;
                succeed(Command::new("node").arg(folder.join("queue.mjs")).args([url, &keys]))?;
            }
        }
        Ok(())
    }
}

/// The folder with the program for graphile-worker, which npm installs there.
fn graphile() -> Result<PathBuf, String> {
    let folder = target().join("graphile");
    let fault = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(&folder).map_err(fault)?;
    std::fs::copy(Path::new("bench/graphile_queue.mjs"), folder.join("queue.mjs")).map_err(fault)?;
    if !folder.join("node_modules/graphile-worker").exists() {
        let mut npm = Command::new("npm");
        npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
        succeed(npm.arg("graphile-worker@0.17.3"))?;
    }
    Ok(folder)
}

fn succeed(command: &mut Command) -> Result<(), String> {
    let name = command.get_program().display().to_string();
    let status = command.status().map_err(|error| format!("{name} can't run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} ended with {status}")) }
}
