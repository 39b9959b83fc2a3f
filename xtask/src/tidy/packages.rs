//! Whether every published crate can be packaged; the layers hold that each finds those it depends on.

use crate::cargo::cargo;

/// What keeps crates from being packaged.
pub(super) fn check() -> Result<Vec<String>, String> {
    let mut command = cargo();
    // What is in a package is compiled by `cargo publish --dry-run`, which takes minutes.
    // To resolve a lock for each takes half a minute; that each depends on published crates alone, the layers hold.
    command.args(["package", "--quiet", "--no-verify", "--allow-dirty", "--exclude-lockfile"]);
    for name in super::layers::published() {
        command.args(["--package", name]);
    }
    let output = command.output().map_err(|error| format!("cargo can't run: {error}"))?;
    if output.status.success() {
        return Ok(Vec::new());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Ok(vec![format!("not every crate can be published: `cargo package` says\n{}", said.trim())])
}
