//! `cargo xtask test`: every test, against an embedded database and real servers.

use std::fs::File;
use std::process::{Child, Command};
use std::time::Instant;

use clap::Args;
use tempfile::NamedTempFile;

use crate::book::Book;
use crate::cargo::cargo;
use crate::interop::Interop;
use crate::seen::Seen;
use crate::servers::{Fault, Servers, Team};

/// What makes each proof a long one; CONTRIBUTING.md says what they do.
const LONG: &[(&str, &str)] = &[
    ("DATAJOINT_ANSWERS", "all"),
    ("DATAJOINT_BESIDE", "3000"),
    ("DATAJOINT_CANCEL", "all"),
    ("DATAJOINT_CONDITIONS", "all"),
    ("DATAJOINT_LARGE", "100000"),
    ("DATAJOINT_LAWS", "200000"),
    ("DATAJOINT_LISTS", "all"),
    ("DATAJOINT_MATRIX", "all"),
    ("DATAJOINT_OBJECTS", "1000000"),
    ("DATAJOINT_ROADS", "300"),
    ("DATAJOINT_SOAK", "10000 16 20"),
];

/// What is tested first without servers: what the rest stands on, and what little has to be compiled for.
const FIRST: &[&str] = &["datajoint-definition", "datajoint-blob"];

/// The tests that compile programs: they need no server, and run beside the others, which wait for theirs most of the time.
const COMPILING: &[&str] =
    &["new_project::a_new_project_compiles_passes_its_tests_and_runs", "faults_do_not_compile"];

/// How many tests run at once.
const THREADS: &str = "RUST_TEST_THREADS";

/// Runs every test of the workspace.
#[derive(Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Test {
    /// Only what needs no server.
    #[arg(long)]
    embedded: bool,
    /// Only what is about a pooler: PostgreSQL behind PgBouncer in transaction mode, started for this run.
    #[arg(long, conflicts_with = "embedded")]
    pooler: bool,
    /// Only what is about a primary and its standby, both of PostgreSQL, started for this run.
    #[arg(long, conflicts_with_all = ["embedded", "pooler"])]
    standby: bool,
    /// Only what is about a cluster: three nodes of MariaDB with Galera, started for this run.
    #[arg(long, conflicts_with_all = ["embedded", "pooler", "standby"])]
    galera: bool,
    /// Only what is about servers that are ended and started again, both started for this run.
    #[arg(long, conflicts_with_all = ["embedded", "pooler", "standby", "galera"])]
    restart: bool,
    /// Only what is about Slurm: workers of the example pipeline in an array of jobs, started for this run.
    #[arg(long, conflicts_with_all = ["embedded", "pooler", "standby", "galera", "restart"])]
    slurm: bool,
    /// Only what is about the page of a pipeline, in Chromium.
    #[arg(long, conflicts_with_all = ["embedded", "pooler", "standby", "galera", "restart", "slurm"])]
    browser: bool,
    /// Every proof in its long form, with servers as teams run them and beside Python: many hours.
    #[arg(long, conflicts_with_all = ["embedded", "pooler", "standby", "galera", "restart", "slurm", "browser"])]
    long: bool,
    /// Passed on to `cargo test`, such as the name of a test.
    #[arg(last = true)]
    rest: Vec<String>,
}

impl Test {
    pub(crate) fn run(self) -> Result<(), String> {
        let teams = [
            (self.pooler, Team::Pooler),
            (self.standby, Team::Standby),
            (self.galera, Team::Galera),
            (self.restart, Team::Restart),
            (self.slurm, Team::Slurm),
            (self.browser, Team::Browser),
        ];
        if let Some((_, team)) = teams.into_iter().find(|(is_wanted, _)| *is_wanted) {
            return match run_on(team) {
                // What this machine can't have is no failure of the tests.
                Err(Fault::Missing(why)) => {
                    println!("skipped: {why}");
                    Ok(())
                }
                outcome => outcome.map_err(String::from),
            };
        }
        if self.long {
            return self.run_long();
        }
        self.run_all(&[])
    }

    /// Everything that can be tested, each part also after another one failed. What was skipped was not shown to hold, and
    /// the run fails by it.
    fn run_long(&self) -> Result<(), String> {
        let mut failed = Vec::new();
        let mut note = |what: &str, outcome: Result<(), String>| {
            if let Err(message) = outcome {
                eprintln!("{what}: {message}");
                failed.push(what.to_owned());
            }
        };
        note("tests in their long form", self.run_all(LONG));
        for team in [Team::Pooler, Team::Standby, Team::Galera, Team::Restart, Team::Slurm, Team::Browser] {
            match run_on(team) {
                Ok(()) => {}
                Err(Fault::Missing(why)) => note(&format!("{team:?} (skipped)"), Err(why)),
                Err(Fault::Failed(why)) => note(&format!("{team:?}"), Err(why)),
            }
        }
        note("the book", Book::SEARCHED.run());
        note("interop", Interop::default().run());
        if failed.is_empty() { Ok(()) } else { Err(format!("failed or skipped: {}", failed.join(", "))) }
    }

    /// Every test of the workspace, with these variables.
    fn run_all(&self, variables: &[(&str, &str)]) -> Result<(), String> {
        // Both would use the same schemas of the same servers.
        let _turn = wait_for_other_run()?;
        let start = Instant::now();
        let servers = match (self.embedded, self.long) {
            (true, _) => None,
            (false, true) => Some(Servers::find_witnessed()?),
            (false, false) => Some(Servers::find()?),
        };
        println!("Testing on the embedded database (SQLite)");
        for found in servers.iter().flat_map(|servers| &servers.found) {
            println!("Testing on {found}");
        }
        // With servers it takes so long that all is built at once.
        let first = if self.embedded { FIRST } else { &[] };
        let cargo = |packages: &[String]| cargo_test(packages, servers.as_ref(), variables);
        let mut all_went_well = true;
        if !first.is_empty() {
            let packages: Vec<String> = first.iter().map(|package| format!("--package={package}")).collect();
            all_went_well &= succeeds(cargo(&packages).arg("--").args(&self.rest))?;
        }
        let mut others = vec!["--workspace".to_owned()];
        others.extend(first.iter().map(|package| format!("--exclude={package}")));
        all_went_well &= if self.rest.is_empty() {
            run_beside(|| cargo(&others))?
        } else {
            succeeds(cargo(&others).arg("--").args(&self.rest))?
        };
        println!();
        println!("Ran in {} s on the embedded database (SQLite)", start.elapsed().as_secs());
        for found in servers.iter().flat_map(|servers| &servers.found) {
            println!("Ran on {found}");
        }
        if servers.is_none() {
            println!("Ran on no server; without `--embedded` the tests use MySQL or MariaDB, and PostgreSQL");
        }
        if all_went_well { Ok(()) } else { Err("tests failed".to_owned()) }
    }
}

/// Runs tests, and those that compile beside the others. Returns whether all went well.
fn run_beside(cargo: impl Fn() -> Command) -> Result<bool, String> {
    if !succeeds(cargo().arg("--no-run"))? {
        return Ok(false);
    }
    let beside = Beside::start(cargo())?;
    let skipped = COMPILING.iter().flat_map(|name| ["--skip", name]);
    let others = succeeds(cargo().arg("--").args(skipped));
    Ok(beside.end()? && others?)
}

/// The tests that compile, beside the others.
struct Beside {
    child: Child,
    said: NamedTempFile,
}

impl Beside {
    fn start(mut command: Command) -> Result<Self, String> {
        let text = |error: std::io::Error| format!("tests that compile can't run: {error}");
        let said = NamedTempFile::new().map_err(text)?;
        command.args(["--test", "it", "--", "--exact"]).args(COMPILING);
        let file = said.reopen().map_err(text)?;
        command.stdout(file.try_clone().map_err(text)?).stderr(file);
        Ok(Self { child: command.spawn().map_err(text)?, said })
    }

    /// Waits for them, and shows what they said. Returns whether each of them was run, and went well.
    fn end(mut self) -> Result<bool, String> {
        let text = |error: std::io::Error| format!("tests that compile: {error}");
        let status = self.child.wait().map_err(text)?;
        let said = std::fs::read(self.said.path()).map_err(text)?;
        let said = String::from_utf8_lossy(&said);
        let missing = COMPILING.iter().filter(|name| !said.contains(&format!("test {name} ... ok")));
        let missing: Vec<_> = missing.copied().collect();
        if status.success() && missing.is_empty() {
            println!("\nrunning {} tests that compile, beside the others", COMPILING.len());
            for name in COMPILING {
                println!("test {name} ... ok");
            }
            return Ok(true);
        }
        let what = if missing.is_empty() { "cargo failed".to_owned() } else { missing.join(", ") };
        println!("{said}\nnot ok: {what}");
        Ok(false)
    }
}

/// `cargo test` of these packages, on these servers alone.
#[expect(clippy::disallowed_methods, reason = "this variable is one of the test harness, not a setting")]
fn cargo_test(packages: &[String], servers: Option<&Servers>, variables: &[(&str, &str)]) -> Command {
    let mut command = cargo();
    command.args(["test", "--no-fail-fast"]).args(packages);
    for variable in ["DJ_TEST_MYSQL_URL", "DJ_TEST_MARIADB_URL", "DJ_TEST_POSTGRES_URL"] {
        command.env_remove(variable);
    }
    if let Some(servers) = servers {
        command.envs(servers.variables()).envs(servers.log());
    }
    command.envs(variables.iter().copied());
    if std::env::var_os(THREADS).is_none()
        && let Ok(cores) = std::thread::available_parallelism()
    {
        // One of them waits for an answer that does not come, most of the time.
        command.env(THREADS, (cores.get() + 1).to_string());
    }
    command
}

fn succeeds(command: &mut Command) -> Result<bool, String> {
    Ok(command.status().map_err(|error| format!("cargo can't run: {error}"))?.success())
}

/// Runs what is about servers as teams run them.
fn run_on(team: Team) -> Result<(), Fault> {
    let running = team.start()?;
    let mut command = cargo();
    command.args(["test", "--package", team.package(), "--test", "it", "--", "--nocapture"]);
    command.args(team.tests());
    for (name, value) in &running.variables {
        println!("{name}={}", value.replace('\n', " "));
        command.env(name, value);
    }
    let seen = Seen::of(&mut command)?;
    if !seen.succeeded {
        return Err(Fault::Failed("tests failed".to_owned()));
    }
    if seen.passed() == 0 {
        return Err(Fault::Failed(format!("no test ran: none matches `{}`", team.tests().join(" "))));
    }
    Ok(())
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
