use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use datajoint::guard::FindingCode;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The page of the guide, from the table of codes.
fn page() -> String {
    let mut page = "\
# Findings

`dj verify`, `dj doctor` and the plans of `dj deploy` report findings. A finding has a level, a message, advice, and one of
these codes. A code keeps its meaning from release to release, so that scripts can rely on it.

After `--accept` you list codes, with commas between them, whose findings don't count: for `dj verify`, for `dj doctor`, and
for the check with which `dj deploy apply` begins, which also takes those below `[verify] accept` in
[`deploy.toml`](deploying.md). A word that is no code is refused.

| code | meaning |
|---|---|
"
    .to_owned();
    for code in FindingCode::ALL {
        writeln!(page, "| `{code}` | {} |", code.meaning()).unwrap();
    }
    page
}

#[expect(clippy::disallowed_methods, reason = "the variable is for the tests, not a setting")]
#[test]
fn the_page_of_the_guide_is_printed_from_the_table_of_codes() {
    let path = root().join("docs/guide/src/findings.md");
    let page = page();
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "write it anew: INSTA_UPDATE=always cargo test -p datajoint-tests findings");
}

#[test]
fn every_code_comes_back_from_its_word_and_from_json() {
    for code in FindingCode::ALL {
        assert_eq!(code.word().parse(), Ok(*code));
        let json = serde_json::to_string(code).unwrap();
        assert_eq!(json, format!("\"{code}\""));
        assert_eq!(serde_json::from_str::<FindingCode>(&json).unwrap(), *code);
        let meaning = code.meaning();
        assert!(meaning.ends_with('.') && meaning.matches(". ").count() == 0, "one sentence: {meaning}");
    }
    assert!(FindingCode::ALL.is_sorted_by(|one, next| one.word() < next.word()), "in order, and none twice");
}

#[test]
fn a_word_that_is_no_code_is_refused_with_the_nearest_one() {
    for (word, nearest) in [
        ("other-charst", Some(FindingCode::OtherCharset)),
        ("no_prefix", Some(FindingCode::NoPrefix)),
        ("No-Prefix", Some(FindingCode::NoPrefix)),
        ("everything", None),
        ("", None),
    ] {
        let error = word.parse::<FindingCode>().unwrap_err();
        assert_eq!(error.nearest, nearest, "{word}");
        assert!(
            error.to_string().contains(nearest.map_or("`Findings` of the guide", FindingCode::word)),
            "{error}"
        );
        let json = serde_json::from_value::<FindingCode>(serde_json::json!(word)).unwrap_err();
        assert_eq!(json.to_string(), error.to_string());
    }
}

/// A code that nothing gives would stand in the guide for nothing.
#[test]
fn something_gives_each_code() {
    let mut source = String::new();
    for package in std::fs::read_dir(root().join("crates")).unwrap() {
        read(&package.unwrap().path().join("src"), &mut source);
    }
    let unused: Vec<&FindingCode> =
        FindingCode::ALL.iter().filter(|code| !is_given(&source, **code)).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

/// True where a finding is made with the code, rather than looked for by it.
fn is_given(source: &str, code: FindingCode) -> bool {
    let name = format!("FindingCode::{code:?}");
    source.match_indices(&name).any(|(place, _)| {
        let is_whole = !source[place + name.len()..].starts_with(char::is_alphanumeric);
        let before: Vec<&str> = source[..place].lines().rev().take(3).collect();
        let before: String = before.into_iter().rev().map(str::trim).collect();
        let of_settings = before
            .rsplit_once("Finding::in_production(")
            .is_some_and(|(_, settings)| settings.ends_with(',') && settings.matches(',').count() == 1);
        is_whole
            && (of_settings
                || [
                    "Finding::error(",
                    "Finding::warning(",
                    "Finding::not_read(",
                    "if_allowed(read,",
                    "interrupted:",
                ]
                .iter()
                .any(|given| before.trim_end().ends_with(given)))
    })
}

fn read(folder: &Path, source: &mut String) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, source);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            source.push_str(&std::fs::read_to_string(&path).unwrap());
        }
    }
}
