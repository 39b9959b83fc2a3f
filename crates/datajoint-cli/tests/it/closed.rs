//! Readers of the output who have enough before its end.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::commands::colony;

/// Who has gone before a command says anything.
#[derive(Debug, Clone, Copy)]
enum Gone {
    Nobody,
    Results,
    All,
}

/// Runs a command with readers who have gone; gives the exit status, and what was still said beside the result.
fn run(folder: &Path, arguments: &[&str], gone: Gone) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dj"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DJ_")) {
        command.env_remove(name);
    }
    let closed = || std::io::pipe().unwrap().1;
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    if !matches!(gone, Gone::Nobody) {
        command.stdout(closed());
    }
    if matches!(gone, Gone::All) {
        command.stderr(closed());
    }
    let output = command.spawn().unwrap().wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// `set -o pipefail` sees a command that failed, whoever reads it.
#[tokio::test]
async fn a_command_does_its_work_and_exits_with_what_it_found_whoever_reads() {
    let folder = colony().await;
    let file = folder.path().join("deploy.toml");
    std::fs::write(&file, "provenance = true\n").unwrap();
    let rows = folder.path().join("rows.csv");
    std::fs::write(&rows, "subject,name\n8,kim\n9,lee\n").unwrap();
    let commands: [(&[&str], i32); 14] = [
        (&["status", "--json"], 0),
        (&["query", "colony.Subject"], 0),
        (&["query", "colony.Subject", "--format", "csv"], 0),
        (&["describe", "colony.Subject"], 0),
        (&["pull", "rust", "colony"], 0),
        (&["completions", "bash"], 0),
        (&["describe", "colony.Subjekt"], 1),
        (&["verify"], 1),
        (&["verify", "--json"], 1),
        (&["deploy", "plan"], 2),
        (&["deploy", "plan", "--check"], 1),
        (&["deploy", "apply", "--plan", "of-another-day"], 1),
        (&["query", "colony.Subjekt"], 1),
        (&["nonsense"], 2),
    ];
    for (arguments, status) in commands {
        for gone in [Gone::Nobody, Gone::Results, Gone::All] {
            let (found, said) = run(folder.path(), arguments, gone);
            assert_eq!(found, status, "{arguments:?} {gone:?}: {said}");
            assert!(
                !said.contains("panicked") && !said.contains("can't be written"),
                "{arguments:?}: {said}"
            );
        }
    }
    // What is to be done is done.
    let insert = ["insert", "colony.Subject", "rows.csv"];
    assert_eq!(run(folder.path(), &insert, Gone::All).0, 0);
    assert_eq!(run(folder.path(), &insert, Gone::All).0, 1, "the rows are there");
    assert_eq!(run(folder.path(), &["deploy", "apply"], Gone::All).0, 0);
    assert_eq!(run(folder.path(), &["deploy", "plan"], Gone::Nobody).0, 0, "nothing is left");
}

/// A disk that is full is a failure, which is told once.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_result_that_can_not_be_written_is_a_failure() {
    let folder = colony().await;
    for arguments in [&["describe", "colony.Subject"][..], &["query", "colony.Subject", "--format", "csv"]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_dj"))
            .args(arguments)
            .current_dir(folder.path())
            .stdout(full)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(said.matches("can't be written").count(), 1, "{said}");
    }
}
