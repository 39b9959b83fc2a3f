//! `cargo xtask interop`: Rust beside the real DataJoint for Python, on the same servers.

use std::path::PathBuf;

use clap::Args;

use crate::cargo::cargo;
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
        let status = cargo()
            // With the features of the whole workspace, so that nothing is built twice that `cargo xtask test` built.
            .args(["test", "--workspace", "--features", "datajoint-tests/interop", "--test", "interop", "--"])
            .args(if self.short { SHORT } else { &[] })
            .args(&self.rest)
            .env("DJ_INTEROP_PYTHON", python)
            .envs(servers.variables())
            .status()
            .map_err(|error| format!("cargo can't run: {error}"))?;
        if status.success() { Ok(()) } else { Err("interoperability tests failed".to_owned()) }
    }
}

/// The interpreter of a virtual environment with DataJoint for Python, made when it is not there.
pub(crate) fn environment() -> Result<PathBuf, String> {
    crate::python::environment("interop-python", DATAJOINT, &["psycopg2-binary", "pyarrow"])
}
