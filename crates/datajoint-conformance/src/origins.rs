//! Where rows come from.

use datajoint::prelude::*;
use datajoint::types::serde_json::{Value as Json, json};
use datajoint::{Tier, Value};
use datajoint_sql::{Statement, read_value, table_reference};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_origins");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// x = 0 : int32
    pub(super) struct Found;

    #[part(Found)]
    /// -> master
    /// n : int16
    pub(super) struct FoundPlace;

    pipeline! {
        pub(super) struct Pipeline { Found, FoundPlace }
    }
}

use tables::{Found, FoundPlace, FoundPlaceRow, FoundRow, Pipeline};

static TURN: Turn = Turn::new("dj_conformance_origins");

/// What the rows record, in the order of their keys.
async fn recorded(dj: &Instance) -> Vec<Option<Json>> {
    let table = dj.resolve(<Found as datajoint::Table>::spec()).unwrap();
    let quote = |name| datajoint_sql::quote_identifier(dj.backend(), name);
    let (origin, from) = (quote("_prov"), table_reference(dj.backend(), &table.name));
    let statement = Statement::plain(format!("SELECT {origin} FROM {from} ORDER BY {}", quote("id")));
    let rows = dj.database().acquire().await.unwrap().fetch(&statement).await.unwrap();
    let attribute = table.heading.get("_prov").unwrap();
    let read = |mut row: Vec<Value>| match read_value(attribute, row.remove(0)).unwrap() {
        Value::Null => None,
        Value::Json(json) => Some(*json),
        other => panic!("{other:?} is no JSON"),
    };
    rows.into_iter().map(read).collect()
}

/// Whatever the road by which a row is inserted, it says where it comes from; an update, and a row that is there already,
/// change nothing of that.
pub async fn rows_record_where_they_come_from(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let dj = dj.with_settings(|settings| {
        settings.provenance.capture = true;
        settings.provenance.source.clone_from(json!({"rig": 2}).as_object().unwrap());
    });
    dj.activate::<Pipeline>().await.unwrap();
    let rows = |from: i32, to: i32| (from..to).map(|id| FoundRow { id, x: id });
    Found.insert(&dj, rows(0, 2)).await.unwrap();
    Found.insert_with(&dj, rows(1, 3), InsertOptions::new().skip_duplicates()).await.unwrap();
    Found.insert_with(&dj, rows(2, 4), InsertOptions::new().skip_identical()).await.unwrap();
    Found.insert_stream(&dj, futures_util::stream::iter(rows(4, 5)), InsertOptions::new()).await.unwrap();
    let mut buffered = Found.buffered(&dj, InsertOptions::new()).await.unwrap();
    for row in rows(5, 7) {
        buffered.push(row).await.unwrap();
    }
    buffered.finish().await.unwrap();
    let table = dj.table("dj_conformance_origins.Found").await.unwrap();
    assert_eq!(table.table().tier, Some(Tier::Manual));
    table.insert(&dj, [json!({"id": 7}), json!({"x": 1, "id": 8}), json!({"id": 9, "x": 2})]).await.unwrap();
    FoundPlace.insert_one(&dj, FoundPlaceRow { id: 1, n: 1 }).await.unwrap();
    let found = recorded(&dj).await;
    assert_eq!(found.len(), 10);
    for origin in &found {
        let origin = origin.as_ref().unwrap();
        let names: Vec<&String> = origin.as_object().unwrap().keys().collect();
        assert_eq!((names.len(), &origin["source"]), (3, &json!({"rig": 2})), "{origin}");
        let time = origin["time"].as_str().unwrap();
        assert!(time.ends_with("+00:00") && time.len() == 32, "{time}");
        let agent = origin["agent"].as_object().unwrap();
        let is_named = agent.contains_key("database_name") || agent.contains_key("host");
        assert!(is_named && !agent.contains_key("password"), "{origin}");
    }

    table.update_one(&dj, DynamicRow::try_from(json!({"id": 3, "x": 9})).unwrap()).await.unwrap();
    assert_eq!(recorded(&dj).await, found);
    Found.insert_with(&dj, rows(0, 1), InsertOptions::new().replace()).await.unwrap();
    let replaced = recorded(&dj).await;
    assert!(replaced[0].is_some() && replaced[0] != found[0] && replaced[1..] == found[1..]);

    // Who does not ask for it inserts into the same table without a record.
    let silent = dj.with_settings(|settings| settings.provenance.capture = false);
    Found.insert(&silent, rows(20, 21)).await.unwrap();
    assert_eq!(recorded(&dj).await[10], None);
    turn.end(&dj).await;
}
