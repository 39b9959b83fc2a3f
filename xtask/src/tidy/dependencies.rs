//! Whether the dependencies are what `deny.toml` allows: their licences, where they come from, and what is banned.

use std::process::Command;

use crate::tools::CARGO_DENY;

/// What `cargo deny` looks at. Its advisories are in a repository that not every machine reaches.
const CHECKS: &[&str] = &["bans", "licenses", "sources"];

/// What `deny.toml` does not allow, or why that is not known.
pub(super) fn check() -> Result<Vec<String>, String> {
    let program = match CARGO_DENY.find() {
        Ok(program) => program,
        Err(error) => return Ok(vec![format!("the dependencies were not checked: {error}")]),
    };
    // Two releases of one crate are worth a warning to who asks for it: `cargo deny check bans`.
    let status = Command::new(program)
        .args(["--locked", "--log-level", "error", "check", "--hide-inclusion-graph"])
        .args(CHECKS)
        .status()
        .map_err(|error| format!("cargo-deny can't run: {error}"))?;
    if status.success() {
        return Ok(Vec::new());
    }
    Ok(vec![format!("dependencies are not what deny.toml allows: `cargo deny check {}`", CHECKS.join(" "))])
}
