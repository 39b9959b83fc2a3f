//! The ephys example, run as a person would run it.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that meets an error has failed")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// Real recordings with what must be computed of them, kept beside the project where there is room for them.
const RECORDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/ephys");

/// The program, which cargo builds with the tests of the package.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap().join("examples/ephys");
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    assert!(program.exists(), "build it first: `cargo build --package datajoint-examples --examples`");
    program
}

fn ephys(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(program());
    command.current_dir(folder).args(arguments).env("DJ_IGNORE_CONFIG_FILE", "true");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DJ_") {
            command.env_remove(name);
        }
    }
    command.envs(variables.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// True for texts, and for trees whose numbers agree in nine digits.
fn agree(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(one, other)| agree(one, other))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(name, one)| theirs.get(name).is_some_and(|other| agree(one, other)))
        }
        (Value::Number(ours), Value::Number(theirs)) if ours.is_f64() || theirs.is_f64() => {
            let (ours, theirs) = (ours.as_f64().unwrap(), theirs.as_f64().unwrap());
            (ours - theirs).abs() <= 1e-9 * theirs.abs()
        }
        (ours, theirs) => ours == theirs,
    }
}

#[test]
fn it_finds_the_spikes_it_simulated_and_the_second_run_has_nothing_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let first = ephys(folder.path(), &[], &[]);
    let shown = text(&first.stdout);
    assert!(first.status.success(), "{shown}{}", text(&first.stderr));
    // `threshold 0.5: 10246 of 10247 true spikes found, 47 false`
    let line = shown.lines().find(|line| line.contains("threshold 0.5")).unwrap();
    let numbers: Vec<f64> =
        line.split(|c: char| !c.is_ascii_digit() && c != '.').filter_map(|n| n.parse().ok()).collect();
    let [_, found, all, wrong] = numbers[..] else { panic!("{line}") };
    assert!(found / all > 0.99 && wrong / all < 0.01, "{line}");
    for drawing in ["spikes.svg", "pipeline.svg"] {
        let svg = std::fs::read_to_string(folder.path().join("ephys-output").join(drawing)).unwrap();
        assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"), "{drawing}");
    }

    let again = ephys(folder.path(), &[], &[]);
    let shown = text(&again.stdout);
    assert!(again.status.success() && shown.contains("nothing to do"), "{shown}");
}

#[test]
fn what_it_computes_of_real_recordings_is_what_was_expected() {
    if !Path::new(RECORDINGS).exists() {
        println!("the real recordings are not here; this test needs {RECORDINGS}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let expected = std::fs::read_to_string(Path::new(RECORDINGS).join("expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&expected).unwrap();
    // The second run takes the results from the tables.
    for _ in 0..2 {
        let output = ephys(folder.path(), &["--data", RECORDINGS, "--json"], &[]);
        assert!(output.status.success(), "{}", text(&output.stderr));
        let results: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(agree(&results, &expected), "{results:#}");
    }
}

#[test]
fn what_goes_wrong_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, variables, said) in [
        (&["--jason"][..], &[][..], "--help tells"),
        (&["--data", "nowhere"], &[], "nowhere"),
        (&["--data", "."], &[], "has no file named like"),
        (&[], &[("DJ_BACKEND", "mysql"), ("DJ_HOST", "127.0.0.1"), ("DJ_PORT", "1")], "DJ_HOST and DJ_PORT"),
        (&[], &[("DJ_PORT", "many")], "`database.port` must be a whole number"),
    ] {
        let output = ephys(folder.path(), arguments, variables);
        let error = text(&output.stderr);
        assert!(!output.status.success() && error.contains(said), "{arguments:?}: {error}");
    }
}

#[test]
fn the_readme_shows_the_small_example_as_it_is() {
    let readme = include_str!("../../README.md");
    let shown = readme.split("```rust,ignore\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let program = include_str!("../small/main.rs");
    let program = program.split_once("\n\n").unwrap().1;
    assert_eq!(shown.trim(), program.trim());
}
