//! Where each setting comes from.

use crate::{folder, reader};

#[test]
fn the_explanation_is_a_table_for_people_and_json_for_programs() {
    let files =
        [("datajoint.json", "{\n  \"database\": {\n    \"host\": \"db.lab\",\n    \"port\": 3306\n  }\n}\n")];
    let folder = folder(&files);
    let settings = reader(folder.path()).environment([("DJ_PORT", "3307")]).load().unwrap();
    let explanation = settings.explain();
    let text = explanation.to_string().replace(&folder.path().display().to_string(), "~");
    let lines: Vec<String> =
        text.lines().take(5).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(
        lines,
        [
            "database.backend - default",
            "database.host db.lab ~/datajoint.json:3",
            "database.port 3307 the variable DJ_PORT",
            "hides 3306 of ~/datajoint.json:4",
            "database.user - default",
        ]
    );
    let json = explanation.json();
    assert_eq!(json[2]["key"], "database.port");
    assert_eq!(json[2]["hidden"][0]["value"], "3306");
}

#[test]
fn a_command_for_the_password_is_shown_without_its_arguments() {
    let settings = reader(folder(&[]).path())
        .environment([("DJ_HOST", "db.lab"), ("DJ_PASSWORD_COMMAND", "vault read -token=s3cret")])
        .load()
        .unwrap();
    let explanation = settings.explain();
    for text in [explanation.to_string(), explanation.json().to_string(), format!("{settings:?}")] {
        assert!(!text.contains("s3cret") && text.contains("vault …"), "{text}");
    }
}
