//! `cargo xtask wheel`: the program `dj` as a package that pip installs.

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::Args;

use crate::python::{self, environment};

/// What builds wheels.
const MATURIN: &str = "maturin==1.16.0";

/// Builds the wheel of `dj`, with all backends.
#[derive(Args)]
pub(crate) struct Wheel {
    /// Where the wheel is written.
    #[arg(long, default_value = "target/wheels")]
    out: PathBuf,
    /// Builds without optimizing, installs the wheel into a clean environment, and runs what was installed.
    #[arg(long)]
    check: bool,
}

impl Wheel {
    pub(crate) fn run(self) -> Result<(), String> {
        let out = if self.check { PathBuf::from("target/wheels-checked") } else { self.out };
        if self.check && out.exists() {
            std::fs::remove_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
        }
        let maturin = environment("wheel-python", MATURIN, &[])?;
        let profile = if self.check { "dev" } else { "release" };
        let manifest = "crates/datajoint-cli/Cargo.toml";
        let arguments =
            ["-m", "maturin", "build", "--profile", profile, "--manifest-path", manifest, "--out"];
        python::run(Command::new(maturin).args(arguments).arg(&out))?;
        let wheel = only_wheel(&out)?;
        println!("Built {}", wheel.display());
        if self.check { check(&wheel) } else { Ok(()) }
    }
}

fn only_wheel(folder: &Path) -> Result<PathBuf, String> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let is_wheel = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "whl");
    let mut wheels: Vec<_> = entries.flatten().map(|entry| entry.path()).filter(is_wheel).collect();
    wheels.sort();
    wheels.pop().ok_or_else(|| format!("{} has no wheel", folder.display()))
}

/// Installs a wheel where nothing is, and asks the installed program for what only a whole one knows.
fn check(wheel: &Path) -> Result<(), String> {
    let folder = Path::new("target").join("wheel-clean");
    python::make(&folder)?;
    let path = wheel.to_str().ok_or_else(|| format!("{} is no UTF-8", wheel.display()))?;
    python::install(&folder, [path])?;
    let dj = std::path::absolute(folder.join("bin").join("dj")).map_err(|error| error.to_string())?;
    let version = said(&dj, &["--version"])?;
    // datajoint_dj-0.1.0-py3-none-manylinux_2_34_x86_64.whl
    let expected = wheel.file_name().and_then(|name| name.to_str()?.split('-').nth(1)).unwrap_or_default();
    if version.trim() != format!("dj {expected}") {
        return Err(format!("the installed program says {version:?}, not {expected:?}"));
    }
    // A backend that is not built in is refused before anything is connected to.
    for backend in ["mysql", "postgresql"] {
        let settings =
            [("DJ_BACKEND", backend), ("DJ_HOST", "127.0.0.1"), ("DJ_PORT", "1"), ("DJ_USER", "nobody")];
        let output = Command::new(&dj).arg("status").envs(settings).output();
        let error = output.map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
        let error = error.map_err(|error| format!("{}: {error}", dj.display()))?;
        if !error.contains("127.0.0.1:1") {
            return Err(format!("the installed program does not know {backend}: {error}"));
        }
    }
    println!("Installed into a clean environment, it says {}", version.trim());
    Ok(())
}

fn said(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{} ended with {}: {error}", program.display(), output.status));
    }
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}
