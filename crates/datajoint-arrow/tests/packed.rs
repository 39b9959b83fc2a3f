//! Parquet files as pyarrow, pandas, polars and DuckDB write them, with each compression that they have.

#![cfg(feature = "parquet")]
#![allow(clippy::unwrap_used, missing_docs, reason = "a panic is how a test fails")]

use std::path::Path;

use datajoint::prelude::*;
use datajoint::types::{chrono::NaiveDate, rust_decimal::Decimal};
use datajoint_arrow::{Error, InsertColumns as _};

schema!("packed");

#[table(Manual)]
/// id : int32
/// ---
/// name = null : varchar(400)
/// weight : float64
/// price : decimal(8,2)
/// at : datetime(6)
/// raw : bytes
/// ok : bool
pub struct Measured;

#[tokio::test]
async fn files_of_others_come_in_whatever_their_compression() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packed");
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "pyarrow-brotli.parquet")
        .collect();
    names.sort();
    assert!(names.len() >= 12, "{names:?}");
    let moment = NaiveDate::from_ymd_opt(2020, 2, 29).unwrap().and_hms_micro_opt(1, 2, 3, 4).unwrap();
    for name in names {
        let dj = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
        Measured.insert_parquet(&dj, &folder.join(&name), InsertOptions::new()).await.unwrap();
        let rows = Measured.order_by(["id"]).fetch(&dj).await.unwrap();
        let seen =
            |row: &MeasuredRow| (row.id, row.name.clone(), row.weight, row.price, row.raw.clone(), row.ok);
        let [first, second, .., last] = rows.as_slice() else { panic!("{name}: {} rows", rows.len()) };
        assert_eq!(rows.len(), 4, "{name}");
        assert!(rows.iter().all(|row| row.at == moment), "{name}");
        assert_eq!(
            seen(first),
            (1, Some("a".to_owned()), 0.5, Decimal::new(1, 2), vec![0, 255], true),
            "{name}"
        );
        assert_eq!(seen(second), (2, None, 1.25, Decimal::new(250, 2), Vec::new(), false), "{name}");
        let price = Decimal::new(99_999_999, 2);
        assert_eq!(seen(last), (4, Some("ü".to_owned()), 1e10, price, b"y".to_vec(), false), "{name}");
    }
}

#[tokio::test]
async fn a_compression_that_is_not_read_is_told_by_its_name() {
    let dj = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packed/pyarrow-brotli.parquet");
    let error = Measured.insert_parquet(&dj, &path, InsertOptions::new()).await.unwrap_err();
    let said = error.to_string();
    assert!(matches!(error, Error::Packed { .. }), "{said}");
    assert!(said.contains("pyarrow-brotli.parquet") && said.to_lowercase().contains("brotli"), "{said}");
    assert!(Measured.count(&dj).await.unwrap() == 0);
}
