//! Definitions, with what DataJoint for Python 2.3.5 makes of each.

mod compare;
mod listed;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use datajoint_definition::{
    Backend, Context, Diagnostic, Tier, check, master_of, parse, table_name, tier_of,
};
use serde_json::Value;

/// The definitions of public pipelines, kept beside the project where there is room for them.
const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/shared.jsonl.gz");

/// The project's own definitions, in the same form.
const OWN: &str = include_str!("../corpus/own.jsonl");

/// Single lines that show every rule of an attribute.
const LINES: &str = include_str!("../corpus/lines.jsonl");

#[test]
fn our_own_definitions_parse_as_python_parses_them_or_differ_for_a_reason() {
    let records: Vec<Value> = records(OWN).chain(records(LINES)).collect();
    listed::assert_listed(include_str!("../corpus/own.differences"), &parse_differences(&records));
}

#[test]
fn real_definitions_parse_as_python_parses_them_or_differ_for_a_reason() {
    let Some(records) = shared() else { return };
    let differences = parse_differences(&records);
    println!("{} definitions parsed, {} differ and are listed", records.len(), differences.len());
    listed::assert_listed(include_str!("../corpus/shared.differences"), &differences);
}

#[test]
fn what_is_accepted_can_be_declared_and_what_is_refused_can_not() {
    let Some(records) = shared() else { return };
    for (backend, list) in [
        (Backend::Mysql, include_str!("../corpus/mysql.differences")),
        (Backend::Postgresql, include_str!("../corpus/postgresql.differences")),
    ] {
        let mut same = 0;
        let mut differences = BTreeSet::new();
        for record in
            records.iter().filter(|record| record["oracle"]["parse"]["first_error"][backend.name()].is_null())
        {
            let declared = record["oracle"][backend.name()]["default"]["ok"] == true;
            let refused = faults(record, backend).iter().any(Diagnostic::is_error);
            if declared == refused {
                let kind = if refused { "refused" } else { "accepted" };
                differences.insert((kind.to_owned(), id(record)));
            } else {
                same += 1;
            }
        }
        println!("{backend}: {same} declared or refused alike, {} not and listed", differences.len());
        listed::assert_listed(list, &differences);
    }
}

#[test]
fn tables_are_named_as_python_names_them() {
    let Some(records) = shared() else { return };
    let mut compared = 0;
    for record in &records {
        let Some(theirs) = record["oracle"]["mysql"]["default"]["table_name"].as_str() else { continue };
        let (tier, class_name) = (tier(record), record["class_name"].as_str().unwrap());
        assert_eq!(table_name(class_name, tier, master_of(theirs)).as_deref(), Some(theirs));
        let master = if tier == Tier::Part { master_of(theirs) } else { None };
        assert_eq!(tier_of(theirs), Some((tier, master)), "{theirs}");
        compared += 1;
    }
    println!("{compared} table names are the same");
}

fn shared() -> Option<Vec<Value>> {
    let path = Path::new(SHARED);
    if !path.exists() {
        println!("the shared corpus is not here; its tests need {SHARED}");
        return None;
    }
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    Some(records(&text).collect())
}

fn records(text: &str) -> impl Iterator<Item = Value> {
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| serde_json::from_str(line).unwrap())
}

fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

fn tier(record: &Value) -> Tier {
    let tiers = [Tier::Manual, Tier::Lookup, Tier::Imported, Tier::Computed, Tier::Part];
    let name = record["tier"].as_str().unwrap_or("Manual");
    tiers.into_iter().find(|tier| tier.name() == name).unwrap()
}

/// Everything that is said of a record for a backend.
fn faults(record: &Value, backend: Backend) -> Vec<Diagnostic> {
    let (definition, mut faults) = parse(record["definition"].as_str().unwrap());
    let class_name = record["class_name"].as_str().unwrap();
    // Python checks no such thing.
    let allow_new_key = true;
    let context =
        Context { class_name, tier: tier(record), master: None, backend: Some(backend), allow_new_key };
    faults.extend(check(&definition, &context));
    faults
}

/// Kind and id of the records whose parse is another than Python's.
fn parse_differences(records: &[Value]) -> BTreeSet<(String, String)> {
    let mut differences = BTreeSet::new();
    for record in records {
        let parsed = &record["oracle"]["parse"];
        let (definition, faults) = parse(record["definition"].as_str().unwrap());
        let refused = faults.iter().any(Diagnostic::is_error);
        let kind = match (parsed["first_error"]["mysql"].is_null(), refused) {
            // Both refuse it; the words are each one's own.
            (false, true) => continue,
            (true, true) => "refused",
            (false, false) => "accepted",
            (true, false) => "differs",
        };
        let difference = if refused { None } else { compare::difference(&definition, parsed) };
        if kind != "differs" || difference.is_some() {
            differences.insert((kind.to_owned(), id(record)));
        }
        // What is accepted must still have the same content.
        if let (Some(difference), "accepted") = (difference, kind) {
            differences.insert((format!("differs, {difference}"), id(record)));
        }
    }
    differences
}
