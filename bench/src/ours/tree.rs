//! A hundred tables: declared together, and opened by a client that knows nothing of them.

use datajoint::prelude::*;

use crate::Result;
use crate::clock::Clock;

#[expect(dead_code, reason = "the tables are declared and read, not filled")]
mod tables;

const SCHEMA: &str = "bench_ours_tree";

pub(super) async fn declare(dj: &Instance) -> Result<f64> {
    dj.drop_schema(SCHEMA).confirmed().await?;
    // An instance that knows nothing of the tables.
    let dj = dj.with_schema_prefix("");
    let clock = Clock::start()?;
    dj.activate::<tables::Tree>().await?;
    clock.stop()?;
    Ok(dj.schema(SCHEMA).await?.tables().count() as f64)
}

pub(super) async fn open(url: &str) -> Result<f64> {
    let dj = Instance::connect(Settings::from_url(url)?).await?;
    if dj.schema(SCHEMA).await.is_err() {
        dj.activate::<tables::Tree>().await?;
    }
    let clock = Clock::start()?;
    let schema = dj.schema(SCHEMA).await?;
    clock.stop()?;
    let attributes: usize = schema.tables().map(|table| table.table().heading.visible().count()).sum();
    Ok(attributes as f64)
}
