//! Foreign keys of others by which the database itself deletes and changes rows: what a verb tells is what became of them, as
//! another client sees.

use std::time::Duration;

use datajoint::error::Carried;
use datajoint::prelude::*;
use datajoint::{DynamicRow, Error, InsertOptions, Stamp, TableName, Value};
use datajoint_sql::Statement;

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_carrying";
const OTHER: &str = "dj_conformance_carrying_too";

static TURN: Turn = Turn::new(SCHEMA);

/// Where the table stands that refers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Same,
    Other,
    /// In a schema that is stamped for another environment.
    Stamped,
    /// Below a name that users don't see.
    Hidden,
    /// In no schema, where a database knows such tables.
    Nowhere,
}

const PLACES: [Place; 5] = [Place::Same, Place::Other, Place::Stamped, Place::Hidden, Place::Nowhere];

/// Ways to delete the first row of the parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Plain,
    Planned,
    InChunks,
    Within,
    Quick,
    QuickInChunks,
    QuickWithin,
}

const WAYS: [Way; 7] =
    [Way::Plain, Way::Planned, Way::InChunks, Way::Within, Way::Quick, Way::QuickInChunks, Way::QuickWithin];

/// Tables of one case.
struct Family {
    parent: TableName,
    /// Those that may lose rows, with their names in SQL.
    tables: Vec<(String, String)>,
}

type Rows = Vec<Vec<Vec<Value>>>;

fn quoted(dj: &Instance, table: &TableName) -> String {
    datajoint_sql::table_reference(dj.backend(), table)
}

async fn run(dj: &Instance, statement: &str) {
    let mut connection = dj.database().acquire().await.unwrap();
    let done = connection.execute(&Statement::plain(statement)).await;
    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

impl Family {
    /// Makes a parent, a child that refers to it by a key with these rules, and a grandchild in another schema that goes with
    /// the child; three rows each.
    async fn new(dj: &Instance, number: usize, place: Place, reference: &str) -> Self {
        let parent = TableName::new(SCHEMA, format!("par_{number}"));
        let child = match place {
            Place::Same => TableName::new(SCHEMA, format!("kid_{number}")),
            Place::Other | Place::Stamped => TableName::new(OTHER, format!("kid_{number}")),
            Place::Hidden => TableName::new(SCHEMA, format!("~kid_{number}")),
            Place::Nowhere => TableName::new("", format!("kid_{number}")),
        };
        let child_sql =
            if place == Place::Nowhere { format!("\"{}\"", child.table) } else { quoted(dj, &child) };
        let leaf = TableName::new(OTHER, format!("leaf_{number}"));
        let (parent_sql, leaf_sql) = (quoted(dj, &parent), quoted(dj, &leaf));
        run(dj, &format!("CREATE TABLE {parent_sql} (a int PRIMARY KEY, b int NOT NULL UNIQUE, note int)"))
            .await;
        run(dj, &format!("INSERT INTO {parent_sql} VALUES (1, 10, 0), (2, 20, 0), (3, 30, 0)")).await;
        let reference = reference.replace("<par>", &parent_sql);
        let columns = "c int PRIMARY KEY, pa int DEFAULT 3, pb int DEFAULT 30";
        run(dj, &format!("CREATE TABLE {child_sql} ({columns}, {reference})")).await;
        run(
            dj,
            &format!("INSERT INTO {child_sql} VALUES (1, 1, 10), (2, 1, 10), (3, 2, 20), (4, NULL, NULL)"),
        )
        .await;
        let cascade = format!("FOREIGN KEY (lc) REFERENCES {child_sql} (c) ON DELETE CASCADE");
        run(dj, &format!("CREATE TABLE {leaf_sql} (l int PRIMARY KEY, lc int, {cascade})")).await;
        run(dj, &format!("INSERT INTO {leaf_sql} VALUES (1, 1), (2, 3), (3, 2)")).await;
        let named = |name: &TableName, sql: String| (name.to_string(), sql);
        let tables = vec![named(&parent, parent_sql), named(&child, child_sql), named(&leaf, leaf_sql)];
        Self { parent, tables }
    }

    /// All rows, as another connection reads them.
    async fn rows(&self, dj: &Instance) -> Rows {
        let mut connection = dj.database().acquire().await.unwrap();
        let mut rows = Vec::new();
        for (_, table) in &self.tables {
            let statement = Statement::plain(format!("SELECT * FROM {table} ORDER BY 1"));
            rows.push(connection.fetch(&statement).await.unwrap());
        }
        rows
    }

    async fn table(&self, dj: &Instance) -> datajoint::DynamicTable {
        dj.table(&self.parent.to_string()).await.unwrap()
    }

    async fn drop(&self, dj: &Instance) {
        for (_, table) in self.tables.iter().rev() {
            run(dj, &format!("DROP TABLE IF EXISTS {table}")).await;
        }
    }
}

/// Empty schemas, which this library knows.
async fn begin(dj: &Instance) {
    clear(dj).await;
    for schema in [SCHEMA, OTHER] {
        crate::matrix::declare(dj, schema, "Beside", "beside : int32").await;
    }
}

/// What only another program can do. There may be no stamp, and no schema either.
async fn unstamp(dj: &Instance) {
    let mut connection = dj.database().acquire().await.unwrap();
    let table = TableName::new(OTHER, "~environment");
    let _ = connection.script(&datajoint_sql::drop_stamp(dj.backend(), &table)).await;
}

/// They may not be there.
async fn clear(dj: &Instance) {
    unstamp(dj).await;
    // The two refer to each other's tables.
    let _ = dj.drop_schemas(SCHEMA).confirmed().await;
    for schema in [OTHER, SCHEMA] {
        let _ = dj.drop_schema(schema).confirmed().await;
    }
}

/// Rules that the server has.
fn rules(dj: &Instance, change: &str) -> Vec<String> {
    let defaults = dj.backend().capability().protocol != Some(datajoint_definition::Protocol::Mysql);
    let actions = ["CASCADE", "SET NULL", "SET DEFAULT"];
    actions[..if defaults { 3 } else { 2 }].iter().map(|action| format!("{change} {action}")).collect()
}

fn has(dj: &Instance, place: Place) -> bool {
    place != Place::Nowhere || dj.backend().capability().is_embedded
}

async fn delete(dj: &Instance, family: &Family, way: Way) -> datajoint::Result<datajoint::DeleteReport> {
    let one = &family.table(dj).await & [("a", 1)];
    match way {
        Way::Plain => one.delete(dj).confirmed().await,
        Way::Planned => {
            let plan = one.delete(dj).plan().await?;
            let report = one.delete(dj).confirmed_plan(plan.hash()).await?;
            let rows: u64 = plan.tables.iter().map(|going| going.rows).sum();
            assert_eq!(rows, report.total(), "what was planned goes");
            Ok(report)
        }
        Way::InChunks => one.delete(dj).in_chunks(1).confirmed().await,
        Way::Quick => one.delete_quick(dj).confirmed().await,
        Way::QuickInChunks => one.delete_quick(dj).in_chunks(1).confirmed().await,
        Way::Within | Way::QuickWithin => {
            let mut transaction = dj.begin().await?;
            let report = if way == Way::Within {
                one.delete(&mut transaction).confirmed().await?
            } else {
                one.delete_quick(&mut transaction).confirmed().await?
            };
            transaction.commit().await?;
            Ok(report)
        }
    }
}

/// Each row that is gone was counted for its table, and each one that stays is as it was.
fn check_gone(family: &Family, before: &Rows, after: &Rows, report: &datajoint::DeleteReport, what: &str) {
    for ((table, _), (before, after)) in family.tables.iter().zip(before.iter().zip(after)) {
        let told = report.tables.iter().filter(|(name, _)| name.to_string() == *table).map(|(_, rows)| *rows);
        assert_eq!(told.sum::<u64>(), (before.len() - after.len()) as u64, "{what}: {table}");
        assert!(after.iter().all(|row| before.contains(row)), "{what}: {table} has other rows");
    }
}

fn is_carried(error: &Error, what: Carried) -> bool {
    matches!(error, Error::CarriedOn(carried) if carried.what == what)
}

/// However a key passes a delete on, wherever the table stands, and by whatever verb rows go: all that is gone was told.
pub async fn what_goes_is_what_a_delete_tells(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    let mut number = 0;
    for place in PLACES.into_iter().filter(|place| has(dj, *place)) {
        for rule in rules(dj, "ON DELETE") {
            for way in WAYS {
                number += 1;
                let what = format!("{way:?} over {rule} from {place:?}");
                let reference = format!("FOREIGN KEY (pa) REFERENCES <par> (a) {rule}");
                let family = Family::new(dj, number, place, &reference).await;
                if place == Place::Stamped {
                    dj.stamp(&[OTHER], Some(&Stamp::new("production"))).await.unwrap();
                }
                let before = family.rows(dj).await;
                let outcome = delete(dj, &family, way).await;
                let after = family.rows(dj).await;
                if place == Place::Stamped {
                    unstamp(dj).await;
                }
                let is_quick = matches!(way, Way::Quick | Way::QuickInChunks | Way::QuickWithin);
                match (outcome, place) {
                    (Ok(report), Place::Same | Place::Other) if !is_quick => {
                        check_gone(&family, &before, &after, &report, &what);
                        assert_eq!(report.total(), 5, "{what}");
                    }
                    (Err(error), _) => {
                        assert_eq!(before, after, "{what}");
                        let says = error.to_string();
                        if is_quick {
                            assert!(is_carried(&error, Carried::QuickDelete), "{what}: {says}");
                        } else if place == Place::Stamped {
                            assert!(says.contains("production"), "{what}: {says}");
                        } else {
                            assert!(is_carried(&error, Carried::Delete), "{what}: {says}");
                        }
                        if !says.contains("production") {
                            for part in [
                                family.tables[1].0.trim_start_matches('.'),
                                "(pa)",
                                rule.as_str(),
                                "RESTRICT",
                            ] {
                                assert!(says.contains(part), "{what}: {says}");
                            }
                        }
                    }
                    (Ok(report), _) => panic!("{what}: {report}"),
                }
                family.drop(dj).await;
            }
        }
    }
    clear(dj).await;
    turn.end(dj).await;
}

/// A new value of what others refer to is refused where the database would carry it on, and any other is taken.
pub async fn what_an_update_changes_is_its_row_alone(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    let mut number = 0;
    for place in PLACES.into_iter().filter(|place| has(dj, *place)) {
        for rule in rules(dj, "ON UPDATE") {
            number += 1;
            let reference = format!("FOREIGN KEY (pb) REFERENCES <par> (b) {rule}");
            let family = Family::new(dj, number, place, &reference).await;
            let parent = family.table(dj).await;
            let before = family.rows(dj).await;
            let row =
                |name: &str, value: i32| DynamicRow::new().with("a", 1).unwrap().with(name, value).unwrap();
            let replacing = row("b", 11).with("note", 0).unwrap();
            let replace = InsertOptions::new().replace();
            let errors = [
                parent.update_one(dj, row("b", 11)).await.unwrap_err(),
                parent.insert_with(dj, [replacing], replace).await.unwrap_err(),
                parent.insert_query(dj, &parent, replace).await.unwrap_err(),
            ];
            for error in errors {
                let says = error.to_string();
                assert!(is_carried(&error, Carried::Update), "{rule} from {place:?}: {says}");
                assert!(says.contains("(pb)") && says.contains(rule.as_str()), "{says}");
            }
            assert_eq!(family.rows(dj).await, before, "{rule} from {place:?}");
            parent.update_one(dj, row("note", 1)).await.unwrap();
            let after = family.rows(dj).await;
            assert_ne!(after[0], before[0]);
            assert_eq!(after[1..], before[1..], "{rule} from {place:?}");
            family.drop(dj).await;
        }
    }
    clear(dj).await;
    turn.end(dj).await;
}

/// A table whose rows would take others with them is not dropped below what stays.
pub async fn a_drop_takes_no_row_of_what_stays(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    let mut number = 0;
    for place in [Place::Hidden, Place::Nowhere].into_iter().filter(|place| has(dj, *place)) {
        for rule in rules(dj, "ON DELETE") {
            number += 1;
            let family =
                Family::new(dj, number, place, &format!("FOREIGN KEY (pa) REFERENCES <par> (a) {rule}"))
                    .await;
            let parent = family.table(dj).await;
            let before = family.rows(dj).await;
            let error = parent.drop(dj).confirmed().await.unwrap_err();
            assert!(is_carried(&error, Carried::Drop), "{error}");
            assert_eq!(family.rows(dj).await, before, "{rule} from {place:?}");
            family.drop(dj).await;
        }
    }
    clear(dj).await;
    turn.end(dj).await;
}

/// Who adds a row to what goes, after it was counted, waits, or is counted too.
pub async fn rows_that_come_meanwhile_go_with_their_count(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    begin(dj).await;
    // A writer of an embedded database is alone.
    if !dj.backend().capability().is_embedded {
        let family =
            Family::new(dj, 1, Place::Other, "FOREIGN KEY (pa) REFERENCES <par> (a) ON DELETE CASCADE").await;
        let kid = dj.table(&family.tables[1].0).await.unwrap();
        let mut other = dj.begin().await.unwrap();
        let row = DynamicRow::new().with("c", 9).unwrap().with("pa", 1).unwrap().with("pb", 10).unwrap();
        kid.insert_one(&mut other, row).await.unwrap();
        let mut before = family.rows(dj).await;
        let commit = async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            other.commit().await.unwrap();
        };
        let (report, ()) = tokio::join!(delete(dj, &family, Way::Plain), commit);
        let late = vec![Value::Int(9), Value::Int(1), Value::Int(10)];
        before[1].push(late);
        check_gone(&family, &before, &family.rows(dj).await, &report.unwrap(), "a row that came meanwhile");
        family.drop(dj).await;
    }
    clear(dj).await;
    turn.end(dj).await;
}
