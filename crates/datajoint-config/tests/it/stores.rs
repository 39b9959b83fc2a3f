//! Stores that nobody configured, and what means nothing of those that are.

use crate::{folder, reader};

const MAIN: &str = r#""main": {"protocol": "s3", "location": "x", "endpoint": "e", "bucket": "b"}"#;
const FILE: &str = r#""main": {"protocol": "file", "location": "x"}"#;

/// A file, the secrets and variables beside it, and what is said.
type Case<'a> = (String, &'a [(&'a str, &'a str)], &'a [&'a str]);

#[test]
fn what_means_nothing_of_a_store_is_an_error_or_a_warning_when_lenient() {
    let default = |name: &str| format!(r#""default": "{name}", {MAIN}"#);
    let cases: [Case<'_>; 11] = [
        (
            default("mian"),
            &[],
            &["`stores.default` is `mian`", "there is no store `mian`", "did you mean `main`?"],
        ),
        (
            default("mian"),
            &[(".secrets/storage.secret_key", "x")],
            &["`stores.default` is `mian`", "did you mean `main`?"],
        ),
        (r#""default": "main""#.to_owned(), &[], &["there is no store `main`", "give it a `protocol`"]),
        (format!(r#""filepath_default": "mian", {MAIN}"#), &[], &["`stores.filepath_default` is `mian`"]),
        (
            MAIN.to_owned(),
            &[(".secrets/stores.man.secret_key", "x")],
            &["there is no store `man`", "did you mean `main`?"],
        ),
        (
            r#""main": {"location": "x"}"#.to_owned(),
            &[],
            &["there is no store `main`", "give it a `protocol`"],
        ),
        (
            FILE.to_owned(),
            &[(".secrets/stores.main.token", "x")],
            &["the protocol file has no `token`", "remove it"],
        ),
        (FILE.replace("file", "fle"), &[], &["there is no protocol `fle`", "did you mean `file`?"]),
        (
            MAIN.replace(r#""location": "x", "#, ""),
            &[],
            &["`main` has no `location`", "set `stores.main.location`"],
        ),
        (MAIN.replace('}', r#", "access_kye": "x"}"#), &[], &["did you mean `stores.main.access_key`?"]),
        (MAIN.replace('}', r#", "colour": "x"}"#), &[], &["the protocol s3 has no `colour`"]),
    ];
    for (stores, secrets, told) in cases {
        let file = format!(r#"{{"stores": {{{stores}}}}}"#);
        let folder = folder(&[&[("datajoint.json", file.as_str())], secrets].concat());
        let error = reader(folder.path()).load().unwrap_err().to_string();
        for told in told {
            assert!(error.contains(told), "{file} {secrets:?}: {error}");
        }
        let settings = reader(folder.path()).lenient().load().unwrap();
        assert!(!settings.warnings().is_empty(), "{file} {secrets:?}");
    }
}

#[test]
fn a_store_may_be_put_together_from_several_places() {
    let file =
        r#"{"stores": {"default": "main", "main": {"protocol": "S3", "location": "x", "bucket": "b"}}}"#;
    let folder = folder(&[("datajoint.json", file), (".secrets/stores.main.secret_key", "x")]);
    let variables = [("DJ_STORES__MAIN__ENDPOINT", "e"), ("DJ_STORES__MAIN__ACCESS_KEY", "x")];
    let settings = reader(folder.path()).environment(variables).load().unwrap();
    assert_eq!(settings.stores.named["main"].names().count(), 6);
    assert!(
        !settings.warnings().iter().any(|warning| warning.contains("store")),
        "{:?}",
        settings.warnings()
    );
}

#[test]
fn a_store_of_a_plugin_has_what_attributes_it_likes() {
    let file = r#"{"stores": {"main": {"protocol": "carrier_pigeon", "loft": "x"}}}"#;
    let folder = folder(&[("datajoint.json", file)]);
    assert!(reader(folder.path()).load().unwrap().stores.named["main"].has("loft"));
}
