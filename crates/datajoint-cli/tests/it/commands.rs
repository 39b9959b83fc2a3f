//! What the commands do, on a laboratory of their own.

use std::path::Path;
use std::process::{Command, Stdio};

use datajoint::prelude::*;
use serde_json::Value;
use tempfile::TempDir;

schema!("colony");

#[table(Manual)]
/// # Who takes part
/// subject : int32
/// ---
/// name = "" : varchar(20)
pub struct Subject;

#[table(Computed, external_make)]
/// -> Subject
/// ---
/// weight : float64 # (g)
pub struct Weight;

/// Runs a command; gives its exit status, and what it said at either place.
fn dj(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dj"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DJ_")) {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// What a command says when it goes well.
fn said(folder: &Path, arguments: &[&str]) -> String {
    let (code, out, error) = dj(folder, arguments);
    assert_eq!(code, 0, "{arguments:?}: {out}{error}");
    out
}

async fn colony() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let dj = Instance::connect(Settings::embedded(folder.path().join("datajoint.sqlite"))).await.unwrap();
    let rows = [(1, "ada"), (2, "bob"), (3, "eve")];
    Subject
        .insert(&dj, rows.map(|(subject, name)| SubjectRow { subject, name: name.to_owned() }))
        .await
        .unwrap();
    Weight
        .insert_with(&dj, [WeightRow::new(1, 20.5)], InsertOptions::new().allow_direct_insert())
        .await
        .unwrap();
    dj.close().await;
    folder
}

#[tokio::test]
async fn tables_are_described_counted_and_drawn() {
    let folder = colony().await;
    let run = |arguments: &[&str]| said(folder.path(), arguments);
    insta::assert_snapshot!("status", run(&["status"]));
    insta::assert_snapshot!("status_json", run(&["status", "--json"]));
    insta::assert_snapshot!("describe", run(&["describe", "colony.Subject", "colony.Weight"]));
    insta::assert_snapshot!("diagram", run(&["diagram", "colony"]));
    assert!(run(&["diagram", "--format", "svg"]).starts_with("<svg"));
    let (code, _, error) = dj(folder.path(), &["describe", "colony.Subjekt"]);
    assert_eq!(code, 1);
    insta::assert_snapshot!("describe_unknown", error);
}

#[tokio::test]
async fn rows_are_found_in_every_format() {
    let folder = colony().await;
    let run = |arguments: &[&str]| said(folder.path(), arguments);
    insta::assert_snapshot!(
        "query",
        run(&["query", "colony.Subject", "--where", "subject > 1", "--order", "name desc"])
    );
    insta::assert_snapshot!(
        "query_join",
        run(&["query", "colony.Subject", "colony.Weight", "--columns", "weight"])
    );
    insta::assert_snapshot!(
        "query_csv",
        run(&["query", "colony.Subject", "--without", "colony.Weight", "--format", "csv"])
    );
    insta::assert_snapshot!(
        "query_json",
        run(&["query", "colony.Subject", "--matching", "colony.Weight", "--json"])
    );
    assert_eq!(run(&["query", "colony.Subject", "--count"]), "3\n");
    assert!(run(&["query", "colony.Subject", "--explain"]).contains("SELECT"));
    assert!(run(&["query", "colony.Subject", "--format", "html"]).contains("<table"));
    let (code, _, error) = dj(folder.path(), &["query", "colony.Subject", "--format", "parquet"]);
    assert!(code == 1 && error.contains("--output"), "{error}");

    // From one file into another table, and back.
    run(&["query", "colony.Subject", "--format", "parquet", "--output", "rows.parquet"]);
    run(&["query", "colony.Subject", "--format", "csv", "--output", "rows.csv"]);
    for file in ["rows.parquet", "rows.csv"] {
        let (code, _, error) = dj(folder.path(), &["insert", "colony.Subject", file]);
        assert!(code == 1 && error.contains("already"), "{error}");
        assert_eq!(
            run(&["insert", "colony.Subject", file, "--skip-identical"]),
            "3 rows into colony.subject\n"
        );
    }
    std::fs::write(folder.path().join("more.json"), r#"[{"subject": 9, "name": "new"}]"#).unwrap();
    run(&["insert", "colony.Subject", "more.json"]);
    assert_eq!(run(&["query", "colony.Subject", "--count"]), "4\n");
}

#[tokio::test]
async fn rows_and_tables_go_by_their_plan() {
    let folder = colony().await;
    let some = ["delete", "colony.Subject", "--where", "subject = 1"];
    let (code, _, error) = dj(folder.path(), &some);
    assert!(code == 1 && error.contains("nobody is there to ask"), "{error}");
    let plan = said(folder.path(), &[&some[..], &["--dry-run"]].concat());
    insta::assert_snapshot!("delete_dry_run", plan);
    let hash = plan.lines().last().unwrap().strip_prefix("plan ").unwrap().to_owned();
    assert_eq!(said(folder.path(), &[&some[..], &["--yes-plan", &hash]].concat()), "deleted 2 rows\n");
    let (code, _, error) = dj(folder.path(), &["delete", "colony.Subject"]);
    assert!(code == 1 && error.contains("--all"), "{error}");
    let plan: Value = serde_json::from_str(&said(
        folder.path(),
        &["delete", "colony.Subject", "--all", "--dry-run", "--json"],
    ))
    .unwrap();
    assert_eq!((plan["version"].as_u64(), plan["rows"].as_u64()), (Some(1), Some(2)));

    let plan = said(folder.path(), &["drop", "colony.Weight", "--dry-run"]);
    let hash = plan.lines().last().unwrap().strip_prefix("plan ").unwrap().to_owned();
    assert_eq!(said(folder.path(), &["drop", "colony.Weight", "--yes-plan", &hash]), "dropped 1 table\n");
}

#[tokio::test]
async fn a_deploy_is_planned_approved_and_applied_and_then_nothing_is_left() {
    let folder = colony().await;
    let (code, _, error) = dj(folder.path(), &["deploy", "plan"]);
    assert_eq!(code, 1);
    insta::assert_snapshot!("deploy_without_file", error);
    std::fs::write(
        folder.path().join("deploy.toml"),
        "provenance = true\njob_metadata = true\n[maintenance]\n",
    )
    .unwrap();
    let (code, plan, _) = dj(folder.path(), &["deploy", "plan"]);
    assert_eq!(code, 2);
    assert_eq!(dj(folder.path(), &["deploy", "plan", "--check"]).0, 1, "a failure for CI");
    let (server, rest) = plan.split_once('\n').unwrap();
    assert!(server.starts_with("sqlite 3."));
    // The hash has the version of the server in it.
    let (rest, hash) = rest.rsplit_once("\nplan ").unwrap();
    insta::assert_snapshot!("deploy_plan", rest);
    let (code, _, error) = dj(folder.path(), &["deploy", "apply", "--plan", "of-another-day"]);
    assert!(code == 1 && error.contains("look at it again"), "{error}");
    let applied = said(folder.path(), &["deploy", "apply", "--plan", hash.trim()]);
    assert!(applied.contains("changed  provenance  colony.subject"), "{applied}");
    let again = said(folder.path(), &["deploy", "apply", "--json"]);
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!((again["tables_modified"].as_u64(), again["ddl"].as_array().unwrap().len()), (Some(0), 0));
    assert_eq!((again["version"].as_u64(), again["command"].as_str()), (Some(1), Some("deploy apply")));
    let one = said(folder.path(), &["deploy", "plan", "provenance", "--table", "colony.Subject"]);
    assert!(one.contains("0 would change, 1 as wanted"), "{one}");
    insta::assert_snapshot!("doctor", said(folder.path(), &["doctor", "--json"]).replace(server, "SERVER"));
}

#[tokio::test]
async fn a_row_is_changed_and_what_belongs_to_it_is_counted() {
    let folder = colony().await;
    let run = |arguments: &[&str]| said(folder.path(), arguments);
    assert_eq!(
        run(&["update", "colony.Subject", r#"{"subject": 1, "name": "ida"}"#]),
        "changed 1 row of colony.subject\n"
    );
    assert!(run(&["query", "colony.Subject", "--where", "subject = 1"]).contains("ida"));
    let (code, _, error) = dj(folder.path(), &["update", "colony.Subject", "name=ida"]);
    assert!(code == 1 && error.contains("JSON object"), "{error}");
    insta::assert_snapshot!("trace_up", run(&["trace", "colony.Weight"]));
    insta::assert_snapshot!(
        "trace_down",
        run(&["trace", "colony.Subject", "--where", "subject < 3", "--direction", "down"])
    );
}

#[tokio::test]
async fn rows_are_exported_and_imported() {
    let folder = colony().await;
    let exported =
        said(folder.path(), &["export", "colony.Subject", "copy", "--where", "subject = 1", "--descendants"]);
    assert!(exported.contains("colony.__weight: 1"), "{exported}");
    let imported = said(folder.path(), &["import", "copy", "--schema", "colony=elsewhere"]);
    assert!(imported.contains("subject: 1"), "{imported}");
    assert_eq!(said(folder.path(), &["query", "elsewhere.Subject", "--count"]), "1\n");
}

#[tokio::test]
async fn what_needs_a_program_says_so() {
    let folder = colony().await;
    for command in ["populate", "declare"] {
        let (code, _, error) = dj(folder.path(), &[command]);
        assert!(code == 1 && error.contains("a project that links its own"), "{error}");
    }
}

#[tokio::test]
async fn whoever_has_read_enough_may_close_the_pipe() {
    let folder = colony().await;
    let mut command = Command::new(env!("CARGO_BIN_EXE_dj"));
    command
        .args(["status", "--json"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}
