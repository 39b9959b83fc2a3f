//! Real definitions, with what DataJoint for Python makes of each.

use std::io::Read;
use std::path::Path;

use datajoint_definition::{Definition, Diagnostic, IndexItem, Line, parse};
use serde_json::Value;

/// The definitions of public pipelines, kept beside the project where there is room for them.
const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/shared.jsonl.gz");

/// The project's own definitions, in the same form.
const OWN: &str = include_str!("../corpus/own.jsonl");

#[test]
fn our_own_definitions_parse_as_written_down() {
    for record in records(OWN) {
        assert_eq!(difference(&record), None, "{}", record["definition"]);
    }
}

#[test]
fn real_definitions_parse_as_python_parses_them_or_differ_for_a_reason() {
    let path = Path::new(SHARED);
    if !path.exists() {
        println!("the shared corpus is not here; its test needs {SHARED}");
        return;
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let records: Vec<Value> = records(&text).collect();
    let differences: Vec<String> = records
        .iter()
        .filter_map(|record| Some(format!("{} {}", record["id"].as_str()?, difference(record)?)))
        .collect();
    println!("{} definitions, {} differ", records.len(), differences.len());
    insta::assert_snapshot!(differences.join("\n"));
}

fn records(text: &str) -> impl Iterator<Item = Value> {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap())
}

/// Where our parse of a record is another than Python's, and why; `None` when they agree.
fn difference(record: &Value) -> Option<String> {
    let text = record["definition"].as_str().unwrap();
    let parsed = &record["oracle"]["parse"];
    let (definition, faults) = parse(text);
    let ours: Vec<&Diagnostic> = faults.iter().filter(|fault| fault.is_error()).collect();
    let theirs = &parsed["first_error"]["mysql"];
    match (theirs.is_null(), ours.is_empty()) {
        // Both refuse it; the words are each one's own.
        (false, false) => None,
        (false, true) => Some(format!("accepted: {}", reason(theirs))),
        (true, false) => Some(format!("refused: {}", ours.iter().map(|f| f.message.as_str()).collect::<Vec<_>>().join("; "))),
        (true, true) => compare(&definition, parsed).map(|what| format!("differs: {what}")),
    }
}

/// Why we accept what Python refuses.
fn reason(theirs: &Value) -> String {
    let message = theirs["message"].as_str().or_else(|| theirs.as_str()).unwrap_or_default();
    if message.contains("Unknown core type") {
        "blanks and capitals in the name of a type do not matter".to_owned()
    } else if message.contains("is not registered") {
        "a codec of a plugin is known where it is used".to_owned()
    } else {
        message.lines().next().unwrap_or_default().to_owned()
    }
}

fn compare(definition: &Definition, parsed: &Value) -> Option<String> {
    let comment = parsed["table_comment"].as_str().unwrap_or_default();
    if definition.comment.as_deref().unwrap_or_default() != comment {
        return Some("the comment of the table".to_owned());
    }
    let wanted = |kind: &str| {
        let lines = parsed["lines"].as_array().cloned().unwrap_or_default();
        lines.into_iter().filter(|line| line["kind"] == kind).map(|line| line.to_owned()).collect::<Vec<_>>()
    };
    let (attributes, keys, indexes) = (wanted("attribute"), wanted("foreign_key"), wanted("index"));
    let (mut attribute, mut key, mut index) = (attributes.iter(), keys.iter(), indexes.iter());
    for line in &definition.lines {
        let same = match line {
            Line::Attribute(ours) => attribute.next().is_some_and(|theirs| {
                theirs["name"] == ours.name.as_str()
                    && theirs["type"] == ours.type_text.as_str()
                    && theirs["comment"].as_str().unwrap_or_default() == ours.comment
                    && theirs["nullable"] == ours.is_nullable()
                    && theirs["in_key"] == ours.in_key
            }),
            Line::ForeignKey(ours) => key.next().is_some_and(|theirs| {
                let reference = theirs["ref"].as_str().unwrap_or_default().split('#').next().unwrap_or_default();
                let parent = reference.split(".proj").next().unwrap_or_default().replace("()", "");
                let has = |option: &str| {
                    let options = theirs["options"].as_array().into_iter().flatten();
                    options.filter_map(Value::as_str).any(|given| given.eq_ignore_ascii_case(option))
                };
                parent.trim() == ours.parent
                    && has("nullable") == ours.nullable
                    && has("unique") == ours.unique
                    && theirs["in_key"] == ours.in_key
            }),
            Line::Index(ours) => index.next().is_some_and(|theirs| {
                let sql = theirs["mysql"]["sql"][0].as_str().unwrap_or_default();
                let named = ours.items.iter().all(|item| match item {
                    IndexItem::Attribute(name) => sql.contains(&format!("`{name}`")),
                    _ => true,
                });
                sql.starts_with("unique") == ours.unique && named
            }),
        };
        if !same {
            let has_tab = matches!(line, Line::Attribute(line) if line.comment.contains('\t'));
            return Some(if has_tab { "a tab in a comment stays a tab".to_owned() } else { format!("{line:?}") });
        }
    }
    let left = attribute.len() + key.len() + index.len();
    (left > 0).then(|| format!("{left} lines are missing"))
}
