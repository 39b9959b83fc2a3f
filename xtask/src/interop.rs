//! `cargo xtask interop`: Rust beside the real DataJoint for Python, on the same servers.

use std::path::PathBuf;

use clap::Args;

use crate::cargo::cargo;
use crate::seen::Seen;
use crate::servers::Servers;

/// The release whose databases we share.
const DATAJOINT: &str = "datajoint==2.3.5";

/// One case of each kind, for a change that must be known within minutes.
const SHORT: &[&str] = &[
    "values_of_every_type_come_to_the_other_side_as_they_were",
    "objects_of_rust_are_read_by_python",
    "stamps_are_the_same_on_a_server_of_any_time_zone",
    "each_side_does_the_jobs_that_the_other_added",
    "tables_of_every_tier_are_the_same_from_both_sides",
];

/// Runs Rust beside the real DataJoint for Python on the same servers.
#[derive(Args, Default)]
pub(crate) struct Interop {
    /// Only some cases: values, a codec, times, a queue and tables.
    #[arg(long, conflicts_with = "rest")]
    short: bool,
    /// Passed on to the tests, such as the name of a case.
    #[arg(last = true)]
    rest: Vec<String>,
}

impl Interop {
    pub(crate) fn run(self) -> Result<(), String> {
        let python = environment()?;
        let servers = Servers::find()?;
        for found in &servers.found {
            println!("Beside {DATAJOINT} on {found}");
        }
        let cases: &[&str] = if self.short { SHORT } else { &[] };
        let mut command = cargo();
        command
            // With the features of the whole workspace, so that nothing is built twice that `cargo xtask test` built.
            .args(["test", "--workspace", "--features", "datajoint-tests/interop", "--test", "interop", "--"])
            .args(cases)
            .args(&self.rest)
            .env("DJ_INTEROP_PYTHON", python)
            .envs(servers.variables());
        let seen = Seen::of(&mut command)?;
        if !seen.succeeded {
            return Err("interoperability tests failed".to_owned());
        }
        let missing: Vec<&str> = cases.iter().copied().filter(|case| !seen.has_passed(case)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(format!("no test of these names passed, though none failed: {}", missing.join(", ")))
    }
}

/// The interpreter of a virtual environment with DataJoint for Python, made when it is not there.
pub(crate) fn environment() -> Result<PathBuf, String> {
    crate::python::environment("interop-python", DATAJOINT, &["psycopg2-binary", "pyarrow"])
}
