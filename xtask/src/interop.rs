//! `cargo xtask interop`: Rust beside the real DataJoint for Python, on the same servers.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::servers::Servers;

/// The release whose databases we share.
const DATAJOINT: &str = "datajoint==2.3.5";

/// Runs Rust beside the real DataJoint for Python on the same servers.
#[derive(Args)]
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
    let folder = Path::new("target").join("interop-python");
    let python = folder.join("bin").join("python");
    let has_datajoint = Command::new(&python)
        .args([
            "-c",
            &format!("import importlib.metadata as m; assert m.version('datajoint') == '{}'", version()),
        ])
        .output()
        .is_ok_and(|output| output.status.success());
    if !has_datajoint {
        println!("Making a Python environment with {DATAJOINT} in {}", folder.display());
        make(&folder).map_err(|error| {
            format!("{error}\n  the tests beside Python need Python 3.10 or later with venv and pip")
        })?;
    }
    std::path::absolute(python).map_err(|error| error.to_string())
}

fn version() -> &'static str {
    DATAJOINT.trim_start_matches("datajoint==")
}

fn make(folder: &Path) -> Result<(), String> {
    run(Command::new("python3").args(["-m", "venv"]).arg(folder))?;
    run(Command::new(folder.join("bin").join("python")).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        DATAJOINT,
        "psycopg2-binary",
        "pyarrow",
    ]))
}

fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().display().to_string();
    let status = command.status().map_err(|error| format!("{program} can't run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}")) }
}
