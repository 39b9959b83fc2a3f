//! Every road into a table: all rows or none, whatever their number; a row that is refused leaves nothing behind.

use datajoint::arrow::InsertColumns as _;
use datajoint::prelude::*;
use datajoint::types::serde_json::{Value as Json, json};
use datajoint::{DynamicTable, Error, Value, ValueError};

use crate::{Capabilities, Turn};

static TURN: Turn = Turn::new("dj_conformance_roads");

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_roads");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// name : varchar(8)
    /// extra = null : int32
    pub(super) struct Item;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// name : varchar(8)
    /// extra = null : int32
    pub(super) struct Source;
}

use tables::{Item, ItemRow, Source, SourceRow};

/// How rows come into a table.
#[derive(Debug, Clone, Copy)]
enum Road {
    Insert,
    Stream,
    Buffered,
    Json,
    Csv,
    Query,
    Transaction,
}

const ROADS: [Road; 7] =
    [Road::Insert, Road::Stream, Road::Buffered, Road::Json, Road::Csv, Road::Query, Road::Transaction];

fn item(id: i32) -> ItemRow {
    ItemRow { id, name: format!("n{id}"), extra: Some(id) }
}

async fn ids(dj: &Instance) -> Vec<i32> {
    Item.order_by("KEY").column(dj, Item::id).await.unwrap()
}

async fn dynamic(dj: &Instance) -> DynamicTable {
    dj.schema("dj_conformance_roads").await.unwrap().table("Item").unwrap().clone()
}

/// Sends rows with these numbers.
async fn send(
    road: Road,
    dj: &Instance,
    ids: &[i32],
) -> Result<u64, Box<dyn std::error::Error + Send + Sync>> {
    let rows = ids.iter().map(|&id| item(id));
    let options = InsertOptions::new();
    Ok(match road {
        Road::Insert => Item.insert(dj, rows.collect::<Vec<_>>()).await?,
        Road::Stream => {
            let rows: Vec<ItemRow> = rows.collect();
            Item.insert_stream(dj, futures_util::stream::iter(rows), options).await?
        }
        Road::Buffered => {
            let mut insert = Item.buffered(dj, options).await?;
            for row in rows {
                insert.push(row).await?;
            }
            insert.finish().await?
        }
        Road::Json => {
            let row = |&id: &i32| json!({"id": id, "name": format!("n{id}"), "extra": id});
            dynamic(dj).await.insert(dj, ids.iter().map(row).collect::<Vec<Json>>()).await?
        }
        Road::Csv => {
            let file = tempfile::NamedTempFile::new()?;
            let lines: Vec<String> = ids.iter().map(|id| format!("{id},n{id},{id}")).collect();
            std::fs::write(file.path(), format!("id,name,extra\n{}\n", lines.join("\n")))?;
            Item.insert_csv(dj, file.path(), options).await?.given
        }
        Road::Query => {
            Source.delete(dj).confirmed().await?;
            let row = |row: ItemRow| SourceRow { id: row.id, name: row.name, extra: row.extra };
            Source.insert(dj, rows.map(row).collect::<Vec<_>>()).await?;
            Item.insert_query(dj, &Source, options).await?
        }
        Road::Transaction => {
            let rows: Vec<ItemRow> = rows.collect();
            dj.transaction(async |within| Item.insert(within, rows).await).await?
        }
    })
}

/// Numbers of rows around those from which more than one statement is sent.
const SIZES: [i32; 7] = [1, 2, 999, 1_000, 1_001, 2_001, 6_667];

/// On every road and for every number of rows, all are inserted; when the last one is there already, none is, and the
/// error names it.
#[expect(clippy::print_stdout, reason = "the counts are what the proof is run for")]
pub async fn inserts_of_every_size_are_whole_on_every_road(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Item.insert(dj, [item(-1)]).await.unwrap();
    for road in ROADS {
        for size in SIZES {
            Item.delete(dj).confirmed().await.unwrap();
            Item.insert(dj, [item(size)]).await.unwrap();
            let new: Vec<i32> = (1..=size).collect();
            let error = send(road, dj, &new).await.unwrap_err().to_string();
            let is_named = error.contains(&format!("(id = {size})"));
            // Which row of a query it was only the server knows; nor answers PostgreSQL within a transaction.
            let is_mute = matches!(road, Road::Transaction) && dj.backend() == datajoint::Backend::Postgresql;
            let may_name = !(is_mute || matches!(road, Road::Query));
            assert!(is_named || !may_name, "{road:?}, {size} rows: {error}");
            assert!(error.contains("dj_conformance_roads.item"), "{road:?}, {size} rows: {error}");
            assert_eq!(ids(dj).await, [size], "{road:?}, {size} rows");
            assert_eq!(
                send(road, dj, &new[..new.len() - 1]).await.unwrap(),
                u64::try_from(size - 1).unwrap()
            );
            assert_eq!(ids(dj).await, new, "{road:?}, {size} rows");
        }
    }
    println!("{}: {} roads, {} sizes", dj.backend(), ROADS.len(), SIZES.len());
    turn.end(dj).await;
}

/// A name that is refused before it is bound, or as it is bound, or not at all.
struct Fussy(i32);

impl AttributeValue for Fussy {
    fn into_value(self) -> Result<Value, ValueError> {
        match self.0 % 5 {
            3 => Err(ValueError::new("it is not wanted")),
            4 => Ok(Value::Text("far too long for the attribute".to_owned())),
            _ => Ok(Value::Text(format!("n{}", self.0))),
        }
    }

    fn from_value(_: Value) -> Result<Self, ValueError> {
        Err(ValueError::new("it is written alone"))
    }
}

#[derive(IntoRow)]
struct FussyRow {
    extra: i32,
    name: Fussy,
    id: i32,
}

fn is_good(id: i32) -> bool {
    id % 5 < 3
}

/// Of rows that are given one by one, those that are refused leave nothing: what stands are the good ones.
pub async fn refused_rows_leave_nothing_behind(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    // The orders differ, and are the same in each run.
    for seed in 1..=8_u32 {
        let order =
            |place: u32| i32::try_from(place.wrapping_mul(0x9e37_79b1 ^ (seed * 0x1eef)) % 100_003).unwrap();
        let mut given: Vec<i32> = (0..40 * seed).map(order).collect();
        given.sort_unstable();
        given.dedup();
        given.rotate_left(seed as usize);
        let mut insert = Item.buffered(dj, InsertOptions::new()).await.unwrap();
        for (place, &id) in given.iter().enumerate() {
            let pushed = insert.push(FussyRow { id, name: Fussy(id), extra: id }).await;
            assert_eq!(pushed.is_ok(), is_good(id), "{id}: {pushed:?}");
            if let Err(error) = pushed {
                let error = error.to_string();
                let row = format!("row {} for", place + 1);
                assert!(error.contains(&row) && error.contains("`name`"), "{error}");
            }
        }
        let mut good: Vec<i32> = given.into_iter().filter(|&id| is_good(id)).collect();
        assert_eq!(insert.finish().await.unwrap(), good.len() as u64);
        good.sort_unstable();
        let rows = Item.order_by("KEY").fetch(dj).await.unwrap();
        assert_eq!(rows, good.into_iter().map(item).collect::<Vec<_>>());
        Item.delete(dj).confirmed().await.unwrap();
    }
    turn.end(dj).await;
}

/// After the database refused rows that were sent, those that follow are not inserted without them.
pub async fn what_follows_refused_rows_is_not_inserted_without_them(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    Item.insert(dj, [item(7)]).await.unwrap();
    let mut insert = Item.buffered(dj, InsertOptions::new()).await.unwrap();
    let mut refused = None;
    for id in 0..90_000 {
        if let Err(error) = insert.push(item(id)).await {
            refused = Some((id, error));
            break;
        }
    }
    let (last, error) = refused.unwrap();
    assert!(error.to_string().contains("(id = 7)"), "{error}");
    let error = insert.push(item(last + 1)).await.unwrap_err();
    assert!(matches!(error, Error::BrokenInsert { .. }), "{error}");
    let error = insert.finish().await.unwrap_err();
    assert!(matches!(error, Error::BrokenInsert { .. }), "{error}");
    assert_eq!(ids(dj).await, [7]);
    turn.end(dj).await;
}
