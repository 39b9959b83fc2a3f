//! Files of rows that are not as they were written: an error that names the file, and never a panic.

#![allow(clippy::unwrap_used, missing_docs, reason = "a panic is how a test fails")]

use std::path::Path;

use datajoint::prelude::*;
use datajoint::types::{chrono::NaiveDate, rust_decimal::Decimal, uuid::Uuid};
use datajoint_arrow::{Error, FetchColumns as _, InsertColumns as _};

schema!("damaged");

#[table(Manual)]
/// id : int32
/// ---
/// name = null : varchar(40)
/// weight : float64
/// price : decimal(8,2)
/// code : uuid
/// at : datetime(6)
/// raw : bytes
/// ok : bool
pub struct Sample;

const ROWS: i32 = 200;

async fn filled() -> Instance {
    let dj = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    let day = NaiveDate::from_ymd_opt(2020, 2, 29).unwrap();
    let rows = (0..ROWS).map(|id| SampleRow {
        id,
        name: (id % 3 != 0).then(|| format!("n{}", id % 7)),
        weight: f64::from(id) / 3.0,
        price: Decimal::new(i64::from(id), 2),
        code: Uuid::from_u128(id.unsigned_abs().into()),
        at: day.and_hms_micro_opt(1, 2, 3, 4).unwrap(),
        raw: id.to_le_bytes().to_vec(),
        ok: id % 2 == 0,
    });
    Sample.insert(&dj, rows).await.unwrap();
    dj
}

/// Numbers that are the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        let at = self.below(bytes.len());
        match self.below(4) {
            0 => bytes.truncate(at),
            1 => bytes[at] ^= 1 << self.below(8),
            2 => bytes[at] = u8::try_from(self.below(256)).unwrap(),
            _ => {
                let end = (at + self.below(9)).min(bytes.len());
                bytes[at..end].fill([0xff, 0x7f, 0x80, 0][self.below(4)]);
            }
        }
    }
}

/// Fails unless the error names the file, or a row.
fn check(error: &Error, path: &Path) {
    let text = error.to_string();
    assert!(text.contains(path.to_str().unwrap()) || text.starts_with("row "), "{text}");
    if let Error::Damaged { .. } = error {
        assert!(text.contains("bring it over anew"), "{text}");
    }
}

#[cfg(feature = "parquet")]
#[tokio::test]
async fn a_damaged_parquet_file_is_an_error_that_names_it() {
    let (dj, folder) = (filled().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("rows.parquet");
    Sample.write_parquet(&dj, &path).await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    let (mut numbers, mut damaged) = (Numbers(1), 0);
    for _ in 0..1500 {
        let mut bytes = whole.clone();
        numbers.damage(&mut bytes);
        std::fs::write(&path, &bytes).unwrap();
        let options = InsertOptions::new().skip_duplicates();
        if let Err(error) = Sample.insert_parquet(&dj, &path, options).await {
            check(&error, &path);
            damaged += u32::from(matches!(error, Error::Damaged { .. }));
        }
    }
    assert!(damaged > 500, "{damaged}");
    std::fs::write(&path, &whole).unwrap();
    let there = Sample.insert_parquet(&dj, &path, InsertOptions::new().skip_duplicates()).await.unwrap();
    assert_eq!((there.given, there.inserted), (ROWS.unsigned_abs().into(), 0));
}

/// What a file says of itself is no measure of the memory that it takes.
#[cfg(feature = "parquet")]
#[tokio::test]
async fn a_footer_that_speaks_of_more_than_the_file_has_is_an_error() {
    let (dj, folder) = (filled().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("rows.parquet");
    Sample.write_parquet(&dj, &path).await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    for length in [u32::MAX, 1 << 31, u32::try_from(whole.len()).unwrap()] {
        let mut bytes = whole.clone();
        let at = bytes.len() - 8;
        bytes[at..at + 4].copy_from_slice(&length.to_le_bytes());
        std::fs::write(&path, &bytes).unwrap();
        let error = Sample.insert_parquet(&dj, &path, InsertOptions::new()).await.unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error}");
        check(&error, &path);
    }
}

#[tokio::test]
async fn a_damaged_csv_file_is_an_error_that_names_it() {
    let (dj, folder) = (filled().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("rows.csv");
    let faults: [&[u8]; 4] =
        [b"id,name\n1,\"x", b"id,name\n1\n", b"id,na\xffme\n1,x\n", b"id,name\n1,\xff\xff\n"];
    for bytes in faults {
        std::fs::write(&path, bytes).unwrap();
        let error = Sample.insert_csv(&dj, &path, InsertOptions::new()).await.unwrap_err();
        assert!(matches!(error, Error::Csv { .. } | Error::Cells { .. }), "{error}");
        check(&error, &path);
    }
}

/// Bytes have no place in a CSV file, which is found only at the first row with some.
#[tokio::test]
async fn what_fails_leaves_the_file_that_is_there() {
    let (dj, folder) = (filled().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("rows.csv");
    for before in [None, Some("id,name\n1,mine\n")] {
        if let Some(text) = before {
            std::fs::write(&path, text).unwrap();
        }
        let error = Sample.write_csv(&dj, &path).await.unwrap_err();
        assert!(matches!(error, Error::Bytes { .. }), "{error}");
        assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), before);
        let left = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, usize::from(before.is_some()), "nothing else is left");
    }
    let rows = Sample.proj(["name"]).write_csv(&dj, &path).await.unwrap();
    assert_eq!(rows, u64::from(ROWS.unsigned_abs()));
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("id,name\n0,\n1,n1\n"));
}

/// Of a link the file that it leads to is meant, and the link stays.
#[cfg(unix)]
#[tokio::test]
async fn a_file_is_written_where_a_link_leads() {
    let (dj, folder) = (filled().await, tempfile::tempdir().unwrap());
    let (file, link) = (folder.path().join("rows.csv"), folder.path().join("link"));
    std::fs::write(&file, "").unwrap();
    std::os::unix::fs::symlink("rows.csv", &link).unwrap();
    Sample.proj(()).write_csv(&dj, &link).await.unwrap();
    assert!(link.is_symlink());
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("id\n0\n"));
}

/// Other programs give the lengths of strings as differences, in pages of either form.
#[cfg(feature = "parquet")]
#[tokio::test]
async fn strings_in_every_encoding_come_back_or_are_refused() {
    use parquet::arrow::ArrowWriter;
    use parquet::basic::{Compression, Encoding};
    use parquet::file::properties::{WriterProperties, WriterVersion};

    let (dj, folder) = (filled().await, tempfile::tempdir().unwrap());
    let path = folder.path().join("rows.parquet");
    let batch = Sample.fetch_arrow(&dj).await.unwrap();
    let mut numbers = Numbers(7);
    for encoding in [Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY, Encoding::PLAIN] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for compression in [Compression::UNCOMPRESSED, Compression::SNAPPY] {
                let mut properties = WriterProperties::builder()
                    .set_compression(compression)
                    .set_writer_version(version)
                    .set_dictionary_enabled(false);
                for column in ["name", "raw"] {
                    properties = properties.set_column_encoding(column.into(), encoding);
                }
                let mut writer =
                    ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build())).unwrap();
                writer.write(&batch).unwrap();
                let whole = writer.into_inner().unwrap();
                std::fs::write(&path, &whole).unwrap();
                let options = InsertOptions::new().skip_identical();
                let there = Sample.insert_parquet(&dj, &path, options).await.unwrap();
                assert_eq!((there.given, there.inserted), (ROWS.unsigned_abs().into(), 0));
                for _ in 0..60 {
                    let mut bytes = whole.clone();
                    numbers.damage(&mut bytes);
                    std::fs::write(&path, &bytes).unwrap();
                    let options = InsertOptions::new().skip_duplicates();
                    if let Err(error) = Sample.insert_parquet(&dj, &path, options).await {
                        check(&error, &path);
                    }
                }
            }
        }
    }
}
