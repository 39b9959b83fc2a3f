use std::fmt::Write as _;

use datajoint_lock::{Error, Lock};

use crate::tables::lab;

/// What is done to a lock, and what is said of it.
#[test]
fn a_broken_lock_says_where_and_what_to_do() {
    let whole = Lock::new(&lab()).to_string();
    let replaced = |from: &str, to: &str| whole.replacen(from, to, 1);
    let cases = [
        ("empty", String::new()),
        ("cut off", whole[..whole.len() / 2].to_owned()),
        ("of another program", "[package]\nname = \"x\"".to_owned()),
        ("left by a merge", replaced("\"lab.session\"", "<<<<<<< HEAD\n    \"lab.session\"")),
        ("newer", replaced("\"version\": 1", "\"version\": 2")),
        ("newer, of another shape", "{\"version\": 3, \"schemas\": []}".to_owned()),
        ("older", replaced("\"version\": 1", "\"version\": 0")),
        ("another field", replaced("\"class\"", "\"klass\"")),
        ("another type", replaced("varchar(40)", "varchar(41)")),
        ("no type", replaced("varchar(40)", "varkar(40)")),
        ("another tier", replaced("\"Lookup\"", "\"Manual\"")),
        ("no tier", replaced("\"Lookup\"", "\"Looked\"")),
        ("another name", replaced("\"lab.subject\": {", "\"lab.animal\": {")),
        ("no schema", replaced("\"lab.#species\": {", "\"species\": {")),
        ("no index", replaced("index (session)", "key (session)")),
        ("an attribute twice", replaced("\"born\"", "\"note\"")),
    ];
    let mut text = String::new();
    for (name, broken) in cases {
        assert_ne!(broken, whole, "{name}");
        let error = Lock::parse(&broken).unwrap_err();
        writeln!(text, "{name}\n    {error}").unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_table_that_others_refer_to_and_one_that_stands_there_twice_are_told() {
    let mut tables = lab();
    tables.remove(0);
    let error = Lock::parse(&Lock::new(&tables).to_string()).unwrap_err();
    assert!(error.to_string().contains("refers to `lab.#species`, which the file lacks"), "{error}");

    let whole = Lock::new(&lab()).to_string();
    let start = whole.find("    \"lab.#options\"").unwrap();
    let end = whole.find("    \"lab.#species\"").unwrap();
    let twice = format!("{}{}{}", &whole[..end], &whole[start..end], &whole[end..]);
    let error = Lock::parse(&twice).unwrap_err();
    assert!(matches!(&error, Error::Changed { problem, .. } if problem == "stands there twice"), "{error}");
}
