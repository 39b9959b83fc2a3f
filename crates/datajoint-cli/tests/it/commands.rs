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

pub(crate) async fn colony() -> TempDir {
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
            "0 rows (3 were there already) into colony.subject\n"
        );
    }
    std::fs::write(folder.path().join("more.json"), r#"[{"subject": 9, "name": "new"}]"#).unwrap();
    assert_eq!(run(&["insert", "colony.Subject", "more.json"]), "1 row into colony.subject\n");
    std::fs::write(folder.path().join("some.csv"), "subject,name\n9,other\n10,newer\n").unwrap();
    let some = ["insert", "colony.Subject", "some.csv", "--skip-duplicates"];
    assert_eq!(run(&some), "1 row (1 was there already) into colony.subject\n");
    let json: serde_json::Value = serde_json::from_str(&run(&[&some[..], &["--json"]].concat())).unwrap();
    assert_eq!((&json["rows"], &json["inserted"], &json["skipped"]), (&2.into(), &0.into(), &2.into()));
    assert_eq!(run(&["query", "colony.Subject", "--count"]), "5\n");
    assert_eq!(run(&["query", "colony.Subject", "--limit", "2", "--count"]), "2\n");
    assert_eq!(run(&["query", "colony.Subject", "--offset", "4", "--count"]), "1\n");

    // What fails leaves the file as it was, and nothing beside it.
    let there = std::fs::read_to_string(folder.path().join("rows.csv")).unwrap();
    let names = || {
        let mut names: Vec<_> =
            std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    for format in ["csv", "parquet", "json", "html"] {
        let failing = ["query", "colony.Subject", "--where", "abs(-9223372036854775807 - subject) > 0"];
        let to_file = ["--format", format, "--output", "rows.csv"];
        let (code, _, error) = dj(folder.path(), &[&failing[..], &to_file].concat());
        assert_eq!(code, 1, "{error}");
        assert_eq!(std::fs::read_to_string(folder.path().join("rows.csv")).unwrap(), there, "{format}");
    }
    assert_eq!(names(), before);
}

#[tokio::test]
async fn rows_and_tables_go_by_their_plan() {
    let folder = colony().await;
    let some = ["delete", "colony.Subject", "--where", "subject = 1"];
    let (code, _, error) = dj(folder.path(), &some);
    assert!(code == 1 && error.contains("nobody is there to ask"), "{error}");
    let plan = said(folder.path(), &[&some[..], &["--dry-run"]].concat());
    let hash = plan.lines().last().unwrap().strip_prefix("plan ").unwrap().to_owned();
    insta::assert_snapshot!("delete_dry_run", plan.replace(&hash, "HASH"));
    assert_eq!(said(folder.path(), &[&some[..], &["--yes-plan", &hash]].concat()), "deleted 2 rows\n");
    let (code, _, error) = dj(folder.path(), &["delete", "colony.Subject"]);
    assert!(code == 1 && error.contains("--all"), "{error}");
    let plan: Value = serde_json::from_str(&said(
        folder.path(),
        &["delete", "colony.Subject", "--all", "--dry-run", "--json"],
    ))
    .unwrap();
    assert_eq!((plan["version"].as_u64(), plan["rows"].as_u64()), (Some(1), Some(2)));

    // Its queue goes with it.
    let dj = Instance::connect(Settings::embedded(folder.path().join("datajoint.sqlite"))).await.unwrap();
    let weight = dj.schema("colony").await.unwrap().table("Weight").unwrap().clone();
    datajoint::jobs::Jobs::open(&dj, weight.table()).await.unwrap();
    dj.close().await;
    let plan = said(folder.path(), &["drop", "colony.Weight", "--dry-run"]);
    let hash = plan.lines().last().unwrap().strip_prefix("plan ").unwrap().to_owned();
    let dropped = said(folder.path(), &["drop", "colony.Weight", "--yes-plan", &hash]);
    assert!(dropped.starts_with("dropped 1 table, with ") && dropped.contains(" hidden table"), "{dropped}");
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
async fn what_is_refused_names_options_of_the_command() {
    let folder = colony().await;
    for (file, text) in [
        ("one.json", r#"{"subject": 1, "name": "ida"}"#),
        ("list.json", r#"[{"subject": 1, "name": "ida"}]"#),
        ("twice.json", r#"[{"subject": 8, "name": "a"}, {"subject": 9, "name": "a", "name": "b"}]"#),
    ] {
        std::fs::write(folder.path().join(file), text).unwrap();
    }
    for (arguments, said) in [
        (["insert", "colony.Subject", "one.json"], "wants a list of objects"),
        (["insert", "colony.Subject", "twice.json"], "row 2: attribute `name`: it stands twice"),
        (["insert", "colony.Subject", "list.json"], "`--skip-duplicates`"),
        (["insert", "colony.Weight", "list.json"], "`--allow-direct-insert`"),
    ] {
        let (code, _, error) = dj(folder.path(), &arguments);
        assert!(code == 1 && error.contains(said) && !error.contains("::"), "{arguments:?}: {error}");
    }
}

#[tokio::test]
async fn findings_are_accepted_by_their_codes_and_a_misspelt_one_is_refused_with_the_nearest() {
    let folder = colony().await;
    let codes_of = |command: &[&str], accept: &str| {
        let (_, out, error) = dj(folder.path(), &[command, &["--json", "--accept", accept]].concat());
        let found: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{error}"));
        let findings = found["findings"].as_array().unwrap().iter();
        findings.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect::<Vec<String>>()
    };
    let codes = |accept: &str| codes_of(&["verify", "--offline"], accept);
    let all = codes("");
    assert!(all.iter().any(|code| code == "no-prefix") && all.iter().any(|code| code == "no-environment"));
    assert_eq!(codes(&all.join(",")), [""; 0], "with nothing left out");
    let mut rest = all;
    rest.retain(|code| code != "no-prefix" && code != "no-environment");
    assert_eq!(codes("no-prefix, no-environment,"), rest);

    let lab = Instance::connect(Settings::embedded(folder.path().join("datajoint.sqlite"))).await.unwrap();
    let lineage = datajoint::schema::TableName::new("colony", "~lineage");
    let lineage = datajoint_sql::table_reference(lab.backend(), &lineage);
    let untrue = datajoint_sql::Statement::plain(format!("UPDATE {lineage} SET lineage = 'x.y.z'"));
    lab.database().acquire().await.unwrap().script(&[untrue]).await.unwrap();
    lab.close().await;
    assert_eq!(codes_of(&["doctor"], ""), ["stale-lineage"]);
    assert_eq!(codes_of(&["doctor"], "stale-lineage"), [""; 0]);

    for command in [&["verify", "--offline"] as &[&str], &["doctor"], &["deploy", "apply"]] {
        let (code, _, error) =
            dj(folder.path(), &[command, &["--accept", "no-prefix,no-enviroment"]].concat());
        assert_eq!(code, 2, "{error}");
        assert!(error.contains("`no-enviroment`; did you mean `no-environment`?"), "{error}");
    }
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
async fn jobs_are_listed_and_changed() {
    let folder = colony().await;
    let run = |arguments: &[&str]| said(folder.path(), arguments);
    assert_eq!(run(&["jobs", "refresh", "colony.Weight"]), "colony.__weight: 2 jobs added\n");
    assert!(run(&["jobs", "ignore", "colony.Weight", "--where", "subject = 3"]).contains("1 job"));
    let listed = run(&["jobs", "list", "colony.Weight"]);
    let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
    let title = ["subject", "status", "priority", "created_time", "scheduled_time", "reserved_time", "host"];
    assert_eq!(lines[0], [&title[..], &["pid", "error_message"]].concat(), "{listed}");
    let states: Vec<&[&str]> = lines[1..].iter().map(|line| &line[..3]).collect();
    assert_eq!(states, [["2", "pending", "5"], ["3", "ignore", "5"]], "{listed}");
    let found: Value = serde_json::from_str(&run(&["jobs", "list", "colony.Weight", "--json"])).unwrap();
    assert!(found["jobs"][0]["scheduled_time"].is_string(), "{found}");
    for verb in ["list", "retry", "ignore", "release", "refresh"] {
        let (code, _, error) = dj(folder.path(), &["jobs", verb, "colony.Weight", "--where", "subjekt=3"]);
        assert!(code == 1 && error.contains("`subject`"), "{verb}: {error}");
    }
}

#[tokio::test]
async fn what_needs_a_program_says_so() {
    let folder = colony().await;
    for command in ["populate", "declare"] {
        let (code, _, error) = dj(folder.path(), &[command]);
        assert!(code == 1 && error.contains("a project that links its own"), "{error}");
    }
}

/// What would be taken for one, or for no limit, is refused.
#[test]
fn no_workers_no_time_and_no_tries_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        &["populate", "--workers", "0"][..],
        &["populate", "--time-limit", "0"],
        &["run", "--workers", "0"],
        &["run", "--time-limit", "0"],
        &["run", "--resource", "gpu=0"],
        &["deploy", "apply", "--tries", "0"],
        &["deploy", "apply", "--lock-timeout", "0"],
    ] {
        let (code, _, error) = dj(folder.path(), arguments);
        assert!(code == 2 && error.contains(arguments[arguments.len() - 2]), "{arguments:?}: {error}");
    }
}

#[test]
fn commands_that_look_at_a_database_make_no_file_and_name_the_one_that_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let commands: [&[&str]; 12] = [
        &["schemas", "list"],
        &["describe", "colony.Subject"],
        &["diagram"],
        &["status"],
        &["query", "colony.Subject"],
        &["insert", "colony.Subject", "rows.csv"],
        &["delete", "colony.Subject", "--all", "--yes-plan", "0"],
        &["drop", "colony.Subject", "--yes-plan", "0"],
        &["export", "colony.Subject", "copy"],
        &["guard", "list"],
        &["doctor"],
        &["deploy", "plan"],
    ];
    std::fs::write(folder.path().join("rows.csv"), "subject\n1\n").unwrap();
    std::fs::write(folder.path().join("deploy.toml"), "provenance = true\n").unwrap();
    let mut told = String::new();
    for arguments in commands {
        let (code, out, error) = dj(folder.path(), arguments);
        assert!(code != 0 && !folder.path().join("datajoint.sqlite").exists(), "{arguments:?}: {out}{error}");
        if error.contains("datajoint.sqlite is not there") && error.contains("DJ_DATABASE_PATH") {
            told.push_str(arguments[0]);
        } else {
            panic!("{arguments:?}: {out}{error}");
        }
    }
    assert!(told.ends_with("deploy"));
    // A file that is none of a database, and one whose folder is missing.
    std::fs::write(
        folder.path().join("datajoint.sqlite"),
        "no database, but long enough to be read as one\n",
    )
    .unwrap();
    let (_, _, error) = dj(folder.path(), &["status"]);
    assert!(error.contains("datajoint.sqlite") && error.contains("DJ_DATABASE_PATH"), "{error}");
}

#[tokio::test]
async fn a_file_that_can_not_be_opened_is_named() {
    let error = Instance::connect(Settings::embedded("/nowhere/lab.sqlite")).await.unwrap_err().to_string();
    assert!(error.contains("/nowhere/lab.sqlite") && error.contains("DJ_DATABASE_PATH"), "{error}");
}

mod strangers {
    use datajoint::prelude::*;

    schema!("strangers");

    #[table(Manual)]
    /// id : int32
    pub struct Thing;
}

/// Another project on the server asks for a later client than this one: its schemas are passed over, with a word.
#[tokio::test]
async fn the_stamp_of_another_project_stops_no_command_that_lists() {
    let folder = colony().await;
    let settings = Settings::embedded(folder.path().join("datajoint.sqlite"));
    let stranger = Instance::connect(settings).await.unwrap();
    strangers::Thing.count(&stranger).await.unwrap();
    stranger.stamp(&["strangers"], Some(&datajoint::Stamp::new("production"))).await.unwrap();
    let table = datajoint::schema::TableName::new("strangers", "~environment");
    let comment = r#"{"environment":"production","minimum_client":"99.0.0"}"#;
    let mut connection = stranger.database().acquire().await.unwrap();
    connection.script(&datajoint_sql::write_stamp(stranger.backend(), &table, comment)).await.unwrap();
    drop(connection);
    stranger.close().await;
    for arguments in [&["status"] as &[&str], &["schemas", "list"], &["diagram"]] {
        let (code, out, error) = dj(folder.path(), arguments);
        assert_eq!(code, 0, "{arguments:?}: {out}{error}");
        assert!(out.to_lowercase().contains("subject") || out.contains("colony"), "{arguments:?}: {out}");
        let told = format!("{out}{error}");
        assert!(told.contains("warning[schema-not-read]: the schema `strangers`"), "{arguments:?}: {told}");
    }
}

/// The schemas of another project, with a prefix of its own, are nothing to the check and to the list of stamps.
#[tokio::test]
async fn the_stamp_of_a_project_with_another_prefix_is_no_matter_of_verify_and_guard_list() {
    let folder = tempfile::tempdir().unwrap();
    let prefixed = |prefix: &str| {
        let mut settings = Settings::embedded(folder.path().join("datajoint.sqlite"));
        settings.database.database_prefix = prefix.to_owned();
        settings
    };
    let ours = Instance::connect(prefixed("ours_")).await.unwrap();
    Subject.count(&ours).await.unwrap();
    ours.stamp(&["ours_colony"], Some(&datajoint::Stamp::new("staging"))).await.unwrap();
    ours.close().await;
    let text = r#"{"environment": "staging", "database": {"database_prefix": "ours_"}}"#;
    std::fs::write(folder.path().join("datajoint.json"), text).unwrap();
    let answers = || {
        let verify = dj(folder.path(), &["verify", "--json"]);
        let list = dj(folder.path(), &["guard", "list"]);
        assert_eq!(list.0, 0, "{list:?}");
        (verify, list, dj(folder.path(), &["guard", "list", "--json"]))
    };
    let alone = answers();
    assert!(alone.1.1.contains("ours_colony  staging"), "{alone:?}");

    let others = Instance::connect(prefixed("theirs_")).await.unwrap();
    strangers::Thing.count(&others).await.unwrap();
    others.stamp(&["theirs_strangers"], Some(&datajoint::Stamp::new("production"))).await.unwrap();
    let table = datajoint::schema::TableName::new("theirs_strangers", "~environment");
    for comment in [
        r#"{"environment":"production"}"#,
        r#"{"environment":"production","minimum_client":"99.0.0","version":"9.9.9"}"#,
        r#"{"enviroment":"production"}"#,
        "no stamp",
    ] {
        let mut connection = others.database().acquire().await.unwrap();
        connection.script(&datajoint_sql::write_stamp(others.backend(), &table, comment)).await.unwrap();
        drop(connection);
        assert_eq!(answers(), alone, "{comment}");
    }
    // It is there, for those whom it concerns.
    std::fs::write(folder.path().join("datajoint.json"), text.replace("ours_", "theirs_")).unwrap();
    let (code, out, error) = dj(folder.path(), &["verify", "--json"]);
    assert!(code == 1 && out.contains("unreadable-stamp"), "{out}{error}");
    let (code, out, _) = dj(folder.path(), &["guard", "list"]);
    assert!(code == 0 && out.contains("theirs_strangers") && out.contains("can't be read"), "{out}");
}

/// Where a role may read the tables and no jobs, the tables are shown, and a finding says what is missing.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
async fn jobs_that_may_not_be_read_are_told_beside_the_rest() {
    let Ok(url) = std::env::var("DJ_TEST_POSTGRES_URL") else { return };
    let settings = Settings::from_url(&url).unwrap();
    let place = format!("{}:{}", settings.database.host.clone().unwrap(), settings.database.port.unwrap());
    let dj = Instance::connect(settings).await.unwrap().with_schema_prefix("dj_unread_");
    dj.drop_schemas("dj_unread_").confirmed().await.unwrap();
    Weight.count(&dj).await.unwrap();
    let weights = dj.schema("dj_unread_colony").await.unwrap().table("Weight").unwrap().clone();
    datajoint::jobs::Jobs::open(&dj, weights.table()).await.unwrap();
    let mut connection = dj.database().acquire().await.unwrap();
    let mut run = async |sql: &str| {
        connection.script(&[datajoint_sql::Statement::plain(sql.replace("{}", "dj_unread_colony"))]).await
    };
    let _ = run("DROP OWNED BY dj_unread").await;
    let _ = run("DROP ROLE dj_unread").await;
    run("CREATE ROLE dj_unread LOGIN PASSWORD 'secret'").await.unwrap();
    run("GRANT USAGE ON SCHEMA {} TO dj_unread").await.unwrap();
    run("GRANT SELECT ON {}.subject, {}.__weight, {}.\"~lineage\" TO dj_unread").await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("datajoint.json"),
        serde_json::json!({"database": {
            "backend": "postgresql", "host": place.split(':').next(), "port": place.split(':').next_back().unwrap().parse::<u16>().unwrap(),
            "user": "dj_unread", "password": "secret", "name": "postgres", "use_tls": false, "database_prefix": "dj_unread_",
        }})
        .to_string(),
    )
    .unwrap();
    let shown = said(folder.path(), &["status"]);
    assert!(shown.contains("__weight") && shown.contains("[jobs-not-read]"), "{shown}");
    let shown = said(folder.path(), &["jobs"]);
    assert!(shown.contains("[jobs-not-read]") && shown.contains("~~weight"), "{shown}");
    run("REVOKE SELECT ON {}.subject FROM dj_unread").await.unwrap();
    let found: Value = serde_json::from_str(&said(folder.path(), &["status", "--json"])).unwrap();
    assert!(found["findings"].to_string().contains("missing-privileges"), "{found}");
    run("DROP OWNED BY dj_unread").await.unwrap();
    run("DROP ROLE dj_unread").await.unwrap();
    drop(connection);
    dj.drop_schemas("dj_unread_").confirmed().await.unwrap();
}

mod kept {
    use datajoint::prelude::*;

    schema!("kept");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// raw : <hash@main>
    pub struct Bytes;
}

/// The exit status of `fsck` tells what is wrong from what is merely left over.
#[tokio::test]
async fn objects_are_compared_with_the_rows_that_refer_to_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("objects")).unwrap();
    let settings = serde_json::json!({
        "database": {"backend": "sqlite", "path": folder.path().join("datajoint.sqlite")},
        "stores": {"main": {"protocol": "file", "location": folder.path().join("objects")}},
    });
    std::fs::write(folder.path().join("datajoint.json"), settings.to_string()).unwrap();
    let read = Settings::reader().directory(folder.path()).load().unwrap();
    let instance = Instance::connect(read).await.unwrap();
    kept::Bytes.insert_one(&instance, kept::BytesRow::new(1, b"abc".to_vec())).await.unwrap();
    instance.close().await;
    let shown = said(folder.path(), &["fsck"]);
    assert!(shown.contains("1 reference to 1 object; 0 read whole; 0 wrong"), "{shown}");
    let left = folder.path().join("objects/_hash/kept/leftover");
    std::fs::write(&left, b"12345").unwrap();
    assert_eq!(dj(folder.path(), &["fsck"]).0, 0, "a row of it may be on its way");
    let (code, shown, _) = dj(folder.path(), &["fsck", "--older-than", "0", "--json"]);
    let found: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((code, &found["orphan_bytes"]), (2, &Value::from(5)), "{shown}");
    std::fs::write(folder.path().join("objects/_hash/kept/saavbgb42jh3bvuwh56sryl7oi"), b"xyz").unwrap();
    let (code, shown, _) = dj(folder.path(), &["fsck", "kept", "--read-all"]);
    assert!(code == 1 && shown.contains("`raw` of `kept.bytes` (id = 1)"), "{code} {shown}");
}
