//! A password that a command prints.

use std::process::{Command, Stdio};

use secrecy::SecretString;

use crate::{Error, Result};

/// Runs the command in the shell and takes the first line it prints.
pub(crate) fn ask(command: &str) -> Result<SecretString> {
    let fault = |reason: String| Error::PasswordCommand { reason };
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let output = Command::new(shell)
        .args([option, command])
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| fault(format!("can't run: {error}")))?;
    if !output.status.success() {
        return Err(fault(format!("failed ({})", output.status)));
    }
    let text = String::from_utf8(output.stdout).map_err(|_| fault("printed no text".to_owned()))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned().into()),
        _ => Err(fault("printed nothing".to_owned())),
    }
}
