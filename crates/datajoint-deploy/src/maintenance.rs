//! What is kept in order by need: statistics, dead rows, indexes, storage parameters.

use std::collections::BTreeMap;

use datajoint_definition::Backend;
use datajoint_plan::{Item, Operation, Snapshot};
use serde::{Deserialize, Serialize};

use crate::{DesiredState, Error, Result};

mod foreign_keys;
mod mysql;
mod postgres;
mod profile;
mod request;
mod sqlite;

pub(crate) use foreign_keys::missing as missing_indexes;
pub(crate) use postgres::invalid_indexes;
pub(crate) use request::on_request;
pub use request::{Upkeep, maintain};

/// How a table is found whose statistics are to be made.
const OLD_STATISTICS: &str = "old statistics";

/// What is kept in order by need.
pub(crate) struct Maintenance;

impl Operation for Maintenance {
    const NAME: &'static str = "maintenance";

    type Spec = Option<MaintenanceSpec>;
    type Desired = DesiredState;
    type Error = Error;

    async fn plan(snapshot: &mut Snapshot, spec: &Self::Spec, _: &DesiredState) -> Result<Vec<Item>> {
        match spec {
            Some(spec) => plan(snapshot, spec).await,
            None => Ok(Vec::new()),
        }
    }
}

/// What is kept in order, each by need alone.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MaintenanceSpec {
    /// Statistics for the planner, where a tenth of the rows changed.
    pub analyze: bool,
    /// PostgreSQL: dead rows, where they are more than a fifth, and old transaction numbers. SQLite: free pages, where
    /// they are more than a quarter.
    pub vacuum: bool,
    /// PostgreSQL: indexes that were left invalid are made again, and what failed attempts left is taken away.
    pub reindex: bool,
    /// Indexes that foreign keys need and lack.
    pub foreign_key_indexes: bool,
    /// PostgreSQL: when the server looks after tables by itself, for job tables and for those that only grow.
    pub autovacuum: bool,
    /// PostgreSQL: parameters of single tables, as `schema.table` or `schema.Class`, instead of the above.
    pub parameters: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
    /// MySQL and MariaDB: tables are written anew where more than a quarter of them, and 100 MiB, is free.
    pub optimize: bool,
}

impl Default for MaintenanceSpec {
    fn default() -> Self {
        Self {
            analyze: true,
            vacuum: true,
            reindex: true,
            foreign_key_indexes: true,
            autovacuum: false,
            parameters: BTreeMap::new(),
            optimize: false,
        }
    }
}

async fn plan(snapshot: &mut Snapshot, wanted: &MaintenanceSpec) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    match snapshot.backend {
        Backend::Postgresql => {
            if wanted.reindex {
                items.extend(postgres::indexes(snapshot).await?);
            }
            if wanted.foreign_key_indexes {
                items.extend(foreign_keys::plan(snapshot).await?);
            }
            items.extend(profile::plan(snapshot, wanted).await?);
            items.extend(postgres::tables(snapshot, wanted).await?);
            if wanted.analyze {
                items.extend(postgres::partitioned(snapshot).await?);
            }
        }
        Backend::Mysql | Backend::Mariadb => items.extend(mysql::plan(snapshot, wanted).await?),
        Backend::Sqlite => {
            if wanted.foreign_key_indexes {
                items.extend(foreign_keys::plan(snapshot).await?);
            }
            items.extend(sqlite::plan(snapshot, wanted).await?);
        }
    }
    Ok(items)
}
