use std::collections::BTreeSet;

use datajoint_guard::StampChange;
use datajoint_sql::{Statement, Value};

use super::*;
use crate::{Atomicity, Task};

fn plan() -> Plan {
    let item = |object: &str| {
        let steps = ["ALTER TABLE a", "ALTER TABLE b"].map(Step::new).into();
        Item::new(("lab", object), "missing", "there", steps).by("provenance")
    };
    Plan {
        server: "postgresql 15.2".to_owned(),
        is_applied: false,
        kind: "deploy",
        items: vec![item("lab.session"), item("lab.subject")],
        findings: Vec::new(),
        asked: b"provenance".to_vec(),
        was_interrupted: false,
    }
}

#[test]
fn every_field_that_says_what_is_done_changes_the_hash() {
    let changes: [fn(&mut Plan); 18] = [
        |_| {},
        |plan| plan.server.push('0'),
        |plan| plan.asked.push(b'0'),
        |plan| plan.items.truncate(1),
        |plan| plan.items.reverse(),
        |plan| plan.items[0].operation = "job-metadata",
        |plan| plan.items[0].object.push('s'),
        |plan| plan.items[0].found.push('s'),
        |plan| plan.items[0].wanted.push('s'),
        |plan| plan.items[0].state = State::Unchanged,
        |plan| plan.items[0].state = State::Skipped { reason: "owner".to_owned() },
        |plan| plan.items[0].statements.truncate(1),
        |plan| plan.items[0].statements[0].atomicity = Atomicity::Autocommit,
        |plan| plan.items[0].statements[0].purpose = Purpose::Check,
        |plan| {
            // The same text for people, and another statement.
            let [one, other] = [Value::Int(1), Value::Text("1".to_owned())];
            plan.items[0].statements[0].task = Task::Statement(Statement {
                sql: "ALTER TABLE a".to_owned(),
                parameters: vec![one, other],
                ..Statement::default()
            });
        },
        |plan| plan.items[0].statements[0].task = stamp("lab", None),
        |plan| plan.items[0].statements[0].task = stamp("lab2", None),
        |plan| plan.items[0].statements[0].task = stamp("lab", Some("full")),
    ];
    let hashes: BTreeSet<String> = changes
        .iter()
        .map(|change| {
            let mut changed = plan();
            change(&mut changed);
            changed.hash()
        })
        .collect();
    assert_eq!(hashes.len(), changes.len());
}

fn stamp(schema: &str, mode: Option<&str>) -> Task {
    Task::Stamp { schema: schema.to_owned(), change: StampChange::ReplicaIdentity(mode.map(str::to_owned)) }
}

/// Who pastes what is listed into a shell of the server runs the statements alone.
#[test]
fn a_step_that_is_no_statement_is_a_comment_of_one_line() {
    let mut plan = plan();
    plan.items[0].statements = vec![Step::stamp("lab\nDROP", StampChange::ReplicaIdentity(None))];
    let listed = plan.ddl().remove(0);
    assert_eq!(listed, r#"-- the stamp of "lab\nDROP" says nothing of the replica identity of new tables"#);
    assert_eq!(plan.json()["items"][0]["statements"][0]["sql"], listed);
    assert!(plan.to_string().contains(&listed), "{plan}");
}

/// A statement of one item is not one of the next.
#[test]
fn where_the_statements_of_an_item_end_counts() {
    let mut other = plan();
    let moved = other.items[0].statements.pop().unwrap();
    other.items[1].statements.insert(0, moved);
    assert_ne!(plan().hash(), other.hash());
}

/// People write hashes down between two runs, which may be of two releases.
#[test]
fn the_hash_of_a_plan_stays_the_same() {
    assert_eq!(plan().hash(), "52ed2c51eac580e8ef2e4c073579fa03");
}
