//! `datajoint.json` and the sections of other files.

use datajoint_config::Settings;

use crate::{folder, reader, value};

#[test]
fn nested_groups_and_dotted_keys_are_the_same() {
    let nested = folder(&[(
        "datajoint.json",
        r#"{"display": {"limit": 7}, "stores": {"x": {"protocol": "file", "location": "y"}}}"#,
    )]);
    let dotted = folder(&[(
        "datajoint.json",
        r#"{"display.limit": 7, "stores.x.protocol": "file", "stores.x.location": "y"}"#,
    )]);
    for folder in [nested, dotted] {
        let settings = reader(folder.path()).load().unwrap();
        assert_eq!((settings.display.limit, settings.stores.named["x"].text("protocol")), (7, Some("file")));
    }
}

#[test]
fn what_is_given_twice_is_an_error_with_its_line() {
    for (text, place) in [
        ("{\"display\": {\"limit\": 7,\n\"limit\": 8}}", "json:2: `display.limit`"),
        ("{\"display.limit\": 7,\n\"display\": {\"limit\": 8}}", "json:2: `display.limit`"),
        ("{\"display\": {\"limit\": 7},\n\"display\": {\"width\": 8}}", "json:2: `display`"),
        (
            "{\"stores\": {\"x\": {\"protocol\": \"file\",\n\"protocol\": \"s3\"}}}",
            "json:2: `stores.x.protocol`",
        ),
    ] {
        let folder = folder(&[("datajoint.json", text)]);
        let error = reader(folder.path()).load().unwrap_err().to_string();
        assert!(error.contains(place) && error.contains("twice"), "{error}");
    }
}

#[test]
fn the_file_is_searched_upward_to_the_root_of_the_repository() {
    let folder = folder(&[("datajoint.json", r#"{"safemode": false}"#), ("a/b/x", "")]);
    assert!(!reader(&folder.path().join("a/b")).load().unwrap().safemode);
    std::fs::create_dir(folder.path().join("a/.git")).unwrap();
    assert!(reader(&folder.path().join("a/b")).load().unwrap().safemode);
}

#[test]
fn a_file_that_is_no_json_is_an_error_with_its_line() {
    for (text, place) in
        [("{\n\"a\" 1}", "datajoint.json:2"), ("[1]", "one JSON object"), ("{} // no", "json:1")]
    {
        let folder = folder(&[("datajoint.json", text)]);
        let error = reader(folder.path()).load().unwrap_err().to_string();
        assert!(error.contains(place), "{error}");
    }
}

#[test]
fn unknown_keys_are_errors_that_name_the_near_one_or_warnings_when_lenient() {
    for (key, near) in [
        ("safmode", "did you mean `safemode`?"),
        ("database.pasword", "did you mean `database.password`?"),
        ("hst", "did you mean `database.host`?"),
        ("database.prefix", "did you mean `database.database_prefix`?"),
        ("database.username", "did you mean `database.user`?"),
        ("database.passwd", "did you mean `database.password`?"),
        ("databse.port", "did you mean `database.port`?"),
        ("create_tables", "did you mean `database.create_tables`?"),
        ("stores.main.bukcet", "did you mean `stores.main.bucket`?"),
        ("stores.main", "must be an object"),
        ("fetch_format", "no longer a setting"),
        ("nothing.of.the.kind", "read the file leniently"),
    ] {
        let text = format!("{{\n\"{key}\": \"x\"}}");
        let folder = folder(&[("datajoint.json", &text)]);
        let error = reader(folder.path()).load().unwrap_err().to_string();
        assert!(error.contains(near) && error.contains("datajoint.json:2"), "{key}: {error}");
        let settings = reader(folder.path()).lenient().load().unwrap();
        assert_eq!(settings.warnings().len(), 1, "{key}: {:?}", settings.warnings());
    }
}

#[test]
fn sections_of_other_files_stand_below_datajoint_json() {
    let files = [
        ("datajoint.json", r#"{"display.limit": 1}"#),
        (
            "pyproject.toml",
            "[tool.datajoint]\n\"display.limit\" = 2\nstores.default = \"main\"\nstores.main = { protocol = \"file\", location = \"x\" }\n",
        ),
        (
            "Cargo.toml",
            "[package]\nname = \"x\"\n[package.metadata.datajoint.display]\nlimit = 3\nwidth = 33\n",
        ),
        ("member/Cargo.toml", "[workspace.metadata.datajoint]\nloglevel = \"error\"\n"),
    ];
    let folder = folder(&files);
    let settings = reader(&folder.path().join("member")).load().unwrap();
    assert_eq!((settings.display.limit, settings.display.width), (1, 33));
    assert_eq!(settings.stores.default.as_deref(), Some("main"));
    assert_eq!(value(&settings, "loglevel"), "ERROR");
    assert_eq!(settings.files().len(), 4);
    let text = settings.explain().to_string();
    assert!(text.contains("hides 2 of") && text.contains("Cargo.toml:4"), "{text}");
}

#[test]
fn a_file_that_is_named_is_read_in_place_of_the_searched_one() {
    let folder =
        folder(&[("datajoint.json", r#"{"display.limit": 1}"#), ("other.json", r#"{"display.limit": 2}"#)]);
    let settings = reader(folder.path()).file(folder.path().join("other.json")).load().unwrap();
    assert_eq!(settings.display.limit, 2);
    let error = Settings::load_from(folder.path().join("missing.json")).unwrap_err().to_string();
    assert!(error.contains("missing.json can't be read"), "{error}");
}

#[cfg(unix)]
#[test]
fn what_has_the_name_of_a_settings_file_and_is_none_is_an_error_that_names_it() {
    use std::os::unix::fs::symlink;

    for name in ["datajoint.json", "pyproject.toml", "Cargo.toml", ".secrets/database.password", ".secrets"] {
        for is_link in [true, false] {
            let folder = folder(&[("x", "")]);
            if name.starts_with(".secrets") {
                std::fs::write(folder.path().join("datajoint.json"), "{}").unwrap();
            }
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            match (is_link, name) {
                (true, _) => symlink(folder.path().join("nowhere"), &path).unwrap(),
                (false, ".secrets") => std::fs::write(&path, "").unwrap(),
                (false, _) => std::fs::create_dir(&path).unwrap(),
            }
            let error = reader(folder.path()).load().unwrap_err().to_string();
            assert!(error.contains(&format!("{} can't be read", path.display())), "{name}: {error}");
        }
    }
}

#[test]
fn the_older_name_of_the_prefix_is_taken_from_files_too() {
    let folder = folder(&[("datajoint.json", r#"{"database": {"schema_prefix": "lab_"}}"#)]);
    let settings = reader(folder.path()).load().unwrap();
    assert_eq!(settings.database.database_prefix, "lab_");
    assert!(settings.warnings()[0].contains("`database.schema_prefix` is an older name"));
}

#[test]
fn a_mark_at_the_beginning_of_a_file_is_no_part_of_it() {
    let files = [
        ("datajoint.json", "\u{feff}{\"display.limit\": 7}"),
        ("pyproject.toml", "\u{feff}[tool.datajoint]\n\"display.width\" = 8\n"),
    ];
    let folder = folder(&files);
    let settings = reader(folder.path()).load().unwrap();
    assert_eq!((settings.display.limit, settings.display.width), (7, 8));
}

/// In time that grows with the file and not with its square: of 100,000 keys each would take milliseconds.
#[test]
fn a_file_of_very_many_keys_is_read_at_once() {
    let keys = |number: usize| {
        let lines: Vec<String> = (0..number).map(|key| format!("\"unknown_{key}\": {key}")).collect();
        format!("{{\n{}\n}}", lines.join(",\n"))
    };
    let stores = |number: usize| {
        let lines: Vec<String> =
            (0..number).map(|key| format!("\"own_plugin_{key}_{key}\": {key}")).collect();
        format!("{{\"stores\": {{\"main\": {{\"protocol\": \"own\",\n{}\n}}}}}}", lines.join(",\n"))
    };
    let time = |text: String, is_known: bool| {
        let folder = folder(&[("datajoint.json", &text)]);
        let begin = std::time::Instant::now();
        let outcome = reader(folder.path()).load();
        assert_eq!(outcome.is_ok(), is_known);
        if let Ok(settings) = outcome {
            assert!(settings.explain().to_string().contains("own_plugin_1_1"));
        }
        begin.elapsed()
    };
    // Quadratic ones took sixteen times as long for four times as many.
    for (text, is_known) in [(&keys as &dyn Fn(usize) -> String, false), (&stores, true)] {
        let few = time(text(2_000), is_known);
        let many = time(text(8_000), is_known);
        assert!(many < few * 9, "{few:?} for 2,000 and {many:?} for 8,000");
    }
}
