//! Large blobs kept in a table.

use datajoint::prelude::*;
use ndarray::Array1;

use super::tables::{Blobs, BlobsRow};
use crate::clock::Clock;
use crate::data::{BLOBS, blob};
use crate::{Error, Result};

fn rows() -> Vec<BlobsRow> {
    (0..BLOBS).map(|id| BlobsRow { id, data: Array1::from(blob(id)).into() }).collect()
}

fn check(rows: &[BlobsRow]) -> Result<f64> {
    let sum = |row: &BlobsRow| Some(row.data.as_array()?.elements::<f64>()?.iter().sum::<f64>());
    rows.iter().map(sum).sum::<Option<f64>>().ok_or_else(|| Error::from("no array of numbers"))
}

pub(super) async fn insert(dj: &Instance) -> Result<f64> {
    Blobs.delete_quick(dj).confirmed().await?;
    let rows = rows();
    let clock = Clock::start()?;
    Blobs.insert(dj, rows).await?;
    clock.stop()?;
    check(&Blobs.fetch(dj).await?)
}

pub(super) async fn fetch(dj: &Instance) -> Result<f64> {
    if Blobs.count(dj).await? != BLOBS as u64 {
        Blobs.insert(dj, rows()).await?;
    }
    let clock = Clock::start()?;
    let rows = Blobs.fetch(dj).await?;
    clock.stop()?;
    check(&rows)
}
