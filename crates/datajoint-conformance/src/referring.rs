//! Foreign keys as other programs declare them: what goes, is traced and is copied is what SQL says refers to it.

use datajoint::prelude::*;
use datajoint::{DynamicRow, Error, InsertOptions, PartIntegrity, Subset, TableName, sql};
use datajoint_sql::Statement;
use datajoint_transfer::Export;

use crate::{Capabilities, Turn};

mod made;

use made::{CASES, Case, Edge, NONE, OTHER, SCHEMA};

static TURN: Turn = Turn::new(SCHEMA);

/// `schema.table`, in the case's schema where it names none.
fn name(table: &str) -> TableName {
    match table.strip_prefix("other.") {
        Some(table) => TableName::new(OTHER, table),
        None => TableName::new(SCHEMA, table),
    }
}

fn quoted(dj: &Instance, table: &str) -> String {
    datajoint_sql::table_reference(dj.backend(), &name(table))
}

async fn run(dj: &Instance, statement: &str) {
    let mut connection = dj.database().acquire().await.unwrap();
    let done = connection.execute(&Statement::plain(statement)).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

/// Drops the schemas, and first what refers in circles, which a drop refuses. It may not be there.
async fn clear(dj: &Instance) {
    let mut connection = dj.database().acquire().await.unwrap();
    for table in ["other.back", "own"] {
        let statement = format!("DROP TABLE IF EXISTS {}", quoted(dj, table));
        let _ = connection.execute(&Statement::plain(statement)).await;
    }
    drop(connection);
    for schema in [SCHEMA, OTHER] {
        let _ = dj.drop_schema(schema).confirmed().await;
    }
}

/// Empty schemas, which this library knows.
async fn begin(dj: &Instance) {
    clear(dj).await;
    for schema in [SCHEMA, OTHER] {
        crate::matrix::declare(dj, schema, "Beside", "beside : int32").await;
    }
}

async fn make(dj: &Instance, case: &Case) {
    for (table, columns, rows) in case.tables {
        let mut columns = (*columns).to_owned();
        for part in made::MENTIONED {
            columns = columns.replace(&format!("<{part}>"), &quoted(dj, part));
        }
        let table = quoted(dj, table);
        let flags = ["gone", "traced", "copied"].map(|flag| format!("{flag} int NOT NULL DEFAULT 0"));
        // Columns stand before the keys of the table, where SQLite wants them.
        run(dj, &format!("CREATE TABLE {table} ({}, {columns})", flags.join(", "))).await;
        run(dj, &format!("INSERT INTO {table} {rows}")).await;
    }
    let (table, condition) = case.seed;
    for flag in ["gone", "traced", "copied"] {
        run(dj, &format!("UPDATE {} SET {flag} = 1 WHERE {condition}", quoted(dj, table))).await;
    }
}

/// Marks rows of one table that refer to marked rows of another one, or that these refer to.
async fn mark(dj: &Instance, flag: &str, edge: &Edge, down: bool) {
    let (child, parent) = (quoted(dj, edge.child), quoted(dj, edge.parent));
    let (marked, from) = if down { (&child, &parent) } else { (&parent, &child) };
    let equal = edge.columns.iter().map(|(ours, theirs)| format!("{child}.{ours} = {parent}.{theirs}"));
    let equal = equal.collect::<Vec<_>>().join(" AND ");
    let sql = format!(
        "UPDATE {marked} SET {flag} = 1 WHERE EXISTS (SELECT 1 FROM {from} WHERE {from}.{flag} = 1 AND {equal})"
    );
    run(dj, &sql).await;
}

/// How many rows of each table SQL has marked, and how many it has not.
async fn marked(dj: &Instance, case: &Case, flag: &str) -> Vec<(TableName, u64, u64)> {
    let mut counts = Vec::new();
    for (table, ..) in case.tables {
        let table = dj.table(&name(table).to_string()).await.unwrap();
        let count = async |value: i32| (&table & [(flag, value)]).count(dj).await.unwrap();
        counts.push((table.name().clone(), count(1).await, count(0).await));
    }
    counts
}

/// A subset has the rows that are marked, and no others.
async fn check(dj: &Instance, case: &Case, subset: &Subset, flag: &str) {
    let counts = subset.counts().await.unwrap();
    for (table, expected, _) in marked(dj, case, flag).await {
        let found = counts.iter().find(|(found, _)| *found == table).map_or(0, |(_, rows)| *rows);
        assert_eq!(found, expected, "{}: {table} {flag}", case.name);
        if found > 0 {
            let others = (subset.query(&table).unwrap() & [(flag, 0)]).count(dj).await.unwrap();
            assert_eq!(others, 0, "{}: {table} {flag}", case.name);
        }
    }
}

async fn check_export(dj: &Instance, case: &Case, query: &impl Relation, flag: &str) {
    let folder = tempfile::tempdir().unwrap();
    let mut export = Export::new(dj, query);
    if flag == "copied" {
        export = export.with_descendants();
    }
    let report = match export.to(folder.path().join("copy")).await {
        Ok(report) => report,
        // No definition says such a reference: an export is of tables that can be declared again.
        Err(datajoint_transfer::Error::Schema(datajoint_schema::Error::Undescribed { .. })) => return,
        Err(error) => panic!("{}: {error}", case.name),
    };
    for (table, expected, _) in marked(dj, case, flag).await {
        let found = report.tables.iter().find(|(found, _)| *found == table.to_string());
        assert_eq!(found.map_or(0, |(_, rows)| *rows), expected, "{}: {table} in the export", case.name);
    }
}

async fn check_case(dj: &Instance, case: &Case) {
    make(dj, case).await;
    for edge in case.edges {
        mark(dj, "gone", edge, true).await;
        mark(dj, "copied", edge, true).await;
    }
    for edge in case.edges.iter().rev() {
        mark(dj, "traced", edge, false).await;
        mark(dj, "copied", edge, false).await;
    }
    let (table, condition) = case.seed;
    let seed = dj.table(&name(table).to_string()).await.unwrap() & sql(condition, NONE);
    check(dj, case, &dj.cascade(&seed).await.unwrap(), "gone").await;
    check(dj, case, &dj.trace(&seed).await.unwrap(), "traced").await;
    // Of a child with two foreign keys it takes the rows of which both refer to what is restricted.
    if case.edges.windows(2).all(|edges| edges[0].child != edges[1].child) {
        check(dj, case, &dj.restrict_all([&seed]).await.unwrap(), "gone").await;
    }
    if case.has_keys {
        check_export(dj, case, &seed, "traced").await;
        check_export(dj, case, &seed, "copied").await;
    }
    let before = marked(dj, case, "gone").await;
    let total: u64 = before.iter().map(|(_, gone, _)| gone).sum();
    let plan = seed.delete(dj).plan().await.unwrap();
    assert_eq!(
        plan.to_string().lines().last().unwrap().trim(),
        format!("{total} rows in all"),
        "{}",
        case.name
    );
    let report = seed.delete(dj).confirmed().await.unwrap();
    assert_eq!(report.total(), total, "{}", case.name);
    for ((table, gone, stays), (_, left, stayed)) in before.iter().zip(marked(dj, case, "gone").await) {
        assert_eq!((left, stayed), (0, *stays), "{}: {table}, of which {gone} go", case.name);
    }
}

/// By all columns of each foreign key, whatever they are called and whatever key they refer to; a null refers to nothing.
pub async fn rows_that_refer_by_other_columns_are_told_apart(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    let is_embedded = dj.backend().capability().is_embedded;
    for case in CASES.iter().filter(|case| is_embedded || !case.is_of_embedded) {
        check_case(dj, case).await;
    }
    clear(dj).await;
    turn.end(dj).await;
}

/// Parts that other programs made belong to the master by the columns of their foreign key.
pub async fn parts_that_refer_by_other_columns_go_with_their_master(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    make(dj, &made::PARTS).await;
    let pieces = dj.table(&name("mast__piece").to_string()).await.unwrap();
    let masters = dj.table(&name("mast").to_string()).await.unwrap();
    let one = &pieces & [("id", 1)];
    let error = one.delete(dj).confirmed().await.unwrap_err();
    assert!(matches!(error, Error::PartWithoutMaster { .. }), "{error}");
    let report = one.delete(dj).part_integrity(PartIntegrity::Cascade).confirmed().await.unwrap();
    assert_eq!(report.total(), 3, "the master and its two pieces");
    let report = (&masters & [("a", 2)]).delete(dj).confirmed().await.unwrap();
    assert_eq!(report.total(), 2, "the master and its piece");
    assert_eq!((masters.count(dj).await.unwrap(), pieces.count(dj).await.unwrap()), (1, 1));
    clear(dj).await;
    turn.end(dj).await;
}

/// Rows that no key tells apart are refused where their keys would be noted, and none of them goes.
pub async fn rows_that_no_key_tells_apart_are_refused(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    for case in &made::WITHOUT_KEYS {
        make(dj, case).await;
        let (table, condition) = case.seed;
        let table = dj.table(&name(table).to_string()).await.unwrap();
        let before = table.count(dj).await.unwrap();
        let chosen = &table & sql(condition, NONE);
        let error = chosen.delete(dj).confirmed().await.unwrap_err();
        assert!(error.to_string().contains("primary key"), "{error}");
        let folder = tempfile::tempdir().unwrap();
        let error = Export::new(dj, &chosen).to(folder.path().join("copy")).await.unwrap_err();
        assert!(error.to_string().contains("primary key"), "{error}");
        let row = DynamicRow::new().with("x", 2).unwrap().with("gone", 1).unwrap();
        let error = table.update_one(dj, row.clone()).await.unwrap_err();
        assert!(error.to_string().contains("primary key"), "{error}");
        if case.name == "no key" {
            let options = InsertOptions::new();
            for options in [options.skip_duplicates(), options.skip_identical(), options.replace()] {
                let error = table.insert_with(dj, [row.clone()], options).await.unwrap_err();
                assert!(error.to_string().contains("primary key"), "{error}");
            }
        }
        assert_eq!(table.count(dj).await.unwrap(), before);
        let report = (&table & [("gone", 1)]).delete(dj).confirmed().await.unwrap();
        assert_eq!((report.rows, table.count(dj).await.unwrap()), (1, before - 1));
    }
    clear(dj).await;
    turn.end(dj).await;
}

/// Rows of a table that inherits are rows of its parent as well, and nobody counts them: none of them is changed.
pub async fn rows_of_tables_that_inherit_are_left_alone(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    let (parent, heir) = (quoted(dj, "parent"), quoted(dj, "other.heir"));
    run(dj, &format!("CREATE TABLE {parent} (id int PRIMARY KEY, note int)")).await;
    let inherit = Statement::plain(format!("CREATE TABLE {heir} () INHERITS ({parent})"));
    if dj.database().acquire().await.unwrap().execute(&inherit).await.is_err() {
        // Only PostgreSQL knows such tables.
        clear(dj).await;
        return turn.end(dj).await;
    }
    run(dj, &format!("INSERT INTO {parent} VALUES (1, 1)")).await;
    run(dj, &format!("INSERT INTO {heir} VALUES (2, 2)")).await;
    let table = dj.table(&name("parent").to_string()).await.unwrap();
    let row = DynamicRow::new().with("id", 2).unwrap().with("note", 9).unwrap();
    let errors = [
        table.delete(dj).confirmed().await.map(|_| ()).unwrap_err(),
        table.delete_quick(dj).confirmed().await.map(|_| ()).unwrap_err(),
        table.update_one(dj, row).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::CarriedOn(_)), "{error}");
        assert!(error.to_string().contains("which inherits from it"), "{error}");
    }
    assert_eq!((&table & [("note", 2)]).count(dj).await.unwrap(), 1);
    run(dj, &format!("ALTER TABLE {heir} NO INHERIT {parent}")).await;
    assert_eq!(table.delete(dj).confirmed().await.unwrap().total(), 1);
    clear(dj).await;
    turn.end(dj).await;
}

/// A table that refers to itself is refused, and none of its rows goes.
pub async fn a_table_that_refers_to_itself_loses_nothing(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    make(dj, &made::ITSELF).await;
    let table = dj.table(&name("own").to_string()).await;
    if let Ok(table) = &table {
        let first = table & [("a", 1)];
        assert!(first.delete(dj).confirmed().await.is_err());
        assert!(dj.trace(&first).await.is_err());
        assert_eq!(table.count(dj).await.unwrap(), 3);
    }
    clear(dj).await;
    turn.end(dj).await;
}
