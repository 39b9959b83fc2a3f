//! A computed table, one SELECT and one INSERT a key.

use datajoint::prelude::*;

use super::tables::{Source, SourceRow, Twice};
use crate::Result;
use crate::clock::Clock;
use crate::data::KEYS;

pub(super) async fn run(dj: &Instance, workers: usize) -> Result<f64> {
    Twice.delete_quick(dj).confirmed().await?;
    Source.delete_quick(dj).confirmed().await?;
    Source.insert(dj, (0..KEYS).map(|id| SourceRow { id, x: f64::from(id) })).await?;
    let clock = Clock::start()?;
    Twice.populate(dj).workers(workers).run().await?;
    clock.stop()?;
    Ok(Twice.column(dj, Twice::y).await?.into_iter().sum())
}
