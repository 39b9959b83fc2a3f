//! What must never be seen.

use datajoint_config::{ExposeSecret, Settings};

use crate::{folder, reader};

const PLANTED: &str = "pl4nted-s3cret";

const MAIN: &str =
    r#"{"stores": {"main": {"protocol": "s3", "location": "x", "endpoint": "e", "bucket": "b"}}}"#;

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
    let key = format!(
        r#"{{"stores": {{"main": {{"protocol": "s3", "location": "x", "endpoint": "e", "bucket": "b",
        "secret_key": "{PLANTED}"}}}}}}"#
    );
    let in_files: [&[(&str, &str)]; 5] = [
        &[("datajoint.json", &password)],
        &[("datajoint.json", &key)],
        &[("datajoint.json", "{}"), (".secrets/database.password", PLANTED)],
        &[("datajoint.json", MAIN), (".secrets/stores.main.access_key", PLANTED)],
        &[("mounted/database.password", PLANTED)],
    ];
    for files in in_files {
        let folder = folder(files);
        let settings = reader(folder.path()).load().unwrap();
        let text = all_texts(&settings);
        assert!(!text.contains(PLANTED) && text.contains("********"), "{text}");
    }
    for variable in ["DJ_PASS", "DJ_STORES__MAIN__SECRET_KEY"] {
        let folder = folder(&[("datajoint.json", MAIN)]);
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
    let file = MAIN.replacen('{', r#"{"database.user": "file", "database.password": "file", "#, 1);
    let files = [
        ("datajoint.json", file.as_str()),
        (".secrets/database.user", "secret\n"),
        (".secrets/database.password", "secret"),
        (".secrets/stores.main.access_key", "key"),
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

#[test]
fn unknown_secrets_are_errors_that_name_the_near_one() {
    for (name, near) in [
        ("database.usr", "did you mean `database.user`?"),
        ("database.pasword", "did you mean `database.password`?"),
        ("storage.acces_key", "did you mean `storage.access_key`?"),
        ("unrelated", "take the file away"),
        ("stores.main", "take the file away"),
    ] {
        for path in [format!(".secrets/{name}"), format!("mounted/{name}")] {
            let folder = folder(&[("datajoint.json", "{}"), (&path, PLANTED), (".secrets/.gitignore", "*")]);
            let error = reader(folder.path()).load().unwrap_err().to_string();
            assert!(error.contains(near) && error.contains(&path) && !error.contains(PLANTED), "{error}");
            assert_eq!(reader(folder.path()).lenient().load().unwrap().warnings().len(), 1);
        }
    }
}

#[test]
fn secrets_that_nobody_reads_are_an_error() {
    let folder = folder(&[(".secrets/database.password", PLANTED), ("work/here/x", "")]);
    for from in [folder.path().to_path_buf(), folder.path().join("work/here")] {
        let error = reader(&from).load().unwrap_err().to_string();
        assert!(error.contains("no datajoint.json beside it") && !error.contains(PLANTED), "{error}");
    }
    let variables = [("DJ_IGNORE_CONFIG_FILE", "true")];
    assert!(reader(folder.path()).environment(variables).load().is_ok());
    // A folder that is another program's own.
    let other = crate::folder(&[(".secrets/github.token", "x")]);
    assert!(reader(other.path()).load().is_ok());
}

#[test]
fn secrets_of_the_store_go_to_the_default_or_the_only_one() {
    let one = MAIN;
    let two = r#"{"stores": {"main": {"protocol": "s3", "location": "x", "endpoint": "e", "bucket": "b"}, "raw": {"protocol": "s3", "location": "x", "endpoint": "e", "bucket": "b"}}}"#;
    let default = r#"{"stores": {"default": "raw", "main": {"protocol": "s3", "location": "x", "endpoint": "e", "bucket": "b"}, "raw": {"protocol": "s3", "location": "x", "endpoint": "e", "bucket": "b"}}}"#;
    let separate = [(".secrets/storage.access_key", "key\n"), (".secrets/storage.secret_key", PLANTED)];
    let json = format!(r#"{{"access_key": "key", "secret_key": "{PLANTED}"}}"#);
    let lines = format!("[default]\naws_access_key_id = key\naws_secret_access_key = {PLANTED}\n");
    let together = [json.as_str(), &lines].map(|text| [(".secrets/storage.credentials", text)]);
    for secrets in [&separate[..], &together[0], &together[1]] {
        for (file, store) in [(one, "main"), (default, "raw")] {
            let folder = folder(&[&[("datajoint.json", file)], secrets].concat());
            let settings = reader(folder.path()).load().unwrap();
            let secret = |name: &str| settings.stores.named[store].secret(name).unwrap().expose_secret();
            assert_eq!((secret("access_key"), secret("secret_key")), ("key", PLANTED));
            assert!(!all_texts(&settings).contains(PLANTED));
            // What names its store counts more.
            let variable = format!("DJ_STORES__{}__SECRET_KEY", store.to_uppercase());
            let settings = reader(folder.path()).environment([(variable, "own")]).load().unwrap();
            assert_eq!(settings.stores.named[store].secret("secret_key").unwrap().expose_secret(), "own");
        }
        for (file, expected) in [(two, "there are the stores main, raw"), ("{}", "there is no store")] {
            let folder = folder(&[&[("datajoint.json", file)], secrets].concat());
            let error = reader(folder.path()).load().unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("stores."), "{error}");
            assert!(!error.contains(PLANTED), "{error}");
        }
    }
    let folder = folder(&[("datajoint.json", one), (".secrets/storage.credentials", PLANTED)]);
    let error = reader(folder.path()).load().unwrap_err().to_string();
    assert!(error.contains("must be a JSON object") && !error.contains(PLANTED), "{error}");
}

/// As secrets of containers are taken: all but the end of the line, which editors and `echo` leave.
#[test]
fn blanks_of_a_password_are_part_of_it() {
    for (text, expected) in
        [(" a b ", " a b "), (" a \n", " a "), ("a\r\n", "a"), ("a\n\n", "a\n"), ("  ", "  ")]
    {
        let folder =
            folder(&[("datajoint.json", "{}"), (".secrets/database.password", text), ("named", text)]);
        let settings = reader(folder.path()).load().unwrap();
        assert_eq!(settings.database.password.unwrap().expose_secret(), expected);
        let path = folder.path().join("named").display().to_string();
        let settings = reader(folder.path()).environment([("DJ_PASS_FILE", path)]).load().unwrap();
        assert_eq!(settings.database.password.unwrap().expose_secret(), expected);
    }
}

/// Every setting, given a secret or a URL with one, by every way: it is taken and hidden, or refused and not shown.
#[test]
fn a_secret_in_any_setting_shows_nowhere() {
    let urls = [
        format!("http://ada:{PLANTED}@host:99/x"),
        format!("postgres://{PLANTED}@host"),
        format!("http://ada:a@{PLANTED}@host"),
    ];
    let bare = [format!("ada:{PLANTED}@host"), format!("{PLANTED}@host")];
    let mut keys: Vec<(String, bool)> = datajoint_config::SETTINGS
        .iter()
        .filter(|setting| !matches!(setting.key, "stores" | "ignore_config_file"))
        // A command is the user's own; people must not write a password into it.
        .filter(|setting| setting.key != "database.password_command")
        .map(|setting| (setting.key.to_owned(), setting.key == "database.host"))
        .collect();
    // The last two are a plugin's own.
    let attributes = [
        "endpoint",
        "proxy_server",
        "location",
        "bucket",
        "access_key",
        "secret_key",
        "token",
        "passphrase",
        "sas",
    ];
    keys.extend(
        attributes.map(|name| (format!("stores.main.{name}"), matches!(name, "endpoint" | "proxy_server"))),
    );
    let folder = folder(&[]);
    for (key, is_address) in keys {
        let mut texts = urls.to_vec();
        if is_address {
            texts.extend(bare.clone());
        }
        if datajoint_config::is_secret(&key) {
            texts.push(PLANTED.to_owned());
        }
        if matches!(key.as_str(), "stores.main.passphrase" | "stores.main.sas") {
            texts.push(PLANTED.to_owned());
        }
        let mut values: Vec<serde_json::Value> = texts.iter().map(|text| text.as_str().into()).collect();
        values.extend(texts.iter().map(|text| serde_json::json!([text])));
        values.extend(texts.iter().map(|text| serde_json::json!({"a": text})));
        for value in values {
            let file = serde_json::json!({key.as_str(): value}).to_string();
            let in_file = crate::folder(&[("datajoint.json", &file)]);
            let readers = [
                reader(folder.path()).set(key.as_str(), value.clone()),
                reader(in_file.path()),
                reader(in_file.path()).lenient(),
            ];
            for reader in readers {
                let shown = match reader.load() {
                    Ok(settings) => {
                        let refused = settings.backend().map_err(|error| format!("{error} {error:?}"));
                        format!("{} {refused:?}", all_texts(&settings))
                    }
                    Err(error) => format!("{error} {error:?}"),
                };
                assert!(!shown.contains(PLANTED), "{key}: {shown}");
            }
        }
    }
    // In place of the file that it should name.
    let error = reader(folder.path()).environment([("DJ_PASS_FILE", PLANTED)]).load().unwrap_err();
    assert!(!format!("{error} {error:?}").contains(PLANTED), "{error:?}");
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
