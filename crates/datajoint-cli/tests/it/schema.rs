//! Code, lock and database, compared.

use std::path::Path;

use clap::Parser as _;
use datajoint::prelude::*;
use datajoint::{DynamicDeclaration, Tier};
use datajoint_cli::Cli;

use super::{Session, datajoint, laboratory};

pipeline! { pub struct Lab { Session } }

/// Runs a command of a program that has the table `lab.Session`; gives its exit status.
fn program(arguments: &[&str]) -> String {
    let cli = Cli::try_parse_from([&["xtask"], arguments].concat()).unwrap();
    format!("{:?}", cli.run::<Lab>())
}

const SUCCESS: &str = "ExitCode(unix_exit_status(0))";
const DIFFERS: &str = "ExitCode(unix_exit_status(2))";

/// Writes the lock of that program into a folder.
pub(super) fn lock(folder: &Path) {
    let file = folder.join("datajoint.lock").display().to_string();
    // A runtime does not start within another one.
    let written = std::thread::spawn(move || program(&["schema", "lock", "--file", &file])).join();
    assert_eq!(written.unwrap(), SUCCESS);
}

async fn declare(folder: &Path, class_name: &str, definition: &str) {
    let dj = Instance::connect(Settings::embedded(folder.join("datajoint.sqlite"))).await.unwrap();
    let declaration =
        DynamicDeclaration { schema: "lab", class_name, tier: Tier::Manual, master: None, definition };
    dj.declare_dynamic(declaration).await.unwrap();
    dj.close().await;
}

#[tokio::test]
async fn a_lock_is_written_and_compared_with_the_database() {
    let folder = laboratory().await;
    lock(folder.path());
    let run = |arguments: &[&str]| datajoint(folder.path(), &[], arguments);
    let same = "lock -> database\n0 would change, 1 as wanted\n";
    assert_eq!(run(&["schema", "check"]), (true, same.to_owned()));

    // What only the database has is told, and met by nobody.
    declare(folder.path(), "Another", "another : int32").await;
    let (done, said) = run(&["schema", "check", "database", "lock"]);
    assert!(done && said.contains("of no effect  lab.another: only the database has it"), "{said}");
}

#[tokio::test]
async fn what_differs_is_told_with_an_exit_status_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    declare(folder.path(), "Session", "session : int64\n---\nnote : varchar(9)").await;
    lock(folder.path());
    let (done, said) = datajoint(folder.path(), &[], &["schema", "check"]);
    assert!(!done);
    let expected = "lock -> database\n  would change  lab.session\n      \
                    `session` is locked as `int32`; the database has `int64`\n      \
                    the database has the column `note : varchar(9)`, which is not locked\n\
                    1 would change, 0 as wanted\n";
    assert_eq!(said, expected);
    let (_, said) = datajoint(folder.path(), &[], &["schema", "check", "--json"]);
    let found: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(found["exit_status"], 2);
    let table = &found["pairs"][0]["tables"][0];
    assert_eq!((table["state"].as_str(), table["would_change"].as_bool()), (Some("different"), Some(true)));
    assert_eq!(table["differences"][0]["aspect"], "type");
}

#[test]
fn the_code_is_compared_with_the_lock_without_a_database() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("datajoint.lock");
    let name = file.display().to_string();
    let check = || program(&["schema", "check", "code", "lock", "--file", &name]);
    lock(folder.path());
    assert_eq!(check(), SUCCESS);
    let written = std::fs::read_to_string(&file).unwrap();
    // A lock of another table, whose hash fits it.
    let dj = datajoint::lock::Lock::new(&[]).to_string();
    std::fs::write(&file, dj).unwrap();
    assert_eq!(check(), DIFFERS);
    // Writing again gives the same file.
    lock(folder.path());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written);
}

#[tokio::test]
async fn a_lock_that_is_broken_or_missing_says_what_to_do() {
    let folder = laboratory().await;
    let run = |arguments: &[&str]| datajoint(folder.path(), &[], arguments);
    let (done, said) = run(&["schema", "check"]);
    assert!(!done && said.contains("there is nothing to compare") && said.contains("--file"), "{said}");
    let (done, said) = run(&["schema", "check", "lock", "database"]);
    assert!(!done && said.contains("datajoint.lock") && said.contains("schema lock"), "{said}");
    let (done, said) = run(&["schema", "check", "code", "database"]);
    assert!(!done && said.contains("this program has no tables"), "{said}");
    let (done, said) = run(&["schema", "check", "lock"]);
    assert!(!done && said.contains("name two sides"), "{said}");
    let (done, said) = run(&["schema", "lock"]);
    assert!(!done && said.contains("this program has no tables"), "{said}");

    lock(folder.path());
    let file = folder.path().join("datajoint.lock");
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, whole.replace("int32", "int16")).unwrap();
    let (done, said) = run(&["schema", "check"]);
    assert!(!done && said.contains("line 4, column 5") && said.contains("not written by hand"), "{said}");
    // What is broken is written anew; what a later release wrote is left alone.
    lock(folder.path());
    std::fs::write(&file, whole.replace("\"version\": 1", "\"version\": 2")).unwrap();
    let name = file.display().to_string();
    let refused = std::thread::spawn(move || program(&["schema", "lock", "--file", &name])).join().unwrap();
    assert_eq!(refused, "ExitCode(unix_exit_status(1))");
    assert!(std::fs::read_to_string(&file).unwrap().contains("\"version\": 2"));
}
