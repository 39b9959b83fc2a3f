//! Virtual environments of Python, below `target`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The interpreter of a virtual environment of this name with these packages, made when it is not there.
///
/// `checked` is what says whether it has them: `name==version`.
pub(crate) fn environment(name: &str, checked: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = Path::new("target").join(name);
    let python = interpreter(&folder);
    let (package, version) = checked.split_once("==").ok_or_else(|| format!("{checked} has no version"))?;
    let script = format!("import importlib.metadata as m; assert m.version('{package}') == '{version}'");
    let is_there =
        Command::new(&python).args(["-c", &script]).output().is_ok_and(|output| output.status.success());
    if !is_there {
        println!("Making a Python environment with {checked} in {}", folder.display());
        let made = make(&folder).and_then(|()| install(&folder, [&[checked], packages].concat()));
        made.map_err(|error| format!("{error}\n  this needs Python 3.10 or later with venv and pip"))?;
    }
    std::path::absolute(python).map_err(|error| error.to_string())
}

/// Makes a virtual environment that has nothing.
pub(crate) fn make(folder: &Path) -> Result<(), String> {
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))
}

/// Installs packages, or files of packages.
pub(crate) fn install<'a>(folder: &Path, packages: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let mut pip = Command::new(interpreter(folder));
    // Python compiles what is imported; all of a package takes longer than its tests.
    pip.args(["-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"])
        .args(packages);
    run(&mut pip)
}

fn interpreter(folder: &Path) -> PathBuf {
    folder.join("bin").join("python")
}

/// Runs a command whose failure is the end.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let program = command.get_program().display().to_string();
    let status = command.status().map_err(|error| format!("{program} can't run: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} ended with {status}")) }
}
