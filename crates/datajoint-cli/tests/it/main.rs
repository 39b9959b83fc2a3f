//! The commands, run as programs.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that meets an error has failed")]

mod audit;
mod closed;
mod commands;
mod files;
mod help;
mod pull;
// As `dj pull rust` writes it.
#[rustfmt::skip]
#[allow(unreachable_pub, missing_docs, reason = "the module of somebody else")]
mod pulled;
mod schema;
mod secrets;
mod unread;

use std::path::Path;
use std::process::{Command, Stdio};

use datajoint::prelude::*;
use tempfile::TempDir;

schema!("lab");

#[table(Manual)]
/// session : int32
pub struct Session;

const SECRET: &str = "planted-7f3a";

/// Runs a command in a folder; gives whether it went well, and all that it said.
fn datajoint(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> (bool, String) {
    let (status, said) = run(folder, variables, arguments);
    (status == 0, said)
}

/// The same with the exit status.
fn run(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dj"));
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DJ_")) {
        command.env_remove(name);
    }
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(said).unwrap())
}

/// A folder with the database of a laboratory.
async fn laboratory() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let dj = Instance::connect(Settings::embedded(folder.path().join("datajoint.sqlite"))).await.unwrap();
    Session.insert(&dj, (1..=3).map(SessionRow::new)).await.unwrap();
    dj.close().await;
    folder
}

#[tokio::test]
async fn schemas_are_dropped_by_prefix_with_the_hash_of_the_plan_alone() {
    let folder = laboratory().await;
    let run = |arguments: &[&str]| datajoint(folder.path(), &[], arguments);
    assert_eq!(run(&["schemas", "list"]), (true, "lab  1 table\n".to_owned()));

    let (done, said) = run(&["schemas", "drop", "--prefix", "la"]);
    assert!(!done && said.contains("nobody is there to ask"), "{said}");
    let (done, said) = run(&["schemas", "drop", "--prefix", "la", "--yes-plan", "of-another-day"]);
    assert!(!done && said.contains("confirm it anew"), "{said}");
    let (done, said) = run(&["schemas", "drop", "--prefix", ""]);
    assert!(!done && said.contains("every schema"), "{said}");
    for more in [&[][..], &["--dry-run"]] {
        let (done, said) = run(&[&["schemas", "drop", "--prefix", "lba"], more].concat());
        assert!(!done && said.contains("no schema begins with `lba`"), "{said}");
    }

    let (done, plan) = run(&["schemas", "drop", "--prefix", "la", "--dry-run"]);
    assert!(done && plan.contains("lab.session  3 rows"), "{plan}");
    let hash = plan.lines().last().unwrap().strip_prefix("plan ").unwrap();
    let (done, said) = run(&["schemas", "drop", "--prefix", "la", "--yes-plan", hash]);
    assert!(done, "{said}");
    assert_eq!(run(&["schemas", "list"]), (true, String::new()));
}

#[tokio::test]
async fn a_stamp_is_set_shown_and_taken_away() {
    let folder = laboratory().await;
    let run = |environment: &str, arguments: &[&str]| {
        datajoint(folder.path(), &[("DJ_ENVIRONMENT", environment)], arguments)
    };
    let stamp =
        ["guard", "stamp", "--prefix", "l", "--environment", "production", "--minimum-client", "0.1.0"];
    assert_eq!(
        run("staging", &stamp),
        (true, "stamped lab: production, for clients from 0.1.0\n".to_owned())
    );
    assert_eq!(
        run("staging", &["guard", "list"]),
        (true, "lab  production, for clients from 0.1.0\n".to_owned())
    );
    let (done, said) = run("staging", &["guard", "unstamp", "--schema", "lab"]);
    assert!(!done && said.contains("is stamped `production`"), "{said}");
    let (done, said) = run("staging", &["guard", "stamp", "--schema", "labb", "--environment", "x"]);
    assert!(!done && said.contains("did you mean `lab`?"), "{said}");
    assert!(run("production", &["guard", "unstamp", "--schema", "lab"]).0);
    assert_eq!(run("production", &["guard", "list"]), (true, String::new()));
}

#[tokio::test]
async fn verify_finds_what_must_not_go_into_production() {
    let folder = laboratory().await;
    let run = |variables: &[(&str, &str)], more: &[&str]| {
        datajoint(folder.path(), variables, &[&["verify", "--json"], more].concat())
    };
    let codes = |said: &str| -> Vec<String> {
        let report: serde_json::Value = serde_json::from_str(said).unwrap();
        report["findings"].as_array().unwrap().iter().map(|finding| finding["code"].to_string()).collect()
    };
    let (done, said) = run(&[("DJ_SAFEMODE", "false"), ("DJ_LOG_LEVEL", "debug")], &[]);
    assert!(!done);
    let found = codes(&said);
    for code in
        ["create-tables-on", "embedded-database", "no-prefix", "safemode-off", "debug-log", "no-environment"]
    {
        assert!(found.contains(&format!("\"{code}\"")), "{code} is not among {found:?}");
    }

    let good = [
        ("DJ_BACKEND", "postgresql"),
        ("DJ_HOST", "db.example.org"),
        ("DJ_USER", "worker"),
        ("DJ_PASS", SECRET),
        ("DJ_DATABASE_PREFIX", "mylab_"),
        ("DJ_CREATE_TABLES", "false"),
        ("DJ_ENVIRONMENT", "production"),
    ];
    let (done, said) = run(&good, &["--offline"]);
    assert!(done, "{said}");
    assert_eq!(codes(&said), Vec::<String>::new());
}

#[test]
fn a_store_is_written_to_before_it_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let run = |location: &str| {
        let stores = format!(r#"{{"main": {{"protocol": "file", "location": "{location}"}}}}"#);
        datajoint(folder.path(), &[("DJ_STORES", &stores)], &["verify", "--offline", "--json"]).1
    };
    assert!(run(&folder.path().join("missing").display().to_string()).contains("\"store-not-writable\""));
    assert!(!run(&folder.path().display().to_string()).contains("store-not-"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
}

/// Every document has the parts that the guide names, with something in them.
#[tokio::test]
async fn every_json_document_has_what_the_guide_says() {
    let folder = laboratory().await;
    std::fs::write(folder.path().join("datajoint.json"), r#"{"display.limit": 7}"#).unwrap();
    std::fs::write(folder.path().join("rows.json"), r#"[{"session": 9}]"#).unwrap();
    let run = |arguments: &[&str]| -> serde_json::Value {
        let (_, said) = datajoint(folder.path(), &[], &[arguments, &["--json"]].concat());
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{arguments:?}: {error}\n{said}"))
    };
    assert!(datajoint(folder.path(), &[], &["guard", "stamp", "--schema", "lab", "--environment", "x"]).0);
    let out = run(&["config", "explain"]);
    let limit = out["settings"].as_array().unwrap().iter().find(|one| one["key"] == "display.limit").unwrap();
    assert_eq!(limit["value"], "7");
    assert!(limit["origin"].as_str().unwrap().ends_with("datajoint.json:1"), "{limit}");
    assert!(limit["hidden"].is_array(), "{limit}");
    assert_eq!(run(&["guard", "list"])["schemas"]["lab"]["environment"], "x");
    assert!(datajoint(folder.path(), &[("DJ_ENVIRONMENT", "x")], &["guard", "unstamp", "--schema", "lab"]).0);

    let one = ["lab.Session", "--where", "session = 2"];
    schema::lock(folder.path());
    let commands: [&[&str]; 16] = [
        &["config", "explain"],
        &["config", "check"],
        &["schemas", "list"],
        &["schema", "check"],
        &["describe", "lab.Session"],
        &["status"],
        &["query", "lab.Session"],
        &["trace", "lab.Session"],
        &["insert", "lab.Session", "rows.json"],
        &["delete", one[0], one[1], one[2], "--dry-run"],
        &["drop", "lab.Session", "--dry-run"],
        &["schemas", "drop", "--prefix", "la", "--dry-run"],
        &["guard", "list"],
        &["verify"],
        &["doctor"],
        &["audit"],
    ];
    let page = include_str!("../../../../docs/guide/src/commands.md");
    for arguments in commands {
        let out = run(arguments);
        let mut name = arguments[0].to_owned();
        if ["config", "schema", "schemas", "guard"].contains(&arguments[0]) {
            name = format!("{name} {}", arguments[1]);
        }
        assert_eq!((out["version"].as_u64(), out["command"].as_str()), (Some(1), Some(name.as_str())));
        let names = format!("`{name}`");
        let row = page.lines().find(|line| {
            let cell = line.split('|').nth(1).unwrap_or_default();
            line.contains(" | `") && cell.contains(&names) && !cell.contains("lab.")
        });
        let row = row.unwrap_or_else(|| panic!("{name} is not in the guide"));
        // What stands before a colon or a semicolon is a member of the document.
        let cell = row.split('|').nth(2).unwrap();
        for part in cell.split("; ").filter(|part| !part.contains("--dry-run")) {
            let members = part.split(": ").next().unwrap().split(", ");
            for member in members.filter_map(|member| member.trim().strip_prefix('`')?.strip_suffix('`')) {
                assert!(out.get(member).is_some(), "{name} has no {member}: {out:#}");
            }
        }
    }
    let plan = run(&["delete", one[0], one[1], one[2], "--dry-run"]);
    assert_eq!(plan["tables"][0]["rows"], 1, "{plan:#}");
    assert!(plan["restriction"].as_str().unwrap().contains("session = 2"), "{plan:#}");
    assert_eq!(plan["plan"].as_str().unwrap().len(), 32, "{plan:#}");
    // As many others are not confirmed by it.
    let hash = plan["plan"].as_str().unwrap();
    let other = ["delete", "lab.Session", "--where", "session = 3", "--yes-plan", hash];
    let (done, said) = datajoint(folder.path(), &[], &other);
    assert!(!done && said.contains("confirm it anew"), "{said}");
    let (done, said) = datajoint(folder.path(), &[], &["delete", one[0], one[1], one[2], "--yes-plan", hash]);
    assert!(done, "{said}");
}

/// With `create_tables` off nothing comes to be, the file of the database included.
#[tokio::test]
async fn no_file_is_made_where_nothing_may_be_created() {
    let folder = tempfile::tempdir().unwrap();
    let off = [("DJ_CREATE_TABLES", "false")];
    let run = |arguments: &[&str]| datajoint(folder.path(), &off, arguments);
    for arguments in [&["schemas", "list"][..], &["status"], &["guard", "list"], &["doctor"]] {
        let (done, said) = run(arguments);
        assert!(!done, "{said}");
        assert!(said.contains("datajoint.sqlite is not there, and nothing may be created"), "{said}");
        assert!(
            said.contains("`database.create_tables` is off (from the variable DJ_CREATE_TABLES)"),
            "{said}"
        );
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    std::fs::write(folder.path().join("datajoint.sqlite"), "").unwrap();
    let (done, said) = run(&["schemas", "list"]);
    assert!(!done && said.contains("holds no schemas"), "{said}");
    assert_eq!(std::fs::metadata(folder.path().join("datajoint.sqlite")).unwrap().len(), 0);

    // What is there is read.
    let folder = laboratory().await;
    let (done, said) = datajoint(folder.path(), &off, &["schemas", "list"]);
    assert_eq!((done, said.as_str()), (true, "lab  1 table\n"));
    let (done, said) = datajoint(folder.path(), &off, &["schemas", "drop", "--prefix", "la", "--dry-run"]);
    assert!(done && said.contains("lab.session  3 rows"), "{said}");
}

/// A variable that is not UTF-8 is no variable that is not there.
#[cfg(unix)]
#[test]
fn a_variable_that_is_not_utf_8_is_an_error() {
    use std::os::unix::ffi::OsStrExt as _;

    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_dj"));
    command.args(["config", "explain"]).current_dir(folder.path()).env_clear();
    command
        .env("DJ_HOST", std::ffi::OsStr::from_bytes(b"db.\xff"))
        .env("OTHER", std::ffi::OsStr::from_bytes(b"\xff"));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && said.contains("DJ_HOST is not UTF-8: set it anew"), "{said}");
}

/// A warning of the settings is no error, but a secret that others can read is one.
#[tokio::test]
async fn a_warning_of_the_settings_stays_one() {
    let folder = laboratory().await;
    let good = [
        ("DJ_BACKEND", "postgresql"),
        ("DJ_HOST", "db.example.org"),
        ("DJ_USER", "worker"),
        ("DJ_PASS", SECRET),
        ("DJ_SCHEMA_PREFIX", "mylab_"),
        ("DJ_CREATE_TABLES", "false"),
        ("DJ_ENVIRONMENT", "production"),
    ];
    let (done, said) = datajoint(folder.path(), &good, &["verify", "--offline"]);
    assert!(done && said.contains("warning[settings]: DJ_SCHEMA_PREFIX is an older name"), "{said}");
}

/// Every command, with a password from each place that one can come from: none says it.
#[tokio::test]
async fn no_command_says_a_secret() {
    let folder = laboratory().await;
    let secrets = folder.path().join(".secrets");
    std::fs::create_dir(&secrets).unwrap();
    std::fs::write(secrets.join("database.password"), SECRET).unwrap();
    let server =
        [("DJ_BACKEND", "postgresql"), ("DJ_HOST", "127.0.0.1"), ("DJ_PORT", "9"), ("DJ_USER", "ada")];
    let command = format!("echo {SECRET}");
    let path = secrets.join("database.password");
    let ways: [&[(&str, &str)]; 4] = [
        &[],
        &[("DJ_PASS", SECRET)],
        &[("DJ_PASS_FILE", path.to_str().unwrap())],
        &[("DJ_PASSWORD_COMMAND", &command)],
    ];
    let commands: [&[&str]; 17] = [
        &["status"],
        &["describe", "lab"],
        &["query", "lab.Session"],
        &["doctor", "--json"],
        &["deploy", "plan", "maintenance"],
        &["deploy", "apply", "maintenance", "--json"],
        &["deploy", "matrix"],
        &["deploy", "policies"],
        &["config", "explain"],
        &["config", "explain", "--json"],
        &["config", "check"],
        &["config", "check", "--json"],
        &["schemas", "list"],
        &["schemas", "drop", "--prefix", "x"],
        &["guard", "list"],
        &["verify"],
        &["verify", "--json"],
    ];
    for (number, way) in ways.iter().enumerate() {
        for arguments in commands {
            let (_, said) = datajoint(folder.path(), &[&server[..], way].concat(), arguments);
            // The command that gives a password is no secret; people must not write one into it.
            let said = said.replace(&command, "");
            assert!(!said.contains(SECRET), "way {number}, {arguments:?} says it:\n{said}");
        }
    }
}

/// A name, files with their texts, and variables.
type Way<'a> = (&'a str, Vec<(&'a str, String)>, Vec<(&'a str, &'a str)>);

/// The ways by which user and password come to a program, on a server that wants them.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
async fn user_and_password_come_in_every_way_that_is_told() {
    let Some(server) =
        ["DJ_TEST_MARIADB_URL", "DJ_TEST_MYSQL_URL"].iter().find_map(|name| std::env::var(name).ok())
    else {
        return println!("no server of MySQL or MariaDB is here");
    };
    let settings = Settings::from_url(&server).unwrap();
    let (host, port) = (settings.database.host.clone().unwrap(), settings.database.port.unwrap().to_string());
    let dj = Instance::connect(settings).await.unwrap();
    let user = "dj_every_way";
    let mut connection = dj.database().acquire().await.unwrap();
    for sql in [
        format!("DROP USER IF EXISTS '{user}'@'%'"),
        format!("CREATE USER '{user}'@'%' IDENTIFIED BY '{SECRET}'"),
    ] {
        connection.script(&[datajoint_sql::Statement::plain(sql)]).await.unwrap();
    }
    let server = [("DJ_BACKEND", "mysql"), ("DJ_HOST", host.as_str()), ("DJ_PORT", port.as_str())];
    let command = format!("echo {SECRET}");
    let named = [("DJ_USER_FILE", "user"), ("DJ_PASS_FILE", "password")];
    let file = |text: String| vec![("datajoint.json", text)];
    let ways: Vec<Way<'_>> = vec![
        ("variables", vec![], vec![("DJ_USER", user), ("DJ_PASS", SECRET)]),
        (
            "files that variables name",
            vec![("user", user.into()), ("password", SECRET.into())],
            named.to_vec(),
        ),
        (
            "files of secrets",
            vec![
                ("datajoint.json", "{}".into()),
                (".secrets/database.user", user.into()),
                (".secrets/database.password", SECRET.into()),
            ],
            vec![],
        ),
        (
            "datajoint.json",
            file(format!(r#"{{"database": {{"user": "{user}", "password": "{SECRET}"}}}}"#)),
            vec![],
        ),
        (
            "dotted keys of datajoint.json",
            file(format!(r#"{{"database.user": "{user}", "database.password": "{SECRET}"}}"#)),
            vec![],
        ),
        (
            "a command",
            file(format!(r#"{{"database.user": "{user}", "database.password_command": "{command}"}}"#)),
            vec![],
        ),
        (
            "pyproject.toml",
            vec![(
                "pyproject.toml",
                format!("[tool.datajoint.database]\nuser = \"{user}\"\npassword = \"{SECRET}\"\n"),
            )],
            vec![],
        ),
    ];
    for (way, files, variables) in ways {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let (done, said) =
            datajoint(folder.path(), &[&server[..], &variables].concat(), &["schemas", "list"]);
        assert!(done && !said.contains(SECRET), "{way}: {said}");
        let (done, said) = datajoint(
            folder.path(),
            &[&server[..], &variables, &[("DJ_PASS", "wrong")]].concat(),
            &["schemas", "list"],
        );
        assert!(!done && said.contains("DJ_PASS"), "{way}: {said}");
    }
    connection.script(&[datajoint_sql::Statement::plain(format!("DROP USER '{user}'@'%'"))]).await.unwrap();
}

/// A role that may do too little, too much, or just what it needs.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
async fn verify_compares_what_a_role_may_with_what_it_needs() {
    for (variable, backend) in [("DJ_TEST_POSTGRES_URL", "postgresql"), ("DJ_TEST_MARIADB_URL", "mysql")] {
        let Ok(url) = std::env::var(variable) else { continue };
        let settings = Settings::from_url(&url).unwrap();
        let (host, port) =
            (settings.database.host.clone().unwrap(), settings.database.port.unwrap().to_string());
        let dj = Instance::connect(settings).await.unwrap().with_schema_prefix("dj_verify_");
        dj.drop_schemas("dj_verify_").confirmed().await.unwrap();
        Session.insert_one(&dj, SessionRow::new(1)).await.unwrap();
        let mut connection = dj.database().acquire().await.unwrap();
        let role = if backend == "mysql" { "'dj_verify'@'%'" } else { "dj_verify" };
        let tables =
            if backend == "mysql" { "dj_verify_lab.*" } else { "ALL TABLES IN SCHEMA dj_verify_lab" };
        let run = async |connection: &mut datajoint_adapters::Connection, sql: String| {
            connection.script(&[datajoint_sql::Statement::plain(sql)]).await
        };
        // It may be left from an earlier run, with its privileges.
        let _ = run(&mut connection, format!("DROP OWNED BY {role}")).await;
        let _ = run(&mut connection, format!("DROP USER {role}")).await;
        let password = if backend == "mysql" { "IDENTIFIED BY" } else { "LOGIN PASSWORD" };
        run(&mut connection, format!("CREATE USER {role} {password} '{SECRET}'")).await.unwrap();
        if backend == "postgresql" {
            run(&mut connection, format!("GRANT USAGE ON SCHEMA dj_verify_lab TO {role}")).await.unwrap();
        }
        let found = || {
            let folder = tempfile::tempdir().unwrap();
            let variables = [
                ("DJ_BACKEND", backend),
                ("DJ_HOST", &host),
                ("DJ_PORT", &port),
                ("DJ_USER", "dj_verify"),
                ("DJ_PASS", SECRET),
                ("DJ_DATABASE_PREFIX", "dj_verify_"),
                ("DJ_CREATE_TABLES", "false"),
            ];
            datajoint(folder.path(), &variables, &["verify", "--json"]).1
        };
        run(&mut connection, format!("GRANT SELECT, INSERT ON {tables} TO {role}")).await.unwrap();
        let said = found();
        assert!(
            said.contains("\"missing-privileges\"") && said.contains("DELETE on dj_verify_lab"),
            "{said}"
        );

        run(&mut connection, format!("GRANT UPDATE, DELETE ON {tables} TO {role}")).await.unwrap();
        let said = found();
        for code in ["missing-privileges", "too-many-privileges", "may-change-tables"] {
            assert!(!said.contains(&format!("\"{code}\"")), "{backend}: {said}");
        }

        let more = if backend == "mysql" {
            format!("GRANT ALL PRIVILEGES ON {tables} TO {role}")
        } else {
            format!("GRANT CREATE ON SCHEMA dj_verify_lab TO {role}")
        };
        run(&mut connection, more).await.unwrap();
        assert!(found().contains("\"may-change-tables\""), "{backend}");
        let _ = run(&mut connection, format!("DROP OWNED BY {role}")).await;
        run(&mut connection, format!("DROP USER {role}")).await.unwrap();
        dj.drop_schemas("dj_verify_").confirmed().await.unwrap();
    }
}

/// `/dev/full` takes nothing.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn output_that_can_not_be_written_is_an_error() {
    let folder = laboratory().await;
    let commands: [&[&str]; 8] = [
        &["schemas", "list"],
        &["status"],
        &["status", "--json"],
        &["describe", "lab"],
        &["query", "lab.Session"],
        &["query", "lab.Session", "--count"],
        &["guard", "version", "--schema", "lab", "1"],
        &["doctor", "--json"],
    ];
    for arguments in commands {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dj"));
        command.args(arguments).current_dir(folder.path()).stdin(Stdio::null());
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{arguments:?}: {said}");
        assert!(said.contains("the output can't be written: No space left"), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn a_stamp_that_nobody_could_name_is_refused_and_taken_away() {
    let folder = laboratory().await;
    let run = |arguments: &[&str]| datajoint(folder.path(), &[], arguments);
    let long = "x".repeat(201);
    for (environment, told) in [
        (" ", "names nothing"),
        ("staging ", "begins or ends with a blank"),
        ("prod\u{1f3ac}", "no room for"),
        (long.as_str(), "longer than 200 characters"),
    ] {
        let (done, said) = run(&["guard", "stamp", "--schema", "lab", "--environment", environment]);
        assert!(!done && said.contains(told), "{environment:?}: {said}");
    }
    for release in ["1.0.0.0", "one", "1.0\n"] {
        let stamp =
            ["guard", "stamp", "--schema", "lab", "--environment", "test", "--minimum-client", release];
        let (done, said) = run(&stamp);
        assert!(
            !done && said.contains("nothing is recorded of the schema") && !said.contains("regardless"),
            "{release:?}: {said}"
        );
    }
    let stamp = ["guard", "stamp", "--schema", "lab", "--environment", "test", "--minimum-client", "99.0.0"];
    let (done, said) = run(&stamp);
    assert!(!done && said.contains("nothing is recorded") && said.contains("would be 99.0.0"), "{said}");
    for (version, told) in
        [("", "the version \"\" names nothing"), ("abc", "has no numbers"), ("v1", "has no numbers")]
    {
        let (done, said) = run(&["guard", "version", "--schema", "lab", version]);
        assert!(!done && said.contains("nothing is recorded") && said.contains(told), "{version:?}: {said}");
    }
    assert_eq!(run(&["guard", "list"]), (true, String::new()));

    // As another client may have written it.
    let dj = Instance::connect(Settings::embedded(folder.path().join("datajoint.sqlite"))).await.unwrap();
    dj.stamp(&["lab"], Some(&datajoint::Stamp::new("test"))).await.unwrap();
    let mut connection = dj.database().acquire().await.unwrap();
    let emptied = "UPDATE \"~comment\" SET \"comment\" = replace(\"comment\", 'test', '')";
    connection.execute(&datajoint_sql::Statement::plain(emptied)).await.unwrap();
    drop(connection);
    dj.close().await;
    let (done, said) = run(&["guard", "unstamp", "--schema", "lab"]);
    assert!(!done && said.contains("guard unstamp --schema lab --regardless lab"), "{said}");
    let (done, said) = run(&["guard", "unstamp", "--schema", "lab", "--regardless", "lab"]);
    assert!(done, "{said}");
    assert_eq!(run(&["guard", "list"]), (true, String::new()));
}
