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
fn variables_that_other_programs_use_too_are_passed_over_when_they_do_not_fit() {
    let settings = with(&[("LIMIT", "unlimited"), ("WIDTH", "20")]).unwrap();
    assert_eq!((settings.display.limit, settings.display.width), (12, 20));
    assert!(settings.warnings()[0].contains("LIMIT"), "{:?}", settings.warnings());
}

#[test]
fn stores_come_as_json_or_an_attribute_at_a_time() {
    let file = r#"{"stores": {"default": "Main", "Main": {"protocol": "s3", "location": "x"}, "old": {"protocol": "file"}}}"#;
    let folder = folder(&[("datajoint.json", file)]);
    let settings = reader(folder.path()).environment([("DJ_STORES__NEW__PROTOCOL", "file")]).load().unwrap();
    assert_eq!(settings.stores.named.len(), 3);
    assert_eq!(settings.stores.named["new"].text("protocol"), Some("file"));

    // The whole variable stands in place of the file's stores.
    let variables =
        [("DJ_STORES", r#"{"Main": {"protocol": "s3"}}"#), ("DJ_STORES__MAIN__SECRET_KEY", "planted")];
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
