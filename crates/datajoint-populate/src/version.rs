//! The version of the program.

use std::process::{Command, Stdio};
use std::time::Duration;

use datajoint_config::Settings;

/// How long git may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The version that was given, or the commit of git where the settings say so; empty where neither is known.
pub(crate) async fn version(given: &str, settings: &Settings) -> String {
    if !given.is_empty() || settings.jobs.version_method.as_deref() != Some("git") {
        return given.to_owned();
    }
    let asked = tokio::task::spawn_blocking(|| {
        let output = Command::new("git").args(["rev-parse", "--short", "HEAD"]).stdin(Stdio::null()).output();
        let commit = output.ok().filter(|output| output.status.success())?;
        String::from_utf8(commit.stdout).ok()
    });
    let commit = tokio::time::timeout(PATIENCE, asked).await.ok().and_then(Result::ok).flatten();
    commit.map_or_else(String::new, |commit| commit.trim().to_owned())
}
