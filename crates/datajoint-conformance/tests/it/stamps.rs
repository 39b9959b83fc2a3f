//! No verb that writes is added without a try of what a stamp does to it.

use std::collections::BTreeSet;
use std::path::Path;

use datajoint_conformance::stamping::VERBS;

use crate::sources;

/// The crates whose public functions may write.
const CRATES: [&str; 5] =
    ["datajoint-pipeline", "datajoint-arrow", "datajoint-transfer", "datajoint-populate", "datajoint-jobs"];

/// Public functions of an `Instance` that change nothing in a database, or begin something that is looked at by its
/// verbs.
const HARMLESS: [&str; 58] = [
    "audit",
    "audit_statement",
    "is_audited",
    "of",
    "condition_of",
    "confirm",
    "outlook",
    "stale",
    "codecs",
    "stage",
    "stores",
    "holders",
    "oldest",
    "outdated_contents",
    "count_open",
    "counts",
    "has_work",
    "failures",
    "find",
    "backend",
    "begin",
    "begin_read",
    "cascade",
    "check_later_versions",
    "check_may_change",
    "check_may_change_on",
    "check_versions",
    "close",
    "compare",
    "connect",
    "connect_existing",
    "database",
    "expression_of",
    "facts",
    "found_stamps",
    "graph",
    "heading",
    "hidden_tables",
    "find_schemas",
    "list_schemas",
    "place",
    "progress",
    "progress_of",
    "resolve",
    "restrict_all",
    "retry_transaction",
    "retry_transaction_while",
    "schema",
    "schema_name",
    "settings",
    "source_of",
    "stamps",
    "table",
    "table_of",
    "to_sql",
    "trace",
    "transaction",
    "dynamic",
];

/// The public functions that take what is written to, or belong to an `Instance`.
fn verbs(text: &str) -> BTreeSet<String> {
    let (mut verbs, mut block) = (BTreeSet::new(), String::new());
    let lines: Vec<&str> = text.lines().collect();
    for (number, line) in lines.iter().enumerate() {
        if !line.starts_with(' ') && (line.starts_with("impl") || line.contains("pub trait ")) {
            (*line).clone_into(&mut block);
        }
        let head = line.trim_start();
        let is_of_trait = block.contains("pub trait ") && line.starts_with("    fn ");
        let is_public = head.starts_with("pub fn ") || head.starts_with("pub async fn ") || is_of_trait;
        let Some((_, rest)) = head.split_once("fn ").filter(|_| is_public) else { continue };
        let name = rest.split(['(', '<']).next().unwrap().to_owned();
        let signature: String = lines[number..]
            .iter()
            .scan(false, |has_ended, line| {
                let goes_on = !*has_ended;
                *has_ended = line.ends_with('{') || line.ends_with(';');
                goes_on.then_some(*line)
            })
            .collect();
        let is_of_instance = block.starts_with("impl Instance");
        let writes = ["WriteTarget<", "-> Dropping", "-> Deletion", "instance: &Instance"];
        let is_of_jobs = block.starts_with("impl Jobs") && head.starts_with("pub async fn ");
        if is_of_instance || is_of_jobs || writes.iter().any(|part| signature.contains(part)) {
            verbs.insert(name);
        }
    }
    verbs
}

#[test]
fn every_public_function_that_writes_is_tried_with_a_stamp() {
    let mut files = Vec::new();
    for name in CRATES {
        sources::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src"), &mut files);
    }
    let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap());
    let found: BTreeSet<String> = texts.flat_map(|text| verbs(&text)).collect();
    assert!(found.contains("delete_quick") && found.contains("insert_csv") && found.contains("stamp"));
    let tried: BTreeSet<&str> = VERBS.iter().map(|(verb, _)| verb.split(' ').next().unwrap()).collect();
    let is_known = |name: &&String| {
        tried.contains(name.as_str()) || HARMLESS.contains(&name.as_str()) || name.starts_with("with_")
    };
    let unknown: Vec<&String> = found.iter().filter(|name| !is_known(name)).collect();
    assert!(
        unknown.is_empty(),
        "{unknown:?}: add these to `stamping::VERBS`, or say in this test that they change nothing"
    );
}
