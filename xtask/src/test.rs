//! `cargo xtask test`: every test, against an embedded database and real servers.

use std::fs::File;
use std::process::Command;
use std::time::Instant;

use clap::Args;

use crate::servers::Servers;

/// Runs every test of the workspace.
#[derive(Args)]
pub(crate) struct Test {
    /// Only what needs no server.
    #[arg(long)]
    embedded: bool,
    /// Passed on to `cargo test`, such as the name of a test.
    #[arg(last = true)]
    rest: Vec<String>,
}

impl Test {
    pub(crate) fn run(self) -> Result<(), String> {
        // Both would use the same schemas of the same servers.
        let _turn = wait_for_other_run()?;
        let start = Instant::now();
        let servers = if self.embedded { None } else { Some(Servers::find()?) };
        let mut command = Command::new(env!("CARGO"));
        command.args(["test", "--workspace", "--no-fail-fast"]);
        for variable in ["DJ_TEST_MYSQL_URL", "DJ_TEST_MARIADB_URL", "DJ_TEST_POSTGRES_URL"] {
            command.env_remove(variable);
        }
        println!("Testing on the embedded database (SQLite)");
        for found in servers.iter().flat_map(|servers| &servers.found) {
            println!("Testing on {found}");
        }
        if let Some(servers) = &servers {
            command.envs(servers.variables());
        }
        if !self.rest.is_empty() {
            command.arg("--").args(&self.rest);
        }
        let status = command.status().map_err(|error| format!("cargo can't run: {error}"))?;
        println!();
        println!("Ran in {} s on the embedded database (SQLite)", start.elapsed().as_secs());
        for found in servers.iter().flat_map(|servers| &servers.found) {
            println!("Ran on {found}");
        }
        if servers.is_none() {
            println!("Ran on no server; without `--embedded` the tests use MySQL or MariaDB, and PostgreSQL");
        }
        if status.success() { Ok(()) } else { Err("tests failed".to_owned()) }
    }
}

/// Waits until no other run of the tests is under way on this machine; it is its turn for as long as the file is open.
fn wait_for_other_run() -> Result<File, String> {
    let path = std::env::temp_dir().join("datajoint-xtask-test.lock");
    let text = |error: std::io::Error| format!("{}: {error}", path.display());
    let file = File::options().write(true).create(true).truncate(false).open(&path).map_err(text)?;
    if file.try_lock().is_err() {
        println!("Waiting for another run of the tests, which uses the same servers");
        file.lock().map_err(text)?;
    }
    Ok(file)
}
