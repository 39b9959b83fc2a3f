//! Every way in which a verb can fail: its error names the table, the attribute or the key, the value, and what to do.

use std::fmt::Write as _;

use datajoint::arrow::InsertColumns as _;
use datajoint::prelude::*;
use datajoint::{DynamicDeclaration, DynamicTable, Tier, sql};
use serde_json::{Value, json};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_errors");

    #[table(Manual)]
    /// parent : int32
    pub(super) struct Parent;

    #[table(Manual)]
    /// id : int16
    /// ---
    /// -> Parent
    /// name : varchar(8)
    /// size : decimal(4, 2)
    /// kind : enum('a', 'b')
    /// day : date
    /// code : int32
    /// unique index (code)
    pub(super) struct Sample;

    #[table(Manual)]
    /// -> Sample
    pub(super) struct Child;

    #[table(Manual)]
    /// id : int16
    /// ---
    /// -> Parent.proj(mother='parent')
    pub(super) struct Litter;
}

use tables::{Child, ChildRow, Litter, LitterRow, Parent, ParentRow, Sample};

const SCHEMA: &str = "dj_conformance_errors";

/// A schema with a table that refers to one of these.
const REFERRING: &str = "dj_conformance_referring";

static TURN: Turn = Turn::new(SCHEMA);

/// A row that could be inserted, but for what a fault changes.
fn row(changes: &Value) -> Value {
    let mut row = json!({
        "id": 2, "parent": 1, "name": "bob", "size": "1.50", "kind": "a", "day": "2020-01-01", "code": 2
    });
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::String(word) if word == "(absent)" => row.as_object_mut().unwrap().remove(name),
            value => row.as_object_mut().unwrap().insert(name.clone(), value.clone()),
        };
    }
    row
}

/// What is wrong with a row, in what it differs from a good one, what its error must say, and one of which next steps.
struct Fault {
    name: &'static str,
    changes: Value,
    says: &'static [&'static str],
    steps: &'static [&'static str],
    /// The roads on which it is none.
    but: &'static [&'static str],
}

fn faults() -> Vec<Fault> {
    let fault = |name, changes, says, steps, but| Fault { name, changes, says, steps, but };
    vec![
        fault(
            "a key that is there",
            json!({"id": 1}),
            &["id = 1"],
            &["skip_duplicates"],
            &["skip", "replace", "update_one"],
        ),
        fault(
            "a parent that is not there",
            json!({"parent": 9}),
            &["parent = 9", "`dj_conformance_errors.parent`"],
            &["insert it there first"],
            &[],
        ),
        fault(
            "a value of a unique index",
            json!({"code": 1}),
            &["code = 1"],
            &["change the value"],
            &["replace"],
        ),
        fault("a null", json!({"name": null}), &["`name`"], &["give it one"], &["csv"]),
        fault(
            "no value",
            json!({"name": "(absent)"}),
            &["`name`"],
            &["give it a value"],
            &["update_one", "csv"],
        ),
        fault("an unknown attribute", json!({"nmae": 1}), &["`nmae`"], &["did you mean `name`?"], &[]),
        fault(
            "a string that is too long",
            json!({"name": "0123456789"}),
            &["`name`", "0123456789"],
            &["8"],
            &[],
        ),
        fault(
            "a number out of range",
            json!({"code": 3_000_000_000_i64}),
            &["`code`", "3000000000"],
            &["int32"],
            &[],
        ),
        fault("a string for a number", json!({"code": "many"}), &["`code`", "many"], &["int32"], &[]),
        fault("no member of the enum", json!({"kind": "z"}), &["`kind`", "z"], &["'a'", "\"a\""], &[]),
        fault("no day", json!({"day": "2020-02-30"}), &["`day`", "2020-02-30"], &["date"], &[]),
        fault("too many digits", json!({"size": "123.45"}), &["`size`", "123.45"], &["decimal(4"], &[]),
    ]
}

const ROADS: [&str; 7] = ["insert", "insert_one", "skip", "replace", "transaction", "update_one", "csv"];

async fn attempt(dj: &Instance, table: &DynamicTable, road: &str, row: Value) -> Option<String> {
    let mut row = row;
    if road == "update_one" {
        // Of the row that is there, which others refer to.
        row["id"] = json!(3);
    }
    let outcome = match road {
        "insert" => table.insert(dj, [row]).await.map(drop),
        "insert_one" => table.insert_one(dj, row).await,
        "skip" => table.insert_with(dj, [row], InsertOptions::new().skip_duplicates()).await.map(drop),
        "replace" => table.insert_with(dj, [row], InsertOptions::new().replace()).await.map(drop),
        "transaction" => dj.transaction(async |within| table.insert_one(within, row).await).await,
        "update_one" => table.update_one(dj, row).await,
        _ => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("rows.csv");
            let fields = row.as_object().unwrap();
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let values: Vec<String> = fields.values().map(text).collect();
            std::fs::write(&path, format!("{}\n{}\n", names.join(","), values.join(","))).unwrap();
            return Sample
                .insert_csv(dj, &path, InsertOptions::new())
                .await
                .err()
                .map(|error| error.to_string());
        }
    };
    outcome.err().map(|error| error.to_string())
}

/// What an error lacks of what it must say.
fn lacks(situation: &str, error: Option<&str>, says: &[&str], steps: &[&str]) -> Option<String> {
    let Some(error) = error else { return Some(format!("{situation}: no error")) };
    let silent: Vec<&&str> = says.iter().filter(|part| !error.contains(**part)).collect();
    let has_step = steps.iter().any(|step| error.contains(step));
    (!silent.is_empty() || !has_step).then(|| format!("{situation} lacks {silent:?} of {steps:?}: {error}"))
}

/// What was done, the error that it gave, what it has to say, and the next steps of which it has to say one.
type Situation<'a> = (&'a str, Option<String>, &'a [&'a str], &'a [&'a str]);

/// A road and a fault at a time, and what fails without a row.
#[expect(clippy::print_stdout, reason = "the counts are what the proof is run for")]
pub async fn every_error_names_table_attribute_value_and_next_step(dj: &Instance, _: Capabilities) {
    // What a broken run left would be in the way.
    let _ = dj.drop_schema(REFERRING).confirmed().await;
    let turn = TURN.take(dj).await;
    Parent.insert_one(dj, ParentRow { parent: 1 }).await.unwrap();
    let _ = Sample.count(dj).await.unwrap();
    let table = dj.table("dj_conformance_errors.Sample").await.unwrap();
    let there = [json!({"id": 1, "code": 1}), json!({"id": 3, "code": 3})];
    table.insert(dj, there.iter().map(row)).await.unwrap();
    Child.insert_one(dj, ChildRow { id: 1 }).await.unwrap();
    let (mut found, mut all, mut tried) = (Vec::new(), String::new(), 0);
    for fault in faults() {
        for road in ROADS.into_iter().filter(|road| !fault.but.contains(road)) {
            let situation = format!("{} by {road}", fault.name);
            let error = attempt(dj, &table, road, row(&fault.changes)).await;
            let says: Vec<&str> = [&["dj_conformance_errors.sample"], fault.says].concat();
            found.extend(lacks(&situation, error.as_deref(), &says, fault.steps));
            // Writing to a string can't fail.
            let _ = writeln!(all, "{situation}\n    {}", error.unwrap_or_default());
            tried += 1;
        }
    }
    let twice = table.insert(dj, [row(&json!({})), row(&json!({"code": 5}))]).await.err();
    let others: [Situation<'_>; 23] = [
        (
            "twice in one insert",
            text(twice),
            &["conformance_errors.sample", "two of the rows", "id = 2"],
            &["give each row once"],
        ),
        (
            "children",
            text((&table & [("id", 1)]).delete_quick(dj).confirmed().await.err()),
            &["conformance_errors.sample", "conformance_errors.child"],
            &["`delete` takes"],
        ),
        (
            "update of no row",
            text(table.update_one(dj, row(&json!({"id": 9}))).await.err()),
            &["conformance_errors.sample", "id = 9"],
            &["insert it first"],
        ),
        (
            "update of nothing",
            text(table.update_one(dj, json!({"id": 1})).await.err()),
            &["conformance_errors.sample"],
            &["give at least one attribute"],
        ),
        (
            "no row",
            text((&table & [("id", 9)]).fetch_one(dj).await.err()),
            &["conformance_errors.sample", "9"],
            &["fetch_optional"],
        ),
        (
            "many rows",
            text(table.fetch_one(dj).await.err()),
            &["conformance_errors.sample"],
            &["restrict it further"],
        ),
        (
            "an unknown column",
            text(table.column_as::<i32>(dj, "coed").await.err()),
            &["conformance_errors.sample", "`coed`"],
            &["did you mean `code`?"],
        ),
        (
            "a condition on what is not there",
            text((&table & sql("coed > 1", [0; 0])).fetch(dj).await.err()),
            &["conformance_errors.sample", "coed"],
            &["correct the name", "did you mean", "compare the definition"],
        ),
        (
            "a mapping of what is not there",
            text((&table & [("coed", 1)]).fetch(dj).await.err()),
            &["conformance_errors.sample", "coed"],
            &["did you mean `code`?"],
        ),
        (
            "an order by what is not there",
            text(table.order_by("coed").fetch(dj).await.err()),
            &["conformance_errors.sample", "coed"],
            &["did you mean `code`?"],
        ),
        (
            "a projection to what is not there",
            text(table.proj(["coed"]).fetch(dj).await.err()),
            &["conformance_errors.sample", "coed"],
            &["did you mean `code`?"],
        ),
        (
            "a string without quotes",
            text((&table & sql("name = mouse", [0; 0])).fetch(dj).await.err()),
            &["conformance_errors.sample", "mouse"],
            &["a string stands between single quotes"],
        ),
        (
            "a condition that is no SQL",
            text((&table & sql("code >", [0; 0])).fetch(dj).await.err()),
            &["code >"],
            &["correct", "after"],
        ),
        (
            "a value of a key of another type",
            text((&table & [("code", "heavy")]).fetch(dj).await.err()),
            &["conformance_errors.sample.code`", "heavy"],
            &["int32"],
        ),
        (
            "a function that is misspelt",
            text(Parent.aggr(&Sample, compute("n", "cuont(id)")).fetch(dj).await.err()),
            &["`n`", "`cuont`"],
            &["did you mean `count`?"],
        ),
        (
            "a parent by another name",
            text(Litter.insert_one(dj, LitterRow { id: 1, mother: 9 }).await.err()),
            &["conformance_errors.litter", "conformance_errors.parent", "parent = 9", "`mother`"],
            &["insert it there first"],
        ),
        ("bytes in a text", text(blob_as_json(dj).await.err()), &["`bytes`"], &["write Parquet or Arrow"]),
        (
            "an unknown table",
            text(dj.table("dj_conformance_errors.Sampel").await.err()),
            &["Sampel"],
            &["did you mean `Sample`?"],
        ),
        (
            "an unknown schema",
            text(dj.table("dj_conformance_error.Sample").await.err()),
            &["`dj_conformance_error`"],
            &["did you mean `dj_conformance_errors`?"],
        ),
        (
            "a definition with a fault",
            text(declare(dj, "id : int33").await),
            &["dj_conformance_errors.wrong", "int33"],
            &["int32"],
        ),
        (
            "a parent that is no table",
            text(declare(dj, "-> Sampel").await),
            &["Sampel"],
            &["did you mean `Sample`?"],
        ),
        (
            "a misspelt schema that is to be dropped",
            text(dj.drop_schema("dj_conformance_error").confirmed().await.err()),
            &["`dj_conformance_error`"],
            &["did you mean"],
        ),
        (
            "a schema that a table of another one refers to",
            text(dropped_beside_a_reference(dj).await.err()),
            &["`dj_conformance_errors`", "`dj_conformance_referring.far_child`"],
            &["drop it first"],
        ),
    ];
    for (situation, error, says, steps) in others {
        found.extend(lacks(situation, error.as_deref(), says, steps));
        let _ = writeln!(all, "{situation}\n    {}", error.unwrap_or_default());
        tried += 1;
    }
    println!("{}: {tried} situations", dj.backend());
    assert!(found.is_empty(), "{}:\n{}", dj.backend(), found.join("\n"));
    assert!(tried >= 80);
    if dj.backend().capability().is_embedded {
        check_wording(&all);
    }
    turn.end(dj).await;
}

/// Fails unless all errors are worded as they are known to be, so that whoever changes one sees how it reads.
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
fn check_wording(all: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/errors/sqlite.txt");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&path, all).unwrap();
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default();
    let changed: Vec<&str> = all.lines().filter(|line| !known.contains(line)).collect();
    assert!(
        known == all,
        "errors are worded otherwise; read these, and write {} anew with INSTA_UPDATE=always:\n{}",
        path.display(),
        changed.join("\n")
    );
}

async fn blob_as_json(dj: &Instance) -> datajoint::Result<Vec<Value>> {
    let schema = SCHEMA;
    let (class_name, tier, definition) = ("Picture", Tier::Manual, "id : int16\n---\nbytes : bytes");
    let declared = DynamicDeclaration { schema, class_name, tier, definition, master: None };
    let table = dj.declare_dynamic(declared).await?;
    let row = DynamicRow::new().with("id", 1)?.with("bytes", vec![1_u8, 2])?;
    table.insert(dj, [row]).await?;
    table.fetch_json(dj).await
}

fn text(error: Option<impl std::fmt::Display>) -> Option<String> {
    error.map(|error| error.to_string())
}

/// Drops the schema while a table of another one refers to it.
async fn dropped_beside_a_reference(dj: &Instance) -> datajoint::Result<()> {
    let declaration = DynamicDeclaration {
        schema: REFERRING,
        class_name: "FarChild",
        tier: Tier::Manual,
        definition: "-> dj_conformance_errors.Sample",
        master: None,
    };
    dj.declare_dynamic(declaration).await?;
    let outcome = dj.drop_schema(SCHEMA).confirmed().await;
    dj.drop_schema(REFERRING).confirmed().await?;
    outcome.map(drop)
}

async fn declare(dj: &Instance, definition: &str) -> Option<datajoint::Error> {
    let declaration = DynamicDeclaration {
        schema: SCHEMA,
        class_name: "Wrong",
        tier: Tier::Manual,
        definition,
        master: None,
    };
    dj.declare_dynamic(declaration).await.err()
}
