//! What holds for every setting.

use datajoint_config::{Kind, Origin, SETTINGS, Settings, is_secret};
use serde_json::{Value, json};

use crate::{folder, reader, value};

/// Three values that a setting takes and that are not its default.
fn samples(kind: Kind) -> [Value; 3] {
    match kind {
        // There are but two; which layer gave it the origin tells.
        Kind::Flag => [json!(true), json!(false), json!(true)],
        Kind::Number(least, _) => [json!(least + 21), json!(least + 22), json!(least + 23)],
        Kind::Choice(words) => [json!(words[0]), json!(words[1]), json!(words[0].to_lowercase())],
        Kind::Words => [json!(["one"]), json!(["two"]), json!(["three"])],
        Kind::Object => [json!({"a": 1}), json!({"a": 2}), json!({"a": 3})],
        Kind::Stores => {
            ["one", "two", "three"].map(|place| json!({"main": {"protocol": "file", "location": place}}))
        }
        _ => [json!("one"), json!("two"), json!("three")],
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The key that shows a setting: of the stores one attribute.
fn shown(key: &str) -> &str {
    if key == "stores" { "stores.main.location" } else { key }
}

#[test]
fn the_program_comes_before_the_environment_before_files_before_defaults() {
    for setting in SETTINGS.iter().filter(|setting| setting.key != "ignore_config_file") {
        let [by_program, by_variable, by_file] = samples(setting.kind);
        let file = json!({setting.key: by_file}).to_string();
        let folder = folder(&[("datajoint.json", &file)]);
        let variable = setting.variables[0];
        let origin = |settings: &Settings| {
            let explained = settings.explain();
            explained.settings.into_iter().find(|each| each.key == shown(setting.key)).map(|each| each.origin)
        };

        let settings = reader(folder.path()).load().unwrap();
        let expected = Origin::File { path: folder.path().join("datajoint.json"), line: 1 };
        assert_eq!(origin(&settings), Some(expected), "{}", setting.key);

        let variables = [(variable, text(&by_variable))];
        let settings = reader(folder.path()).environment(variables.clone()).load().unwrap();
        assert_eq!(origin(&settings), Some(Origin::Variable(variable.to_owned())), "{}", setting.key);

        let set = reader(folder.path()).environment(variables).set(setting.key, by_program.clone());
        let settings = set.load().unwrap();
        assert_eq!(origin(&settings), Some(Origin::Program), "{}", setting.key);
        if !is_secret(setting.key) && setting.kind != Kind::Stores {
            assert_eq!(value(&settings, setting.key), text(&by_program), "{}", setting.key);
        }

        let nothing = crate::folder(&[]);
        let settings = reader(nothing.path()).load().unwrap();
        let expected = (setting.kind != Kind::Stores).then_some(Origin::Default);
        assert_eq!(origin(&settings), expected, "{}", setting.key);
    }
}

#[test]
fn the_defaults_are_those_of_the_table() {
    let settings = Settings::default();
    for setting in SETTINGS.iter().filter(|setting| setting.kind != Kind::Stores) {
        let default: Value = serde_json::from_str(setting.default).unwrap();
        let expected = if default.is_null() { String::new() } else { text(&default) };
        assert_eq!(value(&settings, setting.key), expected, "{}", setting.key);
    }
    // What the table has, the struct has, and the other way round.
    let mut own = Vec::new();
    for (name, value) in serde_json::to_value(&settings).unwrap().as_object().unwrap() {
        match value {
            Value::Object(members) => own.extend(members.keys().map(|member| format!("{name}.{member}"))),
            _ => own.push(name.clone()),
        }
    }
    own.extend(["database.password".to_owned(), "stores".to_owned()]);
    let mut known: Vec<String> = SETTINGS.iter().map(|setting| setting.key.to_owned()).collect();
    own.sort();
    known.sort();
    assert_eq!(own, known);
}

#[test]
fn a_value_that_does_not_fit_names_setting_place_and_what_would() {
    for (setting, wrong, expected) in [
        ("database.port", json!(70000), "`database.port` must be a whole number from 1 to 65535"),
        ("database.port", json!("many"), "a whole number from 1 to 65535"),
        ("safemode", json!("maybe"), "`safemode` must be true or false"),
        ("loglevel", json!("LOUD"), "one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("jobs.default_priority", json!(256), "from 0 to 255"),
        ("stores", json!([1]), "a JSON object"),
        ("database.host", json!(true), "a text"),
    ] {
        let folder = folder(&[("datajoint.json", &json!({setting: wrong}).to_string())]);
        let error = reader(folder.path()).load().unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("datajoint.json:1"), "{error}");
    }
}

#[test]
fn all_faults_are_said_at_once() {
    let text = "{\n  \"safemode\": 7,\n  \"database\": {\"hots\": \"db\"}\n}";
    let folder = folder(&[("datajoint.json", text)]);
    let error = reader(folder.path()).load().unwrap_err().to_string();
    assert_eq!(error.lines().count(), 2, "{error}");
    assert!(error.contains("json:2") && error.contains("did you mean `database.host`?"), "{error}");
}

#[test]
fn a_scoped_change_is_a_changed_clone() {
    let settings = Settings::default();
    let mut changed = settings.clone();
    changed.safemode = false;
    assert!(settings.safemode);
    let explained = changed.explain();
    let safemode = explained.settings.iter().find(|setting| setting.key == "safemode").unwrap();
    assert_eq!(safemode.origin, Origin::Program);
}
