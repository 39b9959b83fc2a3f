//! Cargo, as a program calls it that cargo itself runs. Tests that call it have this file, too.

use std::process::Command;

/// How the variables begin that tell a program of the package that it is of.
const OF_A_PACKAGE: &[&str] = &["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];

/// Returns a call of cargo that builds what a call from a terminal builds.
///
/// Build scripts look at variables of their package, and cargo runs one again, and compiles again whatever depends on it,
/// where one differs from the last time: with those of the calling package none is as it was.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(env!("CARGO"));
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if OF_A_PACKAGE.iter().any(|beginning| text.starts_with(beginning)) {
            command.env_remove(&name);
        }
    }
    command
}
