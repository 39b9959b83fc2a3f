//! `cargo xtask interop`: Rust beside the real DataJoint for Python, on the same servers.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::servers::Servers;

/// The release whose databases we share.
const DATAJOINT: &str = "datajoint==2.3.5";

/// Runs Rust beside the real DataJoint for Python on the same servers.
#[derive(Args, Default)]
pub(crate) struct Interop {
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
        let status = Command::new(env!("CARGO"))
            .args([
                "test",
                "--package",
                "datajoint-tests",
                "--features",
                "interop",
                "--test",
                "interop",
                "--",
            ])
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
