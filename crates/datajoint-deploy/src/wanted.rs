//! What is wanted, as the declared file `deploy.toml` or a program says.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::replica_identity::Mode;
use crate::{Error, Operation, Result};

/// How the schemas of a pipeline are to be configured. What is left out is left as it is.
///
/// ```
/// use datajoint_deploy::{Operation, Wanted};
///
/// let wanted: Wanted = r#"
///     job_metadata = true
///
///     [replica_identity]
///     mode = "full"
///
///     [publication.changes]
///     tiers = ["manual", "computed", "part"]
///
///     [grants.members]
///     viewer = ["ada"]
/// "#.parse()?;
/// assert!(wanted.asks_for(Operation::Grants) && !wanted.asks_for(Operation::Maintenance));
/// # Ok::<(), datajoint_deploy::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    /// The schemas, named as in `schema!`; without them, those with the prefix of the settings, or without a prefix all
    /// schemas of DataJoint.
    pub schemas: Option<Vec<String>>,
    /// One table alone, as `schema.table` or `schema.Class`.
    pub table: Option<String>,
    /// The check before all else.
    pub verify: VerifyWanted,
    /// Whether Manual tables have the column `_prov`.
    pub provenance: bool,
    /// Whether Computed and Imported tables have the columns `_job_…`.
    pub job_metadata: bool,
    /// What PostgreSQL logs of old rows.
    pub replica_identity: Option<ReplicaIdentityWanted>,
    /// Publications of PostgreSQL, by name.
    pub publication: BTreeMap<String, PublicationWanted>,
    /// Roles and what they may do.
    pub grants: Option<GrantsWanted>,
    /// What is kept in order by need.
    pub maintenance: Option<MaintenanceWanted>,
}

/// The check before all else.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VerifyWanted {
    /// The codes of findings that are known and accepted here.
    pub accept: Vec<String>,
}

/// The replica identity of tables.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReplicaIdentityWanted {
    /// That of every table without one of its own.
    pub mode: Mode,
    /// That of single tables, as `schema.table` or `schema.Class`.
    pub tables: BTreeMap<String, Mode>,
    /// Whether tables that are declared later get it in the same transaction.
    pub new_tables: bool,
}

/// What a publication has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublicationWanted {
    /// The schemas whose tables it has, of those that are deployed; all without it.
    pub schemas: Option<Vec<String>>,
    /// The tiers whose tables it has: `manual`, `lookup`, `imported`, `computed`, `part`; all without it.
    pub tiers: Option<Vec<String>>,
    /// Exactly these tables, as `schema.table` or `schema.Class`.
    pub tables: Option<Vec<String>>,
    /// All but these.
    pub except: Vec<String>,
    /// What it publishes.
    pub publish: Vec<String>,
    /// Whether changes of partitions are published as those of the partitioned table.
    pub via_root: bool,
    /// The rows that it has of a table: a condition of SQL.
    pub rows: BTreeMap<String, String>,
    /// The columns that it has of a table.
    pub columns: BTreeMap<String, Vec<String>>,
}

impl Default for PublicationWanted {
    fn default() -> Self {
        Self {
            schemas: None,
            tiers: None,
            tables: None,
            except: Vec::new(),
            publish: ["insert", "update", "delete", "truncate"].map(str::to_owned).to_vec(),
            via_root: false,
            rows: BTreeMap::new(),
            columns: BTreeMap::new(),
        }
    }
}

/// The roles of a pipeline.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GrantsWanted {
    /// What stands before the names of the roles; the prefix of the settings without it, or else `datajoint_`.
    pub prefix: Option<String>,
    /// PostgreSQL: who declares tables, so that new ones can be read at once; the user who deploys without it.
    pub creators: Option<Vec<String>>,
    /// MySQL and MariaDB: the hosts from which members come, as their accounts have them; every host without it.
    pub hosts: Option<Vec<String>>,
    /// Who is in which role.
    pub members: BTreeMap<crate::Role, Vec<String>>,
}

/// What is kept in order, each by need alone.
#[expect(clippy::struct_excessive_bools, reason = "each is a key of the file")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MaintenanceWanted {
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

impl Default for MaintenanceWanted {
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

impl Wanted {
    /// Reads a declared file.
    ///
    /// Fails for a file that can't be read, and for names and values that mean nothing.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text =
            std::fs::read_to_string(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        Self::read(&text, path)
    }

    fn read(text: &str, path: &Path) -> Result<Self> {
        toml::from_str(text).map_err(|error| Error::Wanted {
            path: path.to_owned(),
            message: error.to_string().trim_end().to_owned(),
        })
    }

    /// True when an operation has something to do.
    pub fn asks_for(&self, operation: Operation) -> bool {
        match operation {
            Operation::Provenance => self.provenance,
            Operation::JobMetadata => self.job_metadata,
            Operation::ReplicaIdentity => self.replica_identity.is_some(),
            Operation::Publication => !self.publication.is_empty(),
            Operation::Grants => self.grants.is_some(),
            Operation::Maintenance => self.maintenance.is_some(),
        }
    }

    /// The same for one operation alone, with what it does when nothing else is said.
    #[must_use]
    pub fn only(self, operation: Operation) -> Self {
        let mut wanted =
            Self { schemas: self.schemas, table: self.table, verify: self.verify, ..Self::default() };
        match operation {
            Operation::Provenance => wanted.provenance = true,
            Operation::JobMetadata => wanted.job_metadata = true,
            Operation::ReplicaIdentity => {
                wanted.replica_identity = Some(self.replica_identity.unwrap_or_default());
            }
            Operation::Publication => wanted.publication = self.publication,
            Operation::Grants => wanted.grants = Some(self.grants.unwrap_or_default()),
            Operation::Maintenance => wanted.maintenance = Some(self.maintenance.unwrap_or_default()),
        }
        wanted
    }
}

impl std::str::FromStr for Wanted {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::read(text, Path::new("deploy.toml"))
    }
}
