//! What must never be seen.

use datajoint_config::{ExposeSecret, Settings};

use crate::{folder, reader};

const PLANTED: &str = "pl4nted-s3cret";

/// Every text that settings can become.
fn all_texts(settings: &Settings) -> String {
    let explanation = settings.explain();
    format!(
        "{settings:?} {settings:#?} {explanation} {} {explanation:?} {} {:?}",
        explanation.json(),
        serde_json::to_string(settings).unwrap(),
        settings.warnings(),
    )
}

#[test]
fn a_planted_secret_appears_nowhere_from_wherever_it_comes() {
    let password = format!(r#"{{"database": {{"password": "{PLANTED}", "user": "ada"}}}}"#);
    let key = format!(r#"{{"stores": {{"main": {{"protocol": "s3", "secret_key": "{PLANTED}"}}}}}}"#);
    let in_files: [&[(&str, &str)]; 5] = [
        &[("datajoint.json", &password)],
        &[("datajoint.json", &key)],
        &[("datajoint.json", "{}"), (".secrets/database.password", PLANTED)],
        &[("datajoint.json", "{}"), (".secrets/stores.main.access_key", PLANTED)],
        &[("mounted/database.password", PLANTED)],
    ];
    for files in in_files {
        let folder = folder(files);
        let settings = reader(folder.path()).load().unwrap();
        let text = all_texts(&settings);
        assert!(!text.contains(PLANTED) && text.contains("********"), "{text}");
    }
    for variable in ["DJ_PASS", "DJ_STORES__MAIN__TOKEN"] {
        let folder = folder(&[]);
        let settings = reader(folder.path()).environment([(variable, PLANTED)]).load().unwrap();
        assert!(!all_texts(&settings).contains(PLANTED));
    }
    let settings = Settings::from_url(&format!("mysql://ada:{PLANTED}@db.lab")).unwrap();
    assert!(!all_texts(&settings).contains(PLANTED));
}

#[test]
fn no_error_shows_a_secret() {
    // Wrong in every way a password can be wrong.
    for text in [
        format!(r#"{{"database": {{"password": ["{PLANTED}"]}}}}"#),
        format!(r#"{{"database": {{"password": "{PLANTED}" "#),
        format!(r#"{{"database": {{"pasword": "{PLANTED}"}}}}"#),
        format!(r#"{{"stores": {{"main": {{"secrt_key": "{PLANTED}"}}}}}}"#),
    ] {
        let folder = folder(&[("datajoint.json", &text)]);
        let error = reader(folder.path()).load().unwrap_err();
        assert!(!format!("{error} {error:?}").contains(PLANTED), "{error:?}");
    }
}

#[test]
fn secrets_come_before_files_and_after_the_environment() {
    let files = [
        ("datajoint.json", r#"{"database.user": "file", "database.password": "file"}"#),
        (".secrets/database.user", "secret\n"),
        (".secrets/database.password", "secret"),
        (".secrets/stores.main.access_key", "key"),
        (".secrets/unrelated", "x"),
        ("mounted/database.user", "mounted"),
    ];
    let folder = folder(&files);
    let settings = reader(folder.path()).load().unwrap();
    assert_eq!(settings.database.user.as_deref(), Some("secret"));
    assert_eq!(settings.stores.named["main"].secret("access_key").unwrap().expose_secret(), "key");
    let settings = reader(folder.path()).environment([("DJ_USER", "variable")]).load().unwrap();
    assert_eq!(settings.database.user.as_deref(), Some("variable"));
    let explanation = settings.explain().to_string();
    assert!(explanation.contains("hides secret of the secret"), "{explanation}");
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_may_read_is_a_warning_that_names_the_file() {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = folder(&[("datajoint.json", "{}"), (".secrets/database.password", PLANTED)]);
    assert!(reader(folder.path()).load().unwrap().warnings().is_empty());
    let path = folder.path().join(".secrets/database.password");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let settings = reader(folder.path()).load().unwrap();
    assert!(settings.warnings()[0].contains("chmod 600"), "{:?}", settings.warnings());
}

#[cfg(unix)]
#[test]
fn a_command_prints_the_password_when_there_is_none() {
    let folder = folder(&[]);
    let with =
        |command: &str| reader(folder.path()).set("database.password_command", command).load().unwrap();
    let password = with("printf 'first\\nsecond\\n'").password().unwrap().unwrap();
    assert_eq!(password.expose_secret(), "first");
    for (command, reason) in [("exit 3", "failed"), ("true", "printed nothing")] {
        let error = with(command).password().unwrap_err().to_string();
        assert!(error.contains(reason) && error.contains("run it by hand"), "{error}");
    }
    let mut settings = with("exit 3");
    settings.database.password = Some("own".to_owned().into());
    assert_eq!(settings.password().unwrap().unwrap().expose_secret(), "own");
}
