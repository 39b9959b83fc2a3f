//! Arrow record batches, CSV and Parquet files.

use datajoint::arrow::arrow_array::cast::AsArray as _;
use datajoint::arrow::arrow_array::types::Int64Type;
use datajoint::arrow::arrow_array::{
    Array as _, ArrayRef, Int32Array, RecordBatch, StringArray, TimestampSecondArray,
};
use datajoint::arrow::{Error, FetchColumns, InsertColumns};
use datajoint::prelude::*;
use datajoint::types::{chrono::NaiveDate, rust_decimal::Decimal, serde_json::json, uuid::Uuid};

use crate::{Capabilities, Turn};

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_columns");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// small = null : int8
    /// big : int64
    /// ratio = null : float64
    /// short : float32
    /// price : decimal(8,2)
    /// name : varchar(20)
    /// kind = null : enum('a', 'b')
    /// yes : bool
    /// day : date
    /// at = null : datetime(6)
    /// key_of : uuid
    /// doc = null : json
    /// image = null : <blob>
    /// raw = null : bytes
    pub(super) struct Wide;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// name = 'none' : varchar(20)
    /// at = null : datetime
    pub(super) struct Narrow;
}

use tables::{Narrow, Wide, WideRow};

static TURN: Turn = Turn::new("dj_conformance_columns");

fn row(id: i32) -> WideRow {
    let day = NaiveDate::from_ymd_opt(1969, 12, 31).unwrap();
    let some = id % 2 == 0;
    WideRow {
        id,
        small: some.then_some(-7),
        big: i64::from(id) << 40,
        ratio: some.then_some(0.1),
        short: 1.5,
        price: Decimal::new(-12_345, 2),
        name: format!("it's, \"{id}\"\nü"),
        kind: some.then_some(tables::WideKind::B),
        yes: some,
        day,
        at: some.then(|| day.and_hms_micro_opt(23, 59, 58, 123_456).unwrap()),
        key_of: Uuid::from_u128(0xfeed + u128::from(id.unsigned_abs())),
        doc: some.then(|| json!({"a": [1, "x"]})),
        image: some.then(|| vec![0.5, 1.5].into()),
        raw: some.then(|| vec![0, 255]),
    }
}

/// Rows go out as columns and come back as they were, through memory and through files.
pub async fn batches_files_and_tables_hold_the_same(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let folder = tempfile::tempdir().unwrap();
    let options = InsertOptions::new();
    Wide.insert(dj, (0..10).map(row)).await.unwrap();
    let before = Wide.order_by("KEY").fetch(dj).await.unwrap();

    let batch = Wide.order_by("KEY").fetch_arrow(dj).await.unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns()), (10, 15));
    assert_eq!(batch.column(2).as_primitive::<Int64Type>().value(3), 3 << 40);
    assert_eq!(batch.column(1).null_count(), 5);
    assert_eq!(batch.schema().field(0).metadata()["datajoint.key"], "true");
    Wide.delete_quick(dj).confirmed().await.unwrap();
    assert_eq!(Wide.insert_batches(dj, [batch], options).await.unwrap(), 10);
    assert_eq!(Wide.order_by("KEY").fetch(dj).await.unwrap(), before);

    let parquet = folder.path().join("wide.parquet");
    assert_eq!(Wide.write_parquet(dj, &parquet).await.unwrap(), 10);
    Wide.delete_quick(dj).confirmed().await.unwrap();
    assert_eq!(Wide.insert_parquet(dj, &parquet, options).await.unwrap(), 10);
    assert_eq!(Wide.order_by("KEY").fetch(dj).await.unwrap(), before);

    let csv = folder.path().join("wide.csv");
    let error = Wide.write_csv(dj, &csv).await.unwrap_err().to_string();
    assert!(error.contains("`image`"), "{error}");
    let texts = Wide.proj(Proj::all().drop("image").drop("raw"));
    assert_eq!(texts.write_csv(dj, &csv).await.unwrap(), 10);
    let before = texts.order_by("KEY").fetch(dj).await.unwrap();
    Wide.delete_quick(dj).confirmed().await.unwrap();
    assert_eq!(Wide.insert_csv(dj, &csv, options).await.unwrap(), 10);
    assert_eq!(texts.order_by("KEY").fetch(dj).await.unwrap(), before);

    // More than one batch.
    let ids: ArrayRef = std::sync::Arc::new(Int32Array::from_iter_values(0..20_000));
    let many = RecordBatch::try_from_iter([("id", ids)]).unwrap();
    Narrow.insert_batches(dj, [many], options).await.unwrap();
    let mut batches = Narrow.record_batches(dj).await.unwrap();
    let mut sizes = Vec::new();
    while let Some(batch) = batches.next().await {
        sizes.push(batch.unwrap().num_rows());
    }
    assert_eq!(sizes, [8192, 8192, 3616]);
    turn.end(dj).await;
}

/// A computed column is what its values are; without any rows there are still columns.
pub async fn computed_values_have_the_type_of_their_first(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let empty = Wide.aggr(&Wide.proj(()), compute("n", "count(*)")).fetch_arrow(dj).await.unwrap();
    assert_eq!((empty.num_rows(), empty.num_columns()), (0, 2));
    Wide.insert(dj, (0..3).map(row)).await.unwrap();
    let counted =
        U("yes").aggr(&Wide, compute("n", "count(*)")).order_by("yes").fetch_arrow(dj).await.unwrap();
    assert_eq!(counted.column(1).as_primitive::<Int64Type>().values(), &[1, 2]);
    turn.end(dj).await;
}

/// What is wrong in a file is named, and nothing of it is inserted.
pub async fn files_with_faults_are_refused_by_line(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("narrow.csv");
    let options = InsertOptions::new();
    let insert = async |text: &str, options| {
        std::fs::write(&csv, text).unwrap();
        Narrow.insert_csv(dj, &csv, options).await
    };
    let error = insert("id,name\n1,a\nx,b\n", options).await.unwrap_err();
    assert!(matches!(&error, Error::Cell { line: 3, attribute, .. } if attribute == "id"), "{error}");
    let error = insert("id,nam\n1,a\n", options).await.unwrap_err().to_string();
    assert!(error.contains("`nam`") && error.contains("`name`"), "{error}");
    let error = insert("id,at\n1,2024-13-01\n", options).await.unwrap_err().to_string();
    assert!(error.contains("`at`"), "{error}");
    assert_eq!(Narrow.count(dj).await.unwrap(), 0);
    insert("id,extra,at\n1,x,\n2,y,2024-02-03 04:05:06\n", options.ignore_extra_fields()).await.unwrap();
    assert_eq!(Narrow.order_by("id").column(Narrow::name, dj).await.unwrap(), ["none", "none"]);

    let zoned: ArrayRef = std::sync::Arc::new(TimestampSecondArray::from(vec![0]).with_timezone("UTC"));
    let id: ArrayRef = std::sync::Arc::new(Int32Array::from(vec![7]));
    let batch = RecordBatch::try_from_iter([("id", id.clone()), ("at", zoned)]).unwrap();
    let error = Narrow.insert_batches(dj, [batch], options).await.unwrap_err().to_string();
    assert!(error.contains("`at`") && error.contains("time zone"), "{error}");
    let name: ArrayRef = std::sync::Arc::new(StringArray::from(vec!["far too long a name for this"]));
    let batch = RecordBatch::try_from_iter([("id", id), ("name", name)]).unwrap();
    let error = Narrow.insert_batches(dj, [batch], options).await.unwrap_err().to_string();
    assert!(error.contains("`name`"), "{error}");
    assert_eq!(Narrow.count(dj).await.unwrap(), 2);
    turn.end(dj).await;
}
