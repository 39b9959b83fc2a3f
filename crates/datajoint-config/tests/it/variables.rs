//! The environment.

use datajoint_config::{ExposeSecret, LogLevel, Settings};

use crate::{folder, reader, value};

fn with(variables: &[(&str, &str)]) -> datajoint_config::Result<Settings> {
    let folder = folder(&[]);
    reader(folder.path()).environment(variables.iter().copied()).load()
}

#[test]
fn names_of_variables_are_read_in_any_case_and_empty_ones_passed_over() {
    let settings = with(&[("dj_host", "db.lab"), ("DJ_USER", "")]).unwrap();
    assert_eq!(value(&settings, "database.host"), "db.lab");
    assert_eq!(settings.database.user, None);
}

#[test]
fn a_log_level_is_read_in_any_case() {
    assert_eq!(with(&[("DJ_LOG_LEVEL", "debug")]).unwrap().loglevel, LogLevel::Debug);
    assert!(LogLevel::Debug < LogLevel::Critical);
}

#[test]
fn any_variable_may_name_a_file_in_its_place() {
    let folder = folder(&[("password", "from a file\n"), ("port", "3307")]);
    let path = |name: &str| folder.path().join(name).display().to_string();
    let settings = with(&[("DJ_PASS_FILE", &path("password")), ("DJ_PORT_FILE", &path("port"))]).unwrap();
    assert_eq!(settings.database.password.unwrap().expose_secret(), "from a file");
    assert_eq!(settings.database.port, Some(3307));

    let error = with(&[("DJ_USER_FILE", &path("missing"))]).unwrap_err().to_string();
    assert!(error.contains("DJ_USER_FILE names a file that can't be read"), "{error}");
    let error = with(&[("DJ_PORT", "3308"), ("DJ_PORT_FILE", &path("port"))]).unwrap_err().to_string();
    assert!(error.contains("DJ_PORT and DJ_PORT_FILE say different things"), "{error}");
}

#[test]
fn whole_groups_are_read_as_json() {
    let settings = with(&[
        ("DJ_DATABASE", r#"{"DJ_HOST": "db.lab", "use_tls": true}"#),
        ("DJ_DISPLAY", r#"{"limit": 3}"#),
        ("DJ_PROVENANCE_SOURCE", r#"{"rig": 2}"#),
    ])
    .unwrap();
    assert_eq!(value(&settings, "database.host"), "db.lab");
    assert_eq!((settings.database.use_tls, settings.display.limit), (Some(true), 3));
    assert_eq!(settings.provenance.source["rig"], 2);
    assert!(with(&[("DJ_JOBS", "[]")]).unwrap_err().to_string().contains("DJ_JOBS must be a JSON object"));
}

#[test]
fn variables_without_the_prefix_belong_to_other_programs() {
    let variables = [("LIMIT", "3"), ("WIDTH", "20"), ("CHARSET", "latin1"), ("SHOW_TUPLE_COUNT", "false")];
    let settings = with(&variables).unwrap();
    let display = &settings.display;
    assert_eq!((display.limit, display.width, display.show_tuple_count), (12, 14, true));
    assert_eq!((settings.connection.charset.as_str(), settings.warnings().len()), ("", 0));
}

#[test]
fn unknown_variables_are_errors_that_name_the_near_one_and_never_the_value() {
    for (variable, expected) in [
        ("DJ_CREATE_TABELS", "there is no variable DJ_CREATE_TABELS; did you mean DJ_CREATE_TABLES?"),
        ("dj_hots", "did you mean DJ_HOST?"),
        ("DJ_PASSWORD", "did you mean DJ_PASS?"),
        ("DJ_PASSWORD_FILE", "did you mean DJ_PASS_FILE?"),
        ("DJ_USERNAME", "did you mean DJ_USER?"),
        ("DJ_PREFIX", "did you mean DJ_DATABASE_PREFIX?"),
        ("DJ_ENV", "did you mean DJ_ENVIRONMENT?"),
        ("DJ_PATH", "did you mean DJ_DATABASE_PATH?"),
        ("DJ_LOGLEVEL", "did you mean DJ_LOG_LEVEL?"),
        ("DJ_PASS_FIEL", "did you mean DJ_PASS"),
        ("DJ_PAS_FILE", "did you mean DJ_PASS"),
        ("DJ_STORES_MAIN_SECRET_KEY", "there is no variable DJ_STORES_MAIN_SECRET_KEY"),
        ("DJ_NOTHING_OF_THE_KIND", "unset it, or name it without DJ_"),
    ] {
        let error = with(&[(variable, "pl4nted")]).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!format!("{error} {error:?}").contains("pl4nted"), "{error:?}");
        let folder = folder(&[]);
        let lenient = reader(folder.path()).environment([(variable, "pl4nted")]).lenient().load().unwrap();
        assert_eq!(lenient.warnings().len(), 1, "{:?}", lenient.warnings());
    }
    // Empty ones are as if absent; those of tests and of Python's alone are no faults.
    assert!(with(&[("DJ_NOTHING", ""), ("DJ_TEST_MYSQL_URL", "x")]).unwrap().warnings().is_empty());
    assert_eq!(
        with(&[("DJ_LOG_STREAM", "stdout")]).unwrap().warnings(),
        ["DJ_LOG_STREAM has no effect here"]
    );
}

#[test]
fn settings_without_effect_are_told() {
    let settings = with(&[("DJ_QUERY_CACHE", "cache"), ("DJ_JOBS_AUTO_REFRESH", "true")]).unwrap();
    let warnings = settings.warnings();
    assert_eq!(warnings.len(), 1, "what is the default anyway says nothing: {warnings:?}");
    assert!(warnings[0].contains("`query_cache` has no effect in this release"), "{warnings:?}");
}

#[test]
fn a_prefix_shows_where_it_ends() {
    assert!(with(&[("DJ_DATABASE_PREFIX", "lab_")]).unwrap().warnings().is_empty());
    let settings = with(&[("DJ_DATABASE_PREFIX", "s")]).unwrap();
    assert!(settings.warnings()[0].contains("`s_` does"), "{:?}", settings.warnings());
}

#[test]
fn a_url_is_no_host() {
    for url in ["mysql://127.0.0.1:3306", "postgres://ada:pl4nted@db.lab/lab"] {
        let error = with(&[("DJ_HOST", url)]).unwrap_err().to_string();
        assert!(error.contains("`database.host` is a URL: give the host alone"), "{error}");
        assert!(!error.contains("pl4nted"), "{error}");
    }
}

#[test]
fn a_server_that_variables_name_is_no_file() {
    let load = |file: &str, variables: &[(&str, &str)]| {
        let folder = folder(&[("datajoint.json", file)]);
        reader(folder.path()).environment(variables.iter().copied()).load()
    };
    let embedded = r#"{"database": {"backend": "sqlite"}}"#;
    for variable in ["DJ_HOST", "DJ_PORT", "DJ_USER", "DJ_PASS", "DJ_DATABASE_NAME"] {
        let error = load(embedded, &[(variable, "3306")]).unwrap_err().to_string();
        assert!(error.contains("has no effect, since `database.backend` is `sqlite` (from "), "{error}");
        assert!(error.contains(variable) && error.contains("set the backend of the server"), "{error}");
        assert!(
            load(embedded, &[(variable, "3306"), ("DJ_BACKEND", "mysql")]).unwrap().warnings().is_empty()
        );
    }
    // What stands in one place, or was there before, is told.
    for (file, variables) in [
        (r#"{"database": {"backend": "sqlite", "host": "db.lab"}}"#, &[][..]),
        (r#"{"database": {"host": "db.lab"}}"#, &[("DJ_BACKEND", "sqlite")]),
        ("{}", &[("DJ_BACKEND", "sqlite"), ("DJ_HOST", "db.lab")]),
    ] {
        let settings = load(file, variables).unwrap();
        assert!(
            settings.warnings()[0].contains("`database.host` has no effect"),
            "{:?}",
            settings.warnings()
        );
    }
}

#[test]
fn a_password_without_anybody_to_give_it_to_is_no_file() {
    for variable in ["DJ_PASS", "DJ_PASSWORD_COMMAND"] {
        let error = with(&[(variable, "pl4nted")]).unwrap().backend().unwrap_err().to_string();
        assert!(error.contains("neither a host nor a user") && error.contains(variable), "{error}");
        assert!(!error.contains("pl4nted"), "{error}");
        assert!(with(&[(variable, "x"), ("DJ_USER", "ada")]).unwrap().backend().is_ok());
        assert!(with(&[(variable, "x"), ("DJ_BACKEND", "sqlite")]).unwrap().backend().is_ok());
    }
}

#[test]
fn stores_come_as_json_or_an_attribute_at_a_time() {
    let file = r#"{"stores": {"default": "Main", "Main": {"protocol": "s3", "location": "x", "endpoint": "e", "bucket": "b"},
        "old": {"protocol": "file", "location": "y"}}}"#;
    let folder = folder(&[("datajoint.json", file)]);
    let variables = [("DJ_STORES__NEW__PROTOCOL", "file"), ("DJ_STORES__NEW__LOCATION", "z")];
    let settings = reader(folder.path()).environment(variables).load().unwrap();
    assert_eq!(settings.stores.named.len(), 3);
    assert_eq!(settings.stores.named["new"].text("protocol"), Some("file"));

    // The whole variable stands in place of the file's stores.
    let main = r#"{"Main": {"protocol": "s3", "location": "x", "endpoint": "e", "bucket": "b"}}"#;
    let variables = [("DJ_STORES", main), ("DJ_STORES__MAIN__SECRET_KEY", "planted")];
    let settings = reader(folder.path()).environment(variables).load().unwrap();
    let names: Vec<&String> = settings.stores.named.keys().collect();
    assert_eq!(names, ["Main"]);
    assert_eq!(settings.stores.default, None);
    assert_eq!(settings.stores.named["Main"].secret("secret_key").unwrap().expose_secret(), "planted");
    assert_eq!(settings.stores.named["Main"].text("secret_key"), None);
}

#[test]
fn the_older_name_of_the_prefix_is_taken_with_a_warning() {
    let settings = with(&[("DJ_SCHEMA_PREFIX", "lab_")]).unwrap();
    assert_eq!(settings.database.database_prefix, "lab_");
    assert!(settings.warnings()[0].contains("use DJ_DATABASE_PREFIX"), "{:?}", settings.warnings());
    assert!(with(&[("DJ_SCHEMA_PREFIX", "lab_"), ("DJ_DATABASE_PREFIX", "lab_")]).is_ok());
    let error = with(&[("DJ_SCHEMA_PREFIX", "lab_"), ("DJ_DATABASE_PREFIX", "other_")]).unwrap_err();
    assert!(error.to_string().contains("by its older name: remove one of them"), "{error}");
}

#[test]
fn files_and_secrets_can_be_left_unread() {
    let folder = folder(&[("datajoint.json", r#"{"safemode": false}"#), (".secrets/database.user", "ada")]);
    let settings = reader(folder.path()).environment([("DJ_IGNORE_CONFIG_FILE", "1")]).load().unwrap();
    assert!(settings.safemode && settings.database.user.is_none() && settings.files().is_empty());
}
