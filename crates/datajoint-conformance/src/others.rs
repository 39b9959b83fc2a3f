//! Tables as other programs make them: what no definition says is told, and never read as something else.

use datajoint::definition::DefaultValue;
use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{DynamicTable, InsertOptions, TableName};
use datajoint_sql::Statement;
use datajoint_transfer::{Export, Import};

use crate::{Capabilities, Turn};

mod made;

use made::{DEFAULTS, Found, INDEXES, Kept};

const SCHEMA: &str = "dj_conformance_others";
const AGAIN: &str = "dj_conformance_others_again";
const COPIED: &str = "dj_conformance_others_copied";

static TURN: Turn = Turn::new(SCHEMA);

async fn run(dj: &Instance, statement: &str) {
    let mut connection = dj.database().acquire().await.unwrap();
    let done = connection.execute(&Statement::plain(statement)).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

fn quoted(dj: &Instance, table: &str) -> String {
    datajoint_sql::table_reference(dj.backend(), &TableName::new(SCHEMA, table))
}

/// Empty schemas, the first of which this library knows.
async fn begin(dj: &Instance) {
    for schema in [AGAIN, COPIED, SCHEMA] {
        let _ = dj.drop_schema(schema).confirmed().await;
    }
    crate::matrix::declare(dj, SCHEMA, "Beside", "beside : int32").await;
}

async fn end(dj: &Instance, turn: crate::turn::Taken<'_>) {
    for schema in [AGAIN, COPIED] {
        let _ = dj.drop_schema(schema).confirmed().await;
    }
    turn.end(dj).await;
}

async fn table(dj: &Instance, name: &str) -> DynamicTable {
    dj.table(&format!("{SCHEMA}.{name}")).await.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// What is refused names the table and all of these.
fn names(error: &str, table: &DynamicTable, words: &[&str]) {
    let table = table.name().to_string();
    for word in [&[table.as_str()], words].concat() {
        assert!(error.contains(word), "the error names no {word}: {error}");
    }
}

/// A description is refused, and so is what would carry it on.
async fn is_told(dj: &Instance, table: &DynamicTable, words: &[&str]) {
    let error = table.describe().expect_err(&format!("{words:?}")).to_string();
    names(&error, table, words);
    let folder = tempfile::tempdir().unwrap();
    let error = Export::new(dj, table).to(folder.path().join("rows")).await.unwrap_err().to_string();
    names(&error, table, words);
    let error = datajoint_transfer::copy(dj, table, dj, false).await.unwrap_err().to_string();
    names(&error, table, words);
}

/// A literal is a default; what only the server computes is told with its attribute, and rows go in and out all the same.
pub async fn a_default_is_read_as_what_it_is(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    let cases: Vec<_> = DEFAULTS.iter().filter(|case| case.backends.contains(&dj.backend())).collect();
    for (name, is_said) in [("said", true), ("filled", false)] {
        let columns: Vec<String> = cases
            .iter()
            .filter(|case| matches!(case.found, Found::Filled) != is_said)
            .map(|case| format!("{} {}", case.name, case.column))
            .collect();
        let created = quoted(dj, name);
        let id = format!("id {} NOT NULL", made::number(dj.backend()));
        run(dj, &format!("CREATE TABLE {created} ({id}, {}, PRIMARY KEY (id))", columns.join(", "))).await;
    }
    let (said, filled) = (table(dj, "Said").await, table(dj, "Filled").await);
    for of in [&said, &filled] {
        of.insert(dj, [json!({"id": 1}), json!({"id": 2})]).await.unwrap();
        let replacing = InsertOptions::new().replace();
        of.insert_with(dj, [json!({"id": 2}), json!({"id": 3})], replacing).await.unwrap();
        assert_eq!(of.fetch(dj).await.unwrap().len(), 3);
        (of & [("id", 3)]).delete(dj).confirmed().await.unwrap();
        assert_eq!(of.count(dj).await.unwrap(), 2);
    }
    for case in &cases {
        let is_filled = matches!(case.found, Found::Filled);
        let of = if is_filled { &filled } else { &said };
        let default = &of.table().heading.get(case.name).unwrap().default;
        match (&case.found, default) {
            (Found::Filled, DefaultValue::OfServer(_))
            | (Found::Now, DefaultValue::CurrentTimestamp { .. })
            | (Found::Null, DefaultValue::Null)
            | (Found::Needed, DefaultValue::Required) => {}
            (Found::Value(expected), DefaultValue::Value(found)) if expected == found => {}
            (_, found) => panic!("{} {}: {found:?}", case.name, case.column),
        }
        if is_filled {
            is_told(dj, of, &[&format!("`{}`", case.name)]).await;
        }
    }
    // What is described declares the same defaults.
    let again = crate::matrix::declare(dj, AGAIN, "Said", &said.describe().unwrap()).await;
    assert_eq!(said.describe().unwrap(), again.describe().unwrap());
    again.insert(dj, [json!({"id": 1})]).await.unwrap();
    let lasting = cases.iter().filter(|case| matches!(case.found, Found::Value(_) | Found::Null));
    let lasting: Vec<&str> = lasting.map(|case| case.name).collect();
    let row = async |of: &DynamicTable| (of & [("id", 1)]).proj(&lasting[..]).fetch_one(dj).await.unwrap();
    assert_eq!(row(&said).await, row(&again).await);
    end(dj, turn).await;
}

/// What of an index no definition says is told: a description goes on without one that keeps no rows apart.
pub async fn an_index_is_never_turned_into_another_one(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    for case in INDEXES.iter().filter(|case| case.backends.contains(&dj.backend())) {
        begin(dj).await;
        let created = quoted(dj, "indexed");
        for statement in case.statements {
            run(dj, &statement.replace("<table>", &created)).await;
        }
        let found = table(dj, "Indexed").await;
        if case.has_key {
            let rows = || [json!({"id": 1, "a": "one", "b": 1}), json!({"id": 2, "a": "two", "b": 2})];
            found.insert(dj, rows()).await.unwrap();
            found.insert_with(dj, rows(), InsertOptions::new().replace()).await.unwrap();
            found.insert_with(dj, rows(), InsertOptions::new().skip_duplicates()).await.unwrap();
            assert_eq!(found.fetch(dj).await.unwrap().len(), 2, "{}", case.name);
        } else {
            found.insert(dj, [json!({"a": "one", "b": 1})]).await.unwrap();
        }
        match case.kept {
            Kept::Refused => is_told(dj, &found, &[case.name]).await,
            Kept::Remarked => {
                let text = found.describe().unwrap();
                let is_remark = |line: &str| line.starts_with('#') && line.contains(case.name);
                assert!(text.lines().any(is_remark), "{}: {text}", case.name);
                assert!(!text.to_lowercase().contains("\nindex ("), "{}: {text}", case.name);
            }
            Kept::Said(line) => {
                let text = found.describe().unwrap();
                assert!(text.contains(line), "{}: {text}", case.name);
                let again = crate::matrix::declare(dj, AGAIN, "Indexed", &text).await;
                assert_eq!(again.describe().unwrap(), text, "{}", case.name);
            }
        }
    }
    end(dj, turn).await;
}

/// All that ends a line somewhere, and what has a meaning in a definition.
const LETTERS: [&str; 12] = [
    "x\nevil : int32",
    "x\revil : int32",
    "x\r\n---\nevil : int32",
    "x\u{2028}evil : int32",
    "x\u{2029}evil : int32",
    "x\u{85}evil : int32",
    "x\u{b}evil : int32",
    "x\u{c}evil : int32",
    "it's \"all\"",
    "# : = -> #",
    "\\n\\",
    ": no marker",
];

/// Comments, defaults and members come back as they are, or are told; none becomes a line of its own.
pub async fn a_string_of_a_catalog_adds_no_line(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    for (number, text) in LETTERS.iter().enumerate() {
        for (letter, place) in ["a", "b", "c", "d"].into_iter().zip(made::PLACES) {
            let name = format!("told_{letter}{number}");
            for statement in made::with_text(dj.backend(), SCHEMA, &name, place, text) {
                run(dj, &statement).await;
            }
            let found = table(dj, &name).await;
            found.insert(dj, [json!({"id": 1, "a": "y"})]).await.unwrap();
            let visible: Vec<&str> = found.table().heading.visible().map(|it| it.name.as_str()).collect();
            assert_eq!(visible, ["id", "a"], "{place:?} {text:?}");
            match found.describe() {
                Ok(described) => comes_back(dj, &found, &described).await,
                Err(error) => {
                    let error = error.to_string();
                    assert!(!error.contains(['\n', '\r', '\u{2028}', '\u{85}']), "{error:?}");
                    let of = if place == made::Place::TableComment { "comment of the table" } else { "`a`" };
                    is_told(dj, &found, &[of]).await;
                }
            }
        }
    }
    end(dj, turn).await;
}

/// What is declared by a description, or imported, differs in nothing from what was described.
async fn comes_back(dj: &Instance, found: &DynamicTable, described: &str) {
    let again = crate::matrix::declare(dj, AGAIN, &found.table().class_name, described).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows");
    Export::new(dj, found).to(&path).await.unwrap();
    Import::new(dj, &path).schema(SCHEMA, COPIED).run().await.unwrap();
    let copied = dj.table(&found.name().to_string().replacen(SCHEMA, COPIED, 1)).await.unwrap();
    for (other, schema) in [(again, AGAIN), (copied, COPIED)] {
        let other = other.table().in_schemas(|name| name.replace(schema, SCHEMA));
        let sides = [datajoint_schema::Side::Database; 2];
        let differences = datajoint_sql::comparison(sides, dj.backend(), found.table(), &other);
        assert_eq!(differences, [], "{schema}: {described}");
    }
}

/// Partitions are no tables of their own, wherever tables are listed.
pub async fn a_partitioned_table_is_one_table(dj: &Instance, _: Capabilities) {
    if !made::has_partitions(dj.backend()) {
        return;
    }
    let turn = TURN.take(dj).await;
    begin(dj).await;
    let (scan, frame) = (quoted(dj, "scan"), quoted(dj, "frame"));
    for statement in [
        format!("CREATE TABLE {scan} (id int PRIMARY KEY, a int NOT NULL) PARTITION BY RANGE (id)"),
        format!("CREATE TABLE {} PARTITION OF {scan} FOR VALUES FROM (0) TO (10)", quoted(dj, "scan_low")),
        format!("CREATE TABLE {} PARTITION OF {scan} FOR VALUES FROM (10) TO (99)", quoted(dj, "scan_high")),
        format!("CREATE TABLE {frame} (id int NOT NULL REFERENCES {scan} (id), n int, PRIMARY KEY (id, n))"),
        format!("INSERT INTO {scan} VALUES (1, 1), (11, 2)"),
        format!("INSERT INTO {frame} VALUES (1, 1), (1, 2), (11, 1)"),
    ] {
        run(dj, &statement).await;
    }
    let schema = dj.schema(SCHEMA).await.unwrap();
    let mut listed = schema.list_tables();
    listed.sort();
    assert_eq!(listed, ["beside", "frame", "scan"]);
    let frame = schema.table("Frame").unwrap();
    assert_eq!(frame.describe().unwrap().matches("->").count(), 1, "{}", frame.describe().unwrap());
    let scan = schema.table("Scan").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let export = Export::new(dj, &scan).with_descendants().to(folder.path().join("rows")).await.unwrap();
    assert_eq!(export.tables.iter().map(|(_, rows)| rows).sum::<u64>(), 5);
    let plan = async || scan.delete(dj).plan().await.unwrap();
    let (first, second) = (plan().await, plan().await);
    assert_eq!(first.hash(), second.hash());
    assert_eq!(first.to_string().lines().last().unwrap().trim(), "5 rows in all");
    scan.delete(dj).confirmed().await.unwrap();
    assert_eq!(frame.count(dj).await.unwrap(), 0);
    let dropped = dj.drop_schema(SCHEMA).plan().await.unwrap();
    assert!(!dropped.to_string().contains("scan_low"), "{dropped}");
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
    end(dj, turn).await;
}

/// A reference to a column that is no primary key is none of a definition, and no source of keys.
pub async fn a_reference_to_no_primary_key_is_told(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    let (animal, weight) = (quoted(dj, "animal"), quoted(dj, "__weight"));
    let code = made::code(dj.backend());
    for statement in [
        format!(
            "CREATE TABLE {animal} (id int NOT NULL, code {code} NOT NULL, PRIMARY KEY (id), UNIQUE (code))"
        ),
        format!(
            "CREATE TABLE {weight} (code {code} NOT NULL, PRIMARY KEY (code), FOREIGN KEY (code) REFERENCES {animal} (code))"
        ),
        format!("INSERT INTO {animal} VALUES (1, 'm1'), (2, 'm2')"),
        format!("INSERT INTO {weight} VALUES ('m2')"),
    ] {
        run(dj, &statement).await;
    }
    let weight = table(dj, "Weight").await;
    let animal = table(dj, "Animal").await;
    let line = animal.describe().unwrap().to_lowercase();
    assert!(line.contains("unique index (code)"), "{line}");
    is_told(dj, &weight, &["(code)", "animal", "not its primary key"]).await;
    let error = datajoint::progress_of(dj, &weight).await.unwrap_err().to_string();
    names(&error, &weight, &["(code)", "animal"]);
    (&animal & [("id", 2)]).delete(dj).confirmed().await.unwrap();
    assert_eq!(weight.count(dj).await.unwrap(), 0);
    end(dj, turn).await;
}

/// The primary key stands above the line, wherever its columns do; a table without one is told.
pub async fn a_key_that_does_not_come_first_is_described(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    let (late, none) = (quoted(dj, "late"), quoted(dj, "none"));
    run(dj, &format!("CREATE TABLE {late} (a int NOT NULL, id int NOT NULL, PRIMARY KEY (id))")).await;
    run(dj, &format!("CREATE TABLE {none} (a int NOT NULL)")).await;
    let late = table(dj, "Late").await;
    let again = crate::matrix::declare(dj, AGAIN, "Late", &late.describe().unwrap()).await;
    let key = |of: &DynamicTable| of.table().key_names().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(key(&late), key(&again), "{}", late.describe().unwrap());
    let none = table(dj, "None").await;
    let error = none.describe().unwrap_err().to_string();
    names(&error, &none, &["primary key"]);
    end(dj, turn).await;
}
