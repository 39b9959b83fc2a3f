//! DataJoint for Rust.

use datajoint::prelude::*;

use crate::data::{ROWS, SINGLE};
use crate::{Result, Workloads};

mod blobs;
mod cascade;
mod memory;
mod packing;
mod populate;
mod queries;
mod rows;
mod tables;
mod tree;

/// Our side, connected.
pub(crate) struct Side {
    url: String,
    dj: Instance,
}

impl Side {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        Ok(Self { url: url.to_owned(), dj: Instance::connect(Settings::from_url(url)?).await? })
    }
}

pub(crate) use memory::ten_million;

impl Workloads for Side {
    async fn run(&mut self, workload: &str) -> Result<Option<f64>> {
        let dj = &self.dj;
        Ok(Some(match workload {
            "insert 100k rows" => rows::insert(dj, ROWS, ROWS).await?,
            "insert 1k rows x 100" => rows::insert(dj, ROWS, 1000).await?,
            "insert1 x 2000" => rows::insert(dj, SINGLE, 1).await?,
            "fetch 100k rows" => rows::fetch(dj).await?,
            "stream 100k rows" => rows::stream(dj).await?,
            "fetch 100k rows to Arrow" => rows::fetch_arrow(dj).await?,
            "join 10k x 100k, fetch" => queries::join(dj).await?,
            "aggregate 100k by 10k, fetch" => queries::aggregate(dj).await?,
            "build SQL x 500" => queries::build(dj).await?,
            "fetch1 x 2000" => rows::fetch1(dj).await?,
            "count x 200" => rows::count(dj).await?,
            "insert 100 blobs of 1 MiB" => blobs::insert(dj).await?,
            "fetch 100 blobs of 1 MiB" => blobs::fetch(dj).await?,
            "declare 100 tables" => tree::declare(dj).await?,
            "open 100 tables" => tree::open(&self.url).await?,
            "populate 2000 keys" => populate::run(dj, 1).await?,
            "populate 2000 keys, 4 workers" => populate::run(dj, 4).await?,
            "delete 55k rows in cascade" => cascade::run(dj).await?,
            other => return packing::run(other),
        }))
    }

    async fn begin(&mut self) -> Result<()> {
        self.end().await?;
        self.dj.activate::<tables::Tables>().await?;
        Ok(())
    }

    async fn end(&mut self) -> Result<()> {
        self.dj.drop_schemas("bench_ours").confirmed().await?;
        Ok(())
    }
}
