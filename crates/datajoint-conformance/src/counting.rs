//! What verbs say of how many rows they wrote: the same on every backend.

use datajoint::prelude::*;
use datajoint::types::serde_json::{Value as Json, json};
use datajoint::{DynamicDeclaration, DynamicTable, Tier};
use datajoint_transfer::{Export, Import};

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_counting";
const OTHER: &str = "dj_conformance_counting_too";

static TURN: Turn = Turn::new(SCHEMA);

async fn declare(dj: &Instance, class_name: &str, definition: &str) -> DynamicTable {
    let (schema, tier, master) = (SCHEMA, Tier::Manual, None);
    dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, master, definition }).await.unwrap()
}

fn row(id: i32, v: i32) -> Json {
    json!({"id": id, "v": v})
}

/// Each verb with rows that are new, there with the same values, there with others, and given twice.
pub async fn every_verb_counts_the_same(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let _ = dj.drop_schema(OTHER).confirmed().await;
    let definitions = [("Plain", ""), ("Unique", "\nunique index (v)")];
    let (plain, skip) = (InsertOptions::new(), InsertOptions::new().skip_duplicates());
    let (identical, replace) = (InsertOptions::new().skip_identical(), InsertOptions::new().replace());
    for (class, index) in definitions {
        let table = declare(dj, class, &format!("id : int32\n---\nv : int32{index}")).await;
        let source = declare(dj, &format!("{class}Source"), "id : int32\n---\nv : int32").await;
        // What is given, how, and how many are told as inserted and as given; 1 and 2 are there with 1 and 2.
        let cases: [(&str, Vec<Json>, InsertOptions, u64); 9] = [
            ("new", vec![row(3, 3), row(4, 4)], plain, 2),
            ("skip new", vec![row(3, 3), row(4, 4)], skip, 2),
            ("skip all", vec![row(1, 1), row(2, 9)], skip, 0),
            ("skip some", vec![row(1, 8), row(2, 2), row(3, 3)], skip, 1),
            ("identical", vec![row(1, 1), row(2, 2), row(3, 3)], identical, 1),
            ("replace new", vec![row(3, 3)], replace, 1),
            ("replace same", vec![row(1, 1), row(2, 2)], replace, 2),
            ("replace other", vec![row(1, 11), row(2, 12)], replace, 2),
            ("replace some", vec![row(1, 11), row(2, 2), row(3, 3)], replace, 3),
        ];
        for (name, rows, options, inserted) in cases {
            for road in ["counted", "stream", "with", "within", "query", "query within"] {
                table.delete_quick(dj).confirmed().await.unwrap();
                source.delete_quick(dj).confirmed().await.unwrap();
                table.insert(dj, [row(1, 1), row(2, 2)]).await.unwrap();
                source.insert(dj, rows.clone()).await.unwrap();
                let given = rows.len() as u64;
                let case = format!("{class} {name} {road}");
                let stream = futures_util::stream::iter(rows.clone());
                match road {
                    "counted" => {
                        let told = table.insert_counted(dj, stream, options).await.unwrap();
                        assert_eq!((told.given, told.inserted), (given, inserted), "{case}");
                    }
                    "within" => {
                        let told = dj
                            .transaction(async |within| {
                                let stream = futures_util::stream::iter(rows.clone());
                                table.insert_counted(within, stream, options).await
                            })
                            .await
                            .unwrap();
                        assert_eq!((told.given, told.inserted), (given, inserted), "{case}");
                    }
                    "stream" => {
                        let told = table.insert_stream(dj, stream, options).await.unwrap();
                        assert_eq!(told, given, "{case}");
                    }
                    "with" => {
                        let told = table.insert_with(dj, rows.clone(), options).await.unwrap();
                        assert_eq!(told, given, "{case}");
                    }
                    // Rows of a query are not compared with those that are there.
                    _ if name == "identical" => continue,
                    "query" => {
                        let told = table.insert_query(dj, &source, options).await.unwrap();
                        assert_eq!(told, inserted, "{case}");
                    }
                    _ => {
                        let within = async |within: &mut datajoint::Transaction| {
                            table.insert_query(within, &source, options).await
                        };
                        assert_eq!(dj.transaction(within).await.unwrap(), inserted, "{case}");
                    }
                }
                let new = rows.iter().filter(|row| row["id"].as_i64() > Some(2)).count() as u64;
                let there = table.count(dj).await.unwrap();
                assert_eq!(there, 2 + new, "{case}");
                let gone = table.delete(dj).confirmed().await.unwrap();
                assert_eq!((gone.total(), gone.rows), (there, there), "{case}");
            }
        }
        // An import tells the rows of the export, whether they are there or not.
        source.delete_quick(dj).confirmed().await.unwrap();
        source.insert(dj, [row(1, 1), row(2, 2)]).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("export");
        Export::new(dj, &source).to(&path).await.unwrap();
        for rows_of_export in [2, 2] {
            let report = Import::new(dj, &path).schema(SCHEMA, OTHER).run().await.unwrap();
            let told: u64 = report.tables.iter().map(|(_, rows)| rows).sum();
            assert_eq!(told, rows_of_export);
        }
        dj.drop_schema(OTHER).confirmed().await.unwrap();
    }
    turn.end(dj).await;
}

/// Of rows that several insert at once, each is told as inserted by one of them.
pub async fn rows_that_many_insert_count_once(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = declare(dj, "Once", "id : int32\n---\nv : int32").await;
    let skip = InsertOptions::new().skip_duplicates();
    let mut told = 0;
    for round in 0..15 {
        let tasks = (0..6).map(|_| {
            let (dj, table) = (dj.clone(), table.clone());
            tokio::spawn(async move {
                let rows = (0..20).map(move |id| row(round * 20 + id, 0));
                table.insert_counted(&dj, futures_util::stream::iter(rows), skip).await
            })
        });
        for outcome in futures_util::future::join_all(tasks).await {
            told += outcome.unwrap().unwrap().inserted;
        }
    }
    assert_eq!((table.count(dj).await.unwrap(), told), (300, 300));
    turn.end(dj).await;
}

/// What rows of a query clash with is told as for rows that are given.
pub async fn a_clash_of_rows_of_a_query_is_told(dj: &Instance, _: Capabilities) {
    use datajoint::Error;

    let turn = TURN.take(dj).await;
    let table = declare(dj, "Clashing", "id : int32\n---\nv : int32\nunique index (v)").await;
    let source = declare(dj, "ClashSource", "id : int32\n---\nv : int32").await;
    let keyed = declare(dj, "Keyed", "id : int32\n---\nv : int32").await;
    let (plain, replace) = (InsertOptions::new(), InsertOptions::new().replace());
    table.insert(dj, [row(1, 1), row(2, 2)]).await.unwrap();
    keyed.insert(dj, [row(1, 1)]).await.unwrap();
    source.insert(dj, [row(1, 7), row(5, 5)]).await.unwrap();
    for to in [&table, &keyed] {
        let error = to.insert_query(dj, &source, plain).await.unwrap_err();
        assert!(
            matches!(error, Error::Duplicate { .. }) && error.to_string().contains("(id = 1)"),
            "{error}"
        );
    }
    source.delete_quick(dj).confirmed().await.unwrap();
    source.insert(dj, [row(6, 2)]).await.unwrap();
    let skip = InsertOptions::new().skip_duplicates();
    for options in [plain, skip, replace] {
        let error = table.insert_query(dj, &source, options).await.unwrap_err();
        assert!(matches!(error, Error::NotUnique { .. }), "{options:?}: {error}");
        let error = table.insert_with(dj, [row(6, 2)], options).await.unwrap_err();
        assert!(matches!(error, Error::NotUnique { .. }), "{options:?}: {error}");
        assert!(error.to_string().contains("v = 2"), "{options:?}: {error}");
    }
    // It replaces the row of its key, and has what another row has.
    let error = table.insert_with(dj, [row(1, 2)], replace).await.unwrap_err();
    assert!(matches!(error, Error::NotUnique { .. }) && error.to_string().contains("v = 2"), "{error}");
    let mut rows = table.fetch_json(dj).await.unwrap();
    rows.sort_by_key(|row| row["id"].as_i64());
    assert_eq!(rows, [row(1, 1), row(2, 2)]);
    turn.end(dj).await;
}
