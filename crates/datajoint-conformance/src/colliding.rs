//! The same rows, written by several at once.

use std::sync::atomic::{AtomicUsize, Ordering};

use datajoint::prelude::*;
use datajoint::{Backend, DynamicDeclaration, DynamicRow, DynamicTable, InsertOptions, Tier};
use datajoint_transfer::{Export, Import};

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_colliding";
const OTHER: &str = "dj_conformance_colliding_too";
const ROWS: i32 = 1500;
const CLIENTS: usize = 5;

static TURN: Turn = Turn::new(SCHEMA);

async fn declare(dj: &Instance, class_name: &str, definition: &str) -> DynamicTable {
    let (schema, tier, master) = (SCHEMA, Tier::Manual, None);
    dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, master, definition }).await.unwrap()
}

fn row(id: i32) -> DynamicRow {
    DynamicRow::new().with("id", id).unwrap().with("v", id % 7).unwrap()
}

/// Each of them ends well, and all rows are there once.
pub async fn the_same_rows_may_be_imported_by_many_at_once(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let _ = dj.drop_schema(OTHER).confirmed().await;
    let above = declare(dj, "Above", "id : int32\n---\nv : int32").await;
    let below = declare(dj, "Below", "-> Above\nn : int8").await;
    above.insert(dj, (0..ROWS).map(row)).await.unwrap();
    let rows = (0..ROWS)
        .flat_map(|id| [1, 2].map(|n| DynamicRow::new().with("id", id).unwrap().with("n", n).unwrap()));
    below.insert(dj, rows).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export");
    Export::new(dj, &above).with_descendants().to(&path).await.unwrap();
    let imports = (0..CLIENTS).map(|_| Import::new(dj, &path).schema(SCHEMA, OTHER).run());
    for imported in futures_util::future::join_all(imports).await {
        imported.unwrap();
    }
    let copied = dj.table(&format!("{OTHER}.Below")).await.unwrap();
    assert_eq!(copied.count(dj).await.unwrap(), 2 * u64::try_from(ROWS).unwrap());
    dj.drop_schema(OTHER).confirmed().await.unwrap();
    turn.end(dj).await;
}

/// A transaction can't see what others insert after it began: it is refused as one that may be tried again, and the next
/// one passes over the row.
pub async fn a_row_that_came_meanwhile_is_seen_by_the_next_try(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let table = declare(dj, "Met", "id : int32\n---\nv : int32").await;
    let options = InsertOptions::new().skip_identical();
    let tries = AtomicUsize::new(0);
    let given = dj.retry_transaction(async |transaction| {
        // What it sees from here on is what is there now.
        table.count(&mut *transaction).await?;
        // Nobody else writes to SQLite while a transaction does.
        if tries.fetch_add(1, Ordering::Relaxed) == 0 && dj.backend() != Backend::Sqlite {
            table.insert_one(dj, row(1)).await?;
        }
        table.insert_with(&mut *transaction, [row(1), row(2)], options).await
    });
    given.await.unwrap();
    let expected = if dj.backend() == Backend::Sqlite { 1 } else { 2 };
    assert_eq!((tries.into_inner(), table.count(dj).await.unwrap()), (expected, 2));
    // One that differs is refused at once, however often it is tried.
    let other = row(2).with("v", 5).unwrap();
    let error = table.insert_with(dj, [other], options).await.unwrap_err();
    assert!(!error.is_retryable(), "{error}");
    turn.end(dj).await;
}
