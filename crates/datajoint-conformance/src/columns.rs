//! Arrow record batches, CSV and Parquet files.

use datajoint::arrow::arrow_array::cast::AsArray as _;
use datajoint::arrow::arrow_array::types::{Int8Type, Int64Type};
use datajoint::arrow::arrow_array::{
    Array as _, ArrayRef, BooleanArray, Date64Array, DictionaryArray, Int8Array, Int32Array, RecordBatch,
    StringArray, TimestampSecondArray,
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
    assert_eq!(Wide.insert_batches(dj, [batch], options).await.unwrap().inserted, 10);
    assert_eq!(Wide.order_by("KEY").fetch(dj).await.unwrap(), before);

    let parquet = folder.path().join("wide.parquet");
    assert_eq!(Wide.write_parquet(dj, &parquet).await.unwrap(), 10);
    Wide.delete_quick(dj).confirmed().await.unwrap();
    assert_eq!(Wide.insert_parquet(dj, &parquet, options).await.unwrap().inserted, 10);
    assert_eq!(Wide.order_by("KEY").fetch(dj).await.unwrap(), before);

    let csv = folder.path().join("wide.csv");
    let error = Wide.write_csv(dj, &csv).await.unwrap_err().to_string();
    assert!(error.contains("`image`"), "{error}");
    let texts = Wide.proj(Proj::all().drop("image").drop("raw"));
    assert_eq!(texts.write_csv(dj, &csv).await.unwrap(), 10);
    let before = texts.order_by("KEY").fetch(dj).await.unwrap();
    Wide.delete_quick(dj).confirmed().await.unwrap();
    assert_eq!(Wide.insert_csv(dj, &csv, options).await.unwrap().inserted, 10);
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
    for end in ["\n", "\r\n"] {
        let text = ["id,name", "1,a", "x,b", ""].join(end);
        let error = insert(&text, options).await.unwrap_err();
        assert!(matches!(&error, Error::Cell { line: 3, attribute, .. } if attribute == "id"), "{error}");
        let text = ["id,name", "1,\"a\nb\"", "2,c", "3", ""].join(end);
        let error = insert(&text, options).await.unwrap_err();
        assert!(matches!(&error, Error::Cells { line: 5, .. }), "{error}");
    }
    let error = insert("id,nam\n1,a\n", options).await.unwrap_err().to_string();
    assert!(error.contains("`nam`") && error.contains("`name`"), "{error}");
    let error = insert("id,at\n1,2024-13-01\n", options).await.unwrap_err().to_string();
    assert!(error.contains("`at`"), "{error}");
    for (text, problem) in [
        ("id,name\n1,a\n2,\"b\n3,c\n4,d\n", "line 3: nothing closes the quote"),
        ("id,name\n1,\"b\"c\n", "line 2: a cell goes on behind its closing quote"),
        ("id,name,id\n1,a,1\n", "the column `id` stands there twice, as number 1 and number 3"),
        ("id,name, id \n1,a,1\n", "the column `id` stands there twice"),
    ] {
        let error = insert(text, options).await.unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
    }
    assert_eq!(Narrow.count(dj).await.unwrap(), 0);
    insert("id,extra,at\n1,x,\n2,y,2024-02-03 04:05:06\n", options.ignore_extra_fields()).await.unwrap();
    for passing_over in [options.skip_duplicates(), options.skip_identical()] {
        let inserted = insert("id\n1\n2\n3\n", passing_over).await.unwrap();
        assert_eq!((inserted.given, inserted.inserted, inserted.skipped()), (3, 1, 2), "{inserted}");
        (Narrow & Narrow::id.eq(3)).delete_quick(dj).confirmed().await.unwrap();
    }
    assert_eq!(Narrow.order_by("id").column(dj, Narrow::name).await.unwrap(), ["none", "none"]);

    let zoned: ArrayRef = std::sync::Arc::new(TimestampSecondArray::from(vec![0]).with_timezone("UTC"));
    let id: ArrayRef = std::sync::Arc::new(Int32Array::from(vec![7]));
    let batch = RecordBatch::try_from_iter([("id", id.clone()), ("at", zoned)]).unwrap();
    let error = Narrow.insert_batches(dj, [batch], options).await.unwrap_err().to_string();
    assert!(error.contains("`at`") && error.contains("time zone"), "{error}");
    let name: ArrayRef = std::sync::Arc::new(StringArray::from(vec!["far too long a name for this"]));
    let twice = RecordBatch::try_from_iter([("id", id.clone()), ("id", id.clone())]).unwrap();
    let error = Narrow.insert_batches(dj, [twice], options).await.unwrap_err().to_string();
    assert!(error.contains("the column `id` stands there twice"), "{error}");
    let batch = RecordBatch::try_from_iter([("id", id), ("name", name)]).unwrap();
    let error = Narrow.insert_batches(dj, [batch], options).await.unwrap_err().to_string();
    assert!(error.contains("`name`"), "{error}");
    assert_eq!(Narrow.count(dj).await.unwrap(), 2);
    turn.end(dj).await;
}

/// Columns of dictionaries, as the categories of pandas, and days in milliseconds are what they stand for; a file of
/// another kind is told as that.
pub async fn columns_as_other_programs_write_them_are_read(dj: &Instance, _: Capabilities) {
    use std::sync::Arc;

    let turn = TURN.take(dj).await;
    let options = InsertOptions::new();
    let numbers: ArrayRef = Arc::new(Int32Array::from(vec![70, 80]));
    let id = DictionaryArray::<Int8Type>::new(Int8Array::from(vec![1, 0, 0]), numbers.clone());
    // One key twice is one row too many.
    let twice = RecordBatch::try_from_iter([("id", Arc::new(id) as ArrayRef)]).unwrap();
    assert!(Narrow.insert_batches(dj, [twice], options).await.is_err());
    let id: ArrayRef = Arc::new(DictionaryArray::<Int8Type>::new(Int8Array::from(vec![1, 0]), numbers));
    let name: DictionaryArray<Int8Type> = [Some("x"), Some("x")].into_iter().collect();
    let day = 19_756 * 86_400_000_i64;
    let at: ArrayRef = Arc::new(Date64Array::from(vec![Some(day), None]));
    let batch =
        RecordBatch::try_from_iter([("id", id.clone()), ("name", Arc::new(name)), ("at", at)]).unwrap();
    Narrow.insert_batches(dj, [batch], options).await.unwrap();
    let found = Narrow.order_by("id").fetch(dj).await.unwrap();
    let day = NaiveDate::from_ymd_opt(2024, 2, 3).unwrap().and_hms_opt(0, 0, 0);
    let found: Vec<_> = found.into_iter().map(|row| (row.id, row.name, row.at)).collect();
    assert_eq!(found, [(70, "x".to_owned(), None), (80, "x".to_owned(), day)]);

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.parquet");
    for text in ["id,name\n1,a\n", "", "PA"] {
        std::fs::write(&path, text).unwrap();
        let error = Narrow.insert_parquet(dj, &path, options).await.unwrap_err().to_string();
        assert!(error.contains("is no Parquet file") && error.contains("rows.parquet"), "{error}");
    }
    std::fs::write(&path, "PAR1 and nothing more").unwrap();
    let error = Narrow.insert_parquet(dj, &path, options).await.unwrap_err().to_string();
    assert!(error.contains("Parquet"), "{error}");
    turn.end(dj).await;
}

/// `true` is no number, whichever number and whichever file.
pub async fn truth_is_no_number_on_any_road(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let numbers = [
        ("small", "int8"),
        ("big", "int64"),
        ("ratio", "float64"),
        ("short", "float32"),
        ("price", "decimal(8,2)"),
    ];
    let lines = numbers.map(|(name, kind)| format!("{name} = null : {kind}\n"));
    let declaration = datajoint::DynamicDeclaration {
        schema: "dj_conformance_columns",
        class_name: "Number",
        tier: datajoint::Tier::Manual,
        definition: &format!("id : int32\n---\n{}", lines.concat()),
        master: None,
    };
    let table = dj.declare_dynamic(declaration).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("rows.csv");
    let options = InsertOptions::new();
    for (name, _) in numbers {
        let id: ArrayRef = std::sync::Arc::new(Int32Array::from(vec![1]));
        let truth: ArrayRef = std::sync::Arc::new(BooleanArray::from(vec![true]));
        let batch = RecordBatch::try_from_iter([("id", id), (name, truth)]).unwrap();
        std::fs::write(&csv, format!("id,{name}\n1,true\n")).unwrap();
        let json = datajoint::DynamicRow::from_json_str(&format!("{{\"id\": 1, \"{name}\": true}}")).unwrap();
        for error in [
            table.insert(dj, [json]).await.unwrap_err().to_string(),
            table.insert_csv(dj, &csv, options).await.unwrap_err().to_string(),
            table.insert_batches(dj, [batch], options).await.unwrap_err().to_string(),
        ] {
            assert!(error.contains(&format!("`{name}`")) && error.contains("true"), "{error}");
        }
    }
    turn.end(dj).await;
}
