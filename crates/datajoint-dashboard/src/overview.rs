//! How far everything is.

use datajoint_definition::Tier;
use datajoint_guard::{Finding, FindingCode};
use datajoint_jobs::{Counts, Holder, Jobs};
use datajoint_pipeline::{DynamicTable, Instance, Relation as _, Schema};
use datajoint_populate::{Progress, progress_of};
use serde::Serialize;

use crate::Error;

/// How far the tables of schemas are, at one moment.
///
/// ```
/// # use datajoint_config::Settings;
/// # use datajoint_dashboard::Overview;
/// # use datajoint_definition::Tier;
/// # use datajoint_pipeline::{DynamicDeclaration, Instance};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// # dj.declare_dynamic(DynamicDeclaration {
/// #     schema: "lab", class_name: "Subject", tier: Tier::Manual, definition: "subject : int32", master: None,
/// # }).await?;
/// let overview = Overview::of(&dj, &[dj.schema("lab").await?]).await?;
/// assert_eq!((overview.tables[0].table.as_str(), overview.tables[0].rows), ("lab.subject", Some(0)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[non_exhaustive]
pub struct Overview {
    /// The tables, schema by schema, parents first.
    pub tables: Vec<TableOverview>,
    /// What could not be read.
    pub findings: Vec<Finding>,
}

/// How far a table is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TableOverview {
    /// Its name in the database: `lab.__spikes`.
    pub table: String,
    /// Its tier, as it is written; empty for a table that has none.
    pub tier: String,
    /// How many rows it has; `None` where they may not be read.
    pub rows: Option<u64>,
    /// How many keys are made already; `None` for a table that doesn't fill itself, as the next two.
    pub done: Option<u64>,
    /// How many keys are to be made still.
    pub remaining: Option<u64>,
    /// How many keys there are in all.
    pub total: Option<u64>,
    /// Its jobs; `None` where it has no queue.
    pub jobs: Option<QueueOverview>,
}

/// What becomes of the jobs of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct QueueOverview {
    /// How many jobs are in each state.
    #[serde(flatten)]
    pub counts: Counts,
    /// Who has jobs; who has had one for longest comes first.
    pub reserved_by: Vec<Holder>,
    /// When the oldest job that is to be done was added, by the clock of the server.
    pub oldest_pending: Option<String>,
}

impl Overview {
    /// Reads how far the tables of schemas are.
    ///
    /// What the user may not read is left out, with a [finding](Self::findings). Fails when the database does not answer.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn of(dj: &Instance, schemas: &[Schema]) -> Result<Self, Error> {
        let mut overview = Self::default();
        for schema in schemas {
            for table in schema.tables() {
                overview.look_at(dj, &table).await?;
            }
        }
        Ok(overview)
    }

    async fn look_at(&mut self, dj: &Instance, table: &DynamicTable) -> Result<(), Error> {
        let name = table.name().to_string();
        let rows = match table.query().count(dj).await {
            // It was dropped since it was listed.
            Err(error) if error.is_gone() => return Ok(()),
            count => self.if_allowed(
                count.map_err(Error::from),
                FindingCode::MissingPrivileges,
                &format!("`{name}`"),
            )?,
        };
        let tier = table.table().tier;
        let fills_itself = matches!(tier, Some(Tier::Computed | Tier::Imported));
        let progress = if fills_itself {
            let what = format!("how much of `{name}` is to be made");
            let read = look_ahead(dj, table).await;
            self.if_allowed(read, FindingCode::MissingPrivileges, &what)?.flatten()
        } else {
            None
        };
        let what = format!("the jobs of `{name}`");
        let jobs = self.if_allowed(look_into(dj, table).await, FindingCode::JobsNotRead, &what)?.flatten();
        self.tables.push(TableOverview {
            table: name,
            tier: tier.map(|tier| tier.to_string()).unwrap_or_default(),
            rows,
            done: progress.map(|progress| progress.total.saturating_sub(progress.remaining)),
            remaining: progress.map(|progress| progress.remaining),
            total: progress.map(|progress| progress.total),
            jobs,
        });
        Ok(())
    }

    /// Gives what was read. For what the user may not read, gives nothing, and adds a finding.
    fn if_allowed<T>(
        &mut self,
        outcome: Result<T, Error>,
        code: FindingCode,
        what: &str,
    ) -> Result<Option<T>, Error> {
        match outcome {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_missing_privilege() => {
                self.findings.push(Finding::not_read(code, what, &error));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// How many keys are to be made; nothing for a table of which that can't be said, such as one whose key refers to no parent.
async fn look_ahead(dj: &Instance, table: &DynamicTable) -> Result<Option<Progress>, Error> {
    match progress_of(dj, table).await.map_err(Error::from) {
        Ok(progress) => Ok(Some(progress)),
        Err(error) if error.refusal().is_some() => Err(error),
        Err(_) => Ok(None),
    }
}

async fn look_into(dj: &Instance, table: &DynamicTable) -> Result<Option<QueueOverview>, Error> {
    let Some(queue) = Jobs::of(dj, table).await? else { return Ok(None) };
    Ok(Some(QueueOverview {
        counts: queue.counts().await?,
        reserved_by: queue.holders().await?,
        oldest_pending: queue.oldest().await?,
    }))
}
