//! Who did what, as operators ask for it.

use serde_json::Value;

use crate::{datajoint, laboratory, run};

const AUDITED: [(&str, &str); 1] = [("DJ_GUARD_AUDIT", "true")];

#[tokio::test]
async fn who_did_what_is_shown_the_latest_first() {
    let folder = laboratory().await;
    let said = |variables: &[(&str, &str)], arguments: &[&str]| {
        let (done, said) = datajoint(folder.path(), variables, arguments);
        assert!(done, "{arguments:?}: {said}");
        said
    };
    let entries = |arguments: &[&str]| -> Vec<Value> {
        let said = said(&[], &[&["audit"], arguments, &["--json"]].concat());
        let found: Value = serde_json::from_str(&said).unwrap();
        found["entries"].as_array().unwrap().clone()
    };
    // Nobody asked for it yet.
    said(&[], &["guard", "stamp", "--schema", "lab", "--environment", "x"]);
    assert_eq!(entries(&[]), [Value::Null; 0]);
    // That is told, as one who may not see what is noted is shown the same.
    let told = said(&[], &["audit"]);
    assert!(told.contains("warning[audit-not-read]") && told.contains("nothing is noted in `lab`"), "{told}");

    let here = [("DJ_ENVIRONMENT", "x"), AUDITED[0], ("DJ_SAFEMODE", "false")];
    said(&here, &["delete", "lab.Session", "--where", "session = 2"]);
    said(&here, &["guard", "unstamp", "--schema", "lab"]);
    said(&here, &["drop", "lab.Session"]);
    let found = entries(&[]);
    let verbs: Vec<&str> = found.iter().map(|entry| entry["verb"].as_str().unwrap()).collect();
    assert_eq!(verbs, ["drop", "stamp", "delete"], "{found:?}");
    let delete = &found[2];
    assert_eq!((&delete["schema"], &delete["object"]), (&"lab".into(), &"lab.session".into()));
    assert_eq!((&delete["row_count"], &delete["program"]), (&1.into(), &"dj".into()));
    let detail = delete["detail"].as_str().unwrap();
    assert!(detail.contains("session = ?") && !detail.contains('2'), "{detail}");

    assert_eq!(entries(&["--verb", "delete", "--verb", "drop"]).len(), 2);
    // The table is gone by now.
    assert_eq!(entries(&["--table", "lab.Session"]).len(), 2);
    assert_eq!(entries(&["--table", "lab.Subject"]).len(), 0);
    assert_eq!(entries(&["lab", "--limit", "1"]).len(), 1);
    assert_eq!(entries(&["--since", "1h"]).len(), 3);
    assert_eq!(entries(&["--since", "2999-01-01"]).len(), 0);
    let user = delete["user"].as_str().unwrap();
    assert_eq!(entries(&["--user", user]).len(), 3);
    assert_eq!(entries(&["--user", "nobody-at-all"]).len(), 0);
    let table = said(&[], &["audit"]);
    assert!(table.starts_with("time (UTC)") && table.contains("lab.session"), "{table}");
    assert!(!table.contains("audit-not-read"), "{table}");

    for wrong in
        [&["audit", "nowhere"][..], &["audit", "--since", "yesterday"], &["audit", "--verb", "insert"]]
    {
        let (status, said) = run(folder.path(), &[], wrong);
        assert!(status != 0 && !said.contains("panicked"), "{wrong:?}: {said}");
    }
    for since in ["--since=-1d", "--since=900000d"] {
        let (status, said) = run(folder.path(), &[], &["audit", since]);
        assert!(status != 0 && said.contains("of the years 1 to 9999"), "{since}: {said}");
    }
    // A table is named as elsewhere.
    for arguments in [&["audit", "--table", "Session"][..], &["query", "Session"]] {
        let (status, said) = run(folder.path(), &[], arguments);
        let advice = "there is no table `Session`; write `schema.table`";
        assert!(status == 1 && said.contains(advice), "{arguments:?}: {said}");
    }
}
