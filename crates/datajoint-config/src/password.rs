//! A password that a command prints.

use std::io::Read as _;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use secrecy::SecretString;
use wait_timeout::ChildExt as _;

use crate::{Error, Result};

/// How much a command may print: far more than any password has.
const MOST: usize = 64 * 1024;

/// How long a command may take: long enough to be asked for a second factor.
const LONGEST: Duration = Duration::from_mins(1);

/// The command as it may be shown: its program alone, since what follows may be secret; nothing of one that begins with
/// more than a plain name.
pub(crate) fn shown(command: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./+".contains(letter);
    let mut words = command.split_whitespace();
    match (words.next(), words.next()) {
        (Some(program), None) if program.chars().all(is_plain) => program.to_owned(),
        (Some(program), Some(_)) if program.chars().all(is_plain) => format!("{program} …"),
        _ => "…".to_owned(),
    }
}

/// Runs the command in the shell and takes the first line it prints.
///
/// Fails for one that takes longer than a minute or prints more than 64 KiB, which is ended.
pub(crate) fn ask(command: &str) -> Result<SecretString> {
    let output = printed(command, LONGEST).map_err(|reason| Error::PasswordCommand { reason })?;
    let fault = |reason: &str| Error::PasswordCommand { reason: reason.to_owned() };
    let text = String::from_utf8(output).map_err(|_| fault("printed what is no UTF-8"))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(line.to_owned().into()),
        _ => Err(fault("printed nothing")),
    }
}

/// What the command prints, or why it gives nothing.
fn printed(command: &str, longest: Duration) -> Result<Vec<u8>, String> {
    let end = Instant::now() + longest;
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut child = Command::new(shell)
        .args([option, command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| format!("can't run: {error}"))?;
    let outcome = followed(&mut child, end);
    if outcome.is_err() {
        // It may have ended by itself.
        let _ = child.kill();
        let _ = child.wait();
    }
    outcome
}

fn followed(child: &mut Child, end: Instant) -> Result<Vec<u8>, String> {
    let rest = || end.saturating_duration_since(Instant::now());
    let late = || format!("did not end within {} seconds and was ended", LONGEST.as_secs());
    let output = match child.stdout.take() {
        Some(output) => read(output).recv_timeout(rest()).map_err(|_| late())?,
        None => Ok(Vec::new()),
    };
    let output = output.map_err(|error| format!("can't be read: {error}"))?;
    if output.len() > MOST {
        return Err(format!("printed more than {} KiB and was ended", MOST / 1024));
    }
    match child.wait_timeout(rest()) {
        Ok(Some(status)) if status.success() => Ok(output),
        Ok(Some(status)) => Err(format!("failed ({status})")),
        Ok(None) => Err(late()),
        Err(error) => Err(format!("can't be waited for: {error}")),
    }
}

/// Reads in a thread of its own, which ends with the output: what a command left running may keep that open.
fn read(output: ChildStdout) -> mpsc::Receiver<std::io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let outcome = output.take(MOST as u64 + 1).read_to_end(&mut bytes);
        // Nobody may be there to take it.
        let _ = sender.send(outcome.map(|_| bytes));
    });
    receiver
}

#[cfg(all(test, unix))]
mod ended {
    use std::time::Duration;

    use super::{LONGEST, printed};

    #[test]
    fn a_command_that_prints_or_takes_too_much_is_ended() {
        assert_eq!(printed("echo s3cret", LONGEST), Ok(b"s3cret\n".to_vec()));
        let error = printed("yes", LONGEST).unwrap_err();
        assert!(error.contains("printed more than 64 KiB"), "{error}");
        // One that prints nothing, one that has printed, and one that leaves its output to another.
        for command in ["exec sleep 600", "echo s3cret; exec sleep 600", "exec 1>&-; exec sleep 600"] {
            let error = printed(command, Duration::from_millis(100)).unwrap_err();
            assert!(error.contains("did not end") && !error.contains("s3cret"), "{error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn a_command_is_shown_without_what_may_be_secret() {
        for (command, expected) in [
            ("pass", "pass"),
            ("/usr/bin/vault read -token=s3cret db", "/usr/bin/vault …"),
            ("TOKEN=s3cret vault read db", "…"),
            ("'my vault' s3cret", "…"),
            ("echo|s3cret", "…"),
            ("", "…"),
        ] {
            assert_eq!(shown(command), expected, "{command}");
        }
    }
}
