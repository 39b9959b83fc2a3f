//! Memory stays where rows grow: what reads or writes many rows holds a few of them at a time.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that meets an error has failed")]

use std::path::Path;

use datajoint::arrow::{FetchColumns as _, InsertColumns as _};
use datajoint::prelude::*;
use datajoint::{InsertOptions, Settings};
use datajoint_transfer::{Export, Import, copy};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

mod tables {
    use datajoint::prelude::*;

    schema!("dj_conformance_memory");

    #[table(Manual)]
    /// id : int32
    /// ---
    /// text : varchar(8000)
    pub(super) struct Source;

    #[table(Manual)]
    /// id : int32
    /// ---
    /// text : varchar(8000)
    pub(super) struct Target;
}

use tables::{Source, SourceRow, Target, TargetRow};

const SCHEMA: &str = "dj_conformance_memory";

/// How many rows there are at first, and how many times as many afterwards.
const ROWS: i32 = 1_500;
const TIMES: i32 = 10;
/// How many bytes a row has at least.
const ROW: usize = 8_000;
/// How many bytes the rows take that come between.
const GROWN: usize = (ROWS * (TIMES - 1)) as usize * ROW;

fn text(id: i32) -> String {
    format!("{id:08}").repeat(ROW / 8)
}

fn source_rows(from: i32, to: i32) -> impl Iterator<Item = SourceRow> {
    (from..to).map(|id| SourceRow { id, text: text(id) })
}

fn target_rows(number: i32) -> impl Iterator<Item = TargetRow> + Send {
    (0..number).map(|id| TargetRow { id, text: text(id) })
}

/// What reads or writes every row there is.
#[derive(Debug, Clone, Copy)]
enum Road {
    Stream,
    Batches,
    WriteCsv,
    WriteParquet,
    Insert,
    InsertStream,
    Buffered,
    InsertCsv,
    InsertParquet,
    InsertQuery,
    Export,
    Import,
    Copy,
    Delete,
    DeleteQuick,
    DeleteChunks,
}

const ROADS: [Road; 16] = [
    Road::Stream,
    Road::Batches,
    Road::WriteCsv,
    Road::WriteParquet,
    Road::Insert,
    Road::InsertStream,
    Road::Buffered,
    Road::InsertCsv,
    Road::InsertParquet,
    Road::InsertQuery,
    Road::Export,
    Road::Import,
    Road::Copy,
    Road::Delete,
    Road::DeleteQuick,
    Road::DeleteChunks,
];

impl Road {
    /// True where it shows a backend's own way with rows, and not that of a file of this program.
    const fn is_of_backend(self) -> bool {
        matches!(self, Self::Stream | Self::Insert | Self::Buffered | Self::InsertQuery | Self::DeleteChunks)
    }

    /// Takes it with as many rows as the source has.
    async fn take(self, dj: &Instance, other: &Instance, number: i32, folder: &Path) {
        let count = match self {
            Self::Stream => {
                let mut rows = Source.stream(dj);
                let mut count = 0;
                while let Some(row) = rows.next().await {
                    assert_eq!(row.unwrap().text.len(), ROW);
                    count += 1;
                }
                count
            }
            Self::Batches => {
                let mut batches = Source.record_batches(dj).await.unwrap();
                let mut count = 0;
                while let Some(batch) = batches.next().await {
                    count += batch.unwrap().num_rows() as u64;
                }
                count
            }
            Self::WriteCsv => Source.write_csv(dj, folder.join("rows.csv")).await.unwrap(),
            Self::WriteParquet => Source.write_parquet(dj, folder.join("rows.parquet")).await.unwrap(),
            Self::Insert => Target.insert(dj, target_rows(number)).await.unwrap(),
            Self::InsertStream => {
                let rows = futures_util::stream::iter(target_rows(number));
                Target.insert_stream(dj, rows, InsertOptions::new()).await.unwrap()
            }
            Self::Buffered => {
                let mut insert = Target.buffered(dj, InsertOptions::new()).await.unwrap();
                for row in target_rows(number) {
                    insert.push(row).await.unwrap();
                }
                insert.finish().await.unwrap()
            }
            Self::InsertCsv => {
                Target.insert_csv(dj, folder.join("rows.csv"), InsertOptions::new()).await.unwrap().inserted
            }
            Self::InsertParquet => {
                let path = folder.join("rows.parquet");
                Target.insert_parquet(dj, path, InsertOptions::new()).await.unwrap().inserted
            }
            Self::InsertQuery => Target.insert_query(dj, &Source, InsertOptions::new()).await.unwrap(),
            Self::Export => {
                Export::new(dj, &Source).to(folder.join(format!("export-{number}"))).await.unwrap();
                return;
            }
            Self::Import => {
                Import::new(other, folder.join(format!("export-{number}"))).run().await.unwrap();
                Source.count(other).await.unwrap()
            }
            Self::Copy => {
                copy(dj, &Source, other, false).await.unwrap();
                Source.count(other).await.unwrap()
            }
            Self::Delete => Target.delete(dj).confirmed().await.unwrap().total(),
            Self::DeleteQuick => Target.delete_quick(dj).confirmed().await.unwrap().total(),
            Self::DeleteChunks => Target.delete(dj).in_chunks(500).confirmed().await.unwrap().total(),
        };
        assert_eq!(i32::try_from(count), Ok(number), "{self:?}");
    }

    /// Makes what it works on: an empty target, or a full one for what deletes.
    async fn prepare(self, dj: &Instance, other: &Instance, number: i32) {
        Target.delete_quick(dj).confirmed().await.unwrap();
        if matches!(self, Self::Delete | Self::DeleteQuick | Self::DeleteChunks) {
            Target.insert(dj, target_rows(number)).await.unwrap();
        }
        if matches!(self, Self::Import | Self::Copy) {
            Source.delete_quick(other).confirmed().await.unwrap();
        }
    }
}

/// The most bytes that each road had in use at once, beyond those before it.
async fn peaks(dj: &Instance, other: &Instance, number: i32, folder: &Path) -> Vec<(Road, usize)> {
    let mut peaks = Vec::new();
    let is_embedded = dj.backend().capability().is_embedded;
    for road in ROADS.into_iter().filter(|road| is_embedded || road.is_of_backend()) {
        road.prepare(dj, other, number).await;
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        road.take(dj, other, number, folder).await;
        peaks.push((road, MEMORY.peak_usage().saturating_sub(before)));
    }
    peaks
}

/// Every road, with some rows and with several times as many.
async fn check(dj: &Instance, folder: &Path) {
    // What a run left that was ended.
    dj.drop_schema(SCHEMA).confirmed().await.ok();
    let other = Instance::connect(Settings::embedded(folder.join("other.sqlite").display().to_string()))
        .await
        .unwrap();
    Source.insert(dj, source_rows(0, ROWS)).await.unwrap();
    let few = peaks(dj, &other, ROWS, folder).await;
    Source.insert(dj, source_rows(ROWS, ROWS * TIMES)).await.unwrap();
    let many = peaks(dj, &other, ROWS * TIMES, folder).await;
    let mut faults = Vec::new();
    for ((road, few), (_, many)) in few.into_iter().zip(many) {
        println!("{}: {road:?}: {few} bytes, then {many}", dj.backend());
        if many > few + GROWN / 2 {
            faults.push(format!("{road:?}: {few} bytes for {ROWS} rows, {many} for {TIMES} times as many"));
        }
    }
    dj.drop_schema(SCHEMA).confirmed().await.unwrap();
    assert!(faults.is_empty(), "on {}:\n{}", dj.backend(), faults.join("\n"));
}

// One test: its memory is that of the whole program.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
async fn memory_stays_where_rows_grow() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = vec![Settings::embedded(folder.path().join("one.sqlite").display().to_string())];
    for variable in ["DJ_TEST_MYSQL_URL", "DJ_TEST_MARIADB_URL", "DJ_TEST_POSTGRES_URL"] {
        settings.extend(std::env::var(variable).ok().map(|url| Settings::from_url(&url).unwrap()));
    }
    for settings in settings {
        let dj = Instance::connect(settings).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        check(&dj, folder.path()).await;
        dj.close().await;
    }
}
