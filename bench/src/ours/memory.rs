//! How much memory many rows take.

use datajoint::prelude::*;
use futures_util::stream;

use super::Side;
use super::tables::{Many, ManyRow};
use crate::Result;

const MANY: i64 = 10_000_000;

/// Inserts ten million rows as a stream, streams them back, and tells the most memory that the process ever had.
pub(crate) async fn ten_million(url: &str) -> Result<String> {
    let Side { dj, .. } = Side::connect(url).await?;
    dj.drop_schema("bench_ours").confirmed().await?;
    let row = |id| ManyRow { id, name: format!("name-{:05}", id % 9973), value: id as f64 * 0.5 };
    let start = std::time::Instant::now();
    Many.insert_stream(&dj, stream::iter((0..MANY).map(row)), datajoint::InsertOptions::new()).await?;
    let inserted = start.elapsed();
    let after_insert = peak()?;
    let start = std::time::Instant::now();
    let (mut rows, mut number, mut sum) = (Many.stream(&dj), 0_u64, 0.0);
    while let Some(row) = rows.next().await {
        number += 1;
        sum += row?.value;
    }
    let streamed = start.elapsed();
    dj.drop_schema("bench_ours").confirmed().await?;
    Ok(format!(
        "{number} rows (sum {sum}): inserted in {:.1} s with at most {after_insert} KiB, streamed in {:.1} s with at most {} KiB",
        inserted.as_secs_f64(),
        streamed.as_secs_f64(),
        peak()?
    ))
}

/// The most memory that this process had, in KiB.
fn peak() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
