//! What PostgreSQL writes into its log of the old rows of updates and deletes, for those who replicate it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

use datajoint_guard::{FailureCode, Finding, FindingCode, Stamp, StampChange};
use datajoint_pipeline::Instance;
use datajoint_plan::{Code, Item, LockLevel, LockPolicy, Operation, Plan, Snapshot, Step};
use datajoint_schema::TableName;
use datajoint_sql::{ReplicaIdentity as Clause, replica_identity};
use serde::{Deserialize, Serialize};

use crate::closed::{Change, unless_closed};
use crate::{Deployment, DesiredState, Error, Result};

mod observed;
pub(crate) mod refusal;
mod target;

pub(crate) use observed::{Identity, Observed, observe, observe_in};
pub use target::{IntoTarget, Target};

/// The replica identity of each table.
pub(crate) struct ReplicaIdentity;

impl Operation for ReplicaIdentity {
    const NAME: &'static str = "replica-identity";

    type Spec = Option<ReplicaIdentitySpec>;
    type Desired = DesiredState;
    type Error = Error;

    async fn plan(snapshot: &mut Snapshot, spec: &Self::Spec, desired: &DesiredState) -> Result<Vec<Item>> {
        match spec {
            Some(spec) => plan(snapshot, spec, desired).await,
            None => Ok(Vec::new()),
        }
    }
}

/// A replica identity that is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Mode {
    /// The primary key.
    Default,
    /// The whole row.
    #[default]
    Full,
    /// Nothing.
    Nothing,
    /// The unique index of these attributes, or of this name.
    Index(Vec<String>),
}

impl std::str::FromStr for Mode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let index = text.strip_prefix("index(").and_then(|rest| rest.strip_suffix(')'));
        match (Clause::parse(text), index) {
            (Some(Clause::Default), _) => Ok(Self::Default),
            (Some(Clause::Full), _) => Ok(Self::Full),
            (Some(Clause::Nothing), _) => Ok(Self::Nothing),
            (_, Some(names)) => {
                Ok(Self::Index(names.split(',').map(|name| name.trim().to_owned()).collect()))
            }
            _ => Err(Error::Mode(text.to_owned())),
        }
    }
}

impl TryFrom<String> for Mode {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Mode> for String {
    fn from(mode: Mode) -> Self {
        mode.to_string()
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("default"),
            Self::Full => formatter.write_str("full"),
            Self::Nothing => formatter.write_str("nothing"),
            Self::Index(names) => write!(formatter, "index({})", names.join(", ")),
        }
    }
}

/// The replica identity of tables.
///
/// Its default is what is asked for where no file says anything: `full` for every table. A section of a file without `mode`
/// asks for less.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplicaIdentitySpec {
    /// That of every table without one of its own; without it, such tables stay as they are.
    #[serde(default)]
    pub mode: Option<Mode>,
    /// That of single tables, as `schema.table` or `schema.Class`.
    #[serde(default)]
    pub tables: BTreeMap<String, Mode>,
    /// Whether tables that are declared later get the mode, or `full` without one, in the same transaction; what is said of
    /// them stays without it.
    #[serde(default)]
    pub new_tables: Option<bool>,
}

impl Default for ReplicaIdentitySpec {
    fn default() -> Self {
        Self { mode: Some(Mode::default()), tables: BTreeMap::new(), new_tables: None }
    }
}

/// Sets the replica identity of the tables of a schema, or of one table; with `dry_run`, says what would be done.
///
/// The target is a table of the program, `imaging::Scan`; a [`Schema`](datajoint_pipeline::Schema) or
/// [`DynamicTable`](datajoint_pipeline::DynamicTable) that was read; or a name, `imaging` or `imaging.Scan`.
///
/// It changes what the catalog says of these tables and nothing else: no row is touched, no trigger fires, and what
/// the schema says of tables that are declared later stays. Hidden tables stay as they are. Tables that are as wanted get
/// no statement: it would lock out their readers for nothing. On PostgreSQL alone; fails elsewhere, for another mode than
/// `default`, `full`, `nothing` or `index(…)`, and for a target that is not in the database.
///
/// ```no_run
/// # async fn example(dj: datajoint_pipeline::Instance) -> datajoint_deploy::Result<()> {
/// let plan = datajoint_deploy::set_replica_identity(&dj, "lab_ephys", "full", true).await?;
/// println!("{} of {} tables\n{plan}", plan.pending().count(), plan.tables_analyzed());
/// # Ok(())
/// # }
/// ```
///
/// # Cancel safety
///
/// Dropped before its end, what was applied stays, and the step on its way may be done or not: the next plan shows what is
/// left. Each table is changed whole or not at all.
pub async fn set_replica_identity<Kind>(
    dj: &Instance,
    target: impl IntoTarget<Kind>,
    mode: &str,
    dry_run: bool,
) -> Result<Plan> {
    let mode = mode.parse()?;
    let (schemas, table) = target.into_target().scope();
    let replica_identity = Some(ReplicaIdentitySpec { mode: Some(mode), ..ReplicaIdentitySpec::default() });
    let wanted = DesiredState { schemas, table, replica_identity, ..DesiredState::default() };
    let policy = LockPolicy { busy: Duration::from_mins(1), ..LockPolicy::default() };
    let deployment = Deployment::new(dj, wanted).lock_policy(policy);
    if dry_run { deployment.plan().await } else { deployment.apply(None).await }
}

/// The mode that is wanted of a table, or of the one that it is a partition of; `None` where nothing is.
pub(crate) fn wanted_of(
    snapshot: &Snapshot,
    wanted: Option<&ReplicaIdentitySpec>,
    observed: &Observed,
) -> Result<Option<Mode>> {
    let Some(wanted) = wanted else { return Ok(None) };
    let name = observed.root.as_ref().unwrap_or(&observed.name);
    if !snapshot.schemas.contains(&name.schema) {
        return Ok(None);
    }
    if snapshot.scope.table.is_some() && !snapshot.tables.iter().any(|table| table.name == *name) {
        return Ok(None);
    }
    for (table, mode) in &wanted.tables {
        if snapshot.table(table)?.name == *name {
            return Ok(Some(mode.clone()));
        }
    }
    Ok(wanted.mode.clone())
}

async fn plan(
    snapshot: &mut Snapshot,
    wanted: &ReplicaIdentitySpec,
    desired: &DesiredState,
) -> Result<Vec<Item>> {
    let on_mysql = "its counterpart is set for the whole server: binlog_format=ROW, binlog_row_image=FULL";
    crate::publication::check_by_tables("set_replica_identity", snapshot.backend, on_mysql)?;
    for name in wanted.tables.keys() {
        snapshot.table(name)?;
    }
    let owned = crate::owner::owned(snapshot).await?;
    let mut items = Vec::new();
    let mut full = BTreeSet::new();
    for observed in observe(snapshot).await? {
        let Some(mode) = wanted_of(snapshot, Some(wanted), &observed)? else { continue };
        if mode == Mode::Full {
            full.insert(observed.name.clone());
        }
        let item = plan_table(snapshot, &observed, &mode, desired).await?;
        items.push(owned.check(item, &observed.name));
    }
    let mut items = unless_closed(snapshot, desired, Change::Alter, items).await?;
    if snapshot.scope.table.is_none() {
        items.extend(policies(snapshot, wanted)?);
    }
    warn(snapshot, &full).await?;
    Ok(items)
}

async fn plan_table(
    snapshot: &mut Snapshot,
    observed: &Observed,
    mode: &Mode,
    desired: &DesiredState,
) -> Result<Item> {
    let name = &observed.name;
    let item = |steps| Item::of_table(name, observed.identity.to_string(), mode.to_string(), steps);
    if !observed.is_logged {
        return Ok(item(Vec::new()).skipped("it is not logged, so that nothing of it can be replicated"));
    }
    let index = match mode {
        Mode::Index(names) => match usable_index(snapshot, name, names).await? {
            Ok(index) => Some(index),
            Err(reason) => {
                let hint = "declare a unique index of attributes that are not nullable, or use another mode";
                return Ok(item(Vec::new()).failed(FailureCode::NoSuchIndex, reason, hint));
            }
        },
        _ => None,
    };
    let (identity, wanted) = match (mode, &index) {
        (Mode::Default, _) => (Identity::Default, Clause::Default),
        (Mode::Full, _) => (Identity::Full, Clause::Full),
        (_, Some(index)) => (Identity::Index(index.clone()), Clause::Index(index)),
        (Mode::Nothing | Mode::Index(_), None) => (Identity::Nothing, Clause::Nothing),
    };
    if observed.identity == identity {
        return Ok(item(Vec::new()));
    }
    // A publication that is to be changed as well may not be in the way any more when it is its turn.
    if desired.publication.is_empty()
        && let Some((code, message)) = refusal::foresee(snapshot, name, wanted).await?
    {
        let hint = "change the publication first, or use a mode whose columns it has";
        return Ok(item(Vec::new()).failed(Code::Server(code), message, hint).after_others());
    }
    let alter = Step::of(replica_identity(name, wanted)).locking(LockLevel::AccessExclusive);
    Ok(item([alter].into_iter().chain(refusal::check(snapshot, &[name])).collect()))
}

/// The name of the unique index of these attributes, or of this name; or why it can't be used.
async fn usable_index(
    snapshot: &mut Snapshot,
    table: &TableName,
    names: &[String],
) -> Result<Result<String, String>> {
    let sql = "SELECT ic.relname::text, i.indisunique, i.indpred IS NOT NULL, i.indexprs IS NOT NULL, i.indimmediate, \
               i.indisvalid, (SELECT pg_catalog.jsonb_agg(a.attname ORDER BY u.place) FROM pg_catalog.unnest(i.indkey::smallint[]) \
               WITH ORDINALITY AS u (number, place) JOIN pg_attribute a ON a.attrelid = i.indrelid \
               AND a.attnum = u.number WHERE u.place <= i.indnkeyatts), (SELECT pg_catalog.bool_and(a.attnotnull) \
               FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::smallint[])) \
               FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid \
               JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname::text = $1 AND c.relname::text = $2 \
               ORDER BY 1";
    let parameters = [&table.schema, &table.table].map(|name| datajoint_sql::Value::Text(name.clone()));
    let rows = snapshot.rows(sql, parameters.into()).await?;
    let is_meant = |row: &&datajoint_plan::Row| row.text(0) == names.join(", ") || row.list(6) == names;
    let Some(row) = rows.iter().filter(|row| row.truth(1)).find(is_meant).or(rows.iter().find(is_meant))
    else {
        return Ok(Err(format!("there is no index of ({})", names.join(", "))));
    };
    let index = row.text(0);
    let fault = [
        (!row.truth(1), "it is not unique"),
        (row.truth(2), "it has but a part of the rows"),
        (row.truth(3), "it has an expression"),
        (!row.truth(4), "it is checked at the end of transactions alone"),
        (!row.truth(5), "it is invalid"),
        (!row.truth(7), "an attribute of it may be null"),
    ];
    Ok(match fault.iter().find(|(is_so, _)| *is_so) {
        Some((_, why)) => Err(format!("the index `{index}` can't tell rows apart: {why}")),
        None => Ok(index),
    })
}

/// What the schemas say of tables that are declared later.
fn policies(snapshot: &Snapshot, wanted: &ReplicaIdentitySpec) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    // What nobody says anything of stays.
    let Some(new_tables) = wanted.new_tables else { return Ok(items) };
    let mode_of_new = wanted.mode.clone().unwrap_or_default();
    for schema in &snapshot.schemas {
        if new_tables && matches!(mode_of_new, Mode::Index(_)) {
            let object = (schema.as_str(), format!("new tables of {schema}"));
            let item = Item::new(object, "", mode_of_new.to_string(), Vec::new());
            items.push(item.failed(
                FailureCode::NoSuchPolicy,
                "tables that are declared later have no index of that name",
                "let `mode` be default, full or nothing, and name single tables below `tables`",
            ));
            continue;
        }
        let comment =
            snapshot.stamps.iter().find(|(stamped, _)| stamped == schema).map(|(_, comment)| comment);
        let stamp = match comment {
            Some(comment) => Stamp::from_comment(schema, comment).map_err(datajoint_pipeline::Error::from)?,
            None => Stamp::default(),
        };
        let mode = new_tables.then(|| mode_of_new.to_string());
        let show = |mode: &Option<String>| mode.clone().unwrap_or_else(|| "the server's default".to_owned());
        let found = show(&stamp.replica_identity);
        let statements = if stamp.replica_identity == mode {
            Vec::new()
        } else {
            // What others record meanwhile stays: the step says what it changes alone.
            vec![Step::stamp(schema, StampChange::ReplicaIdentity(mode.clone()))]
        };
        if statements.is_empty() && mode.is_none() {
            continue;
        }
        let object = (schema.as_str(), format!("new tables of {schema}"));
        items.push(Item::new(object, found, show(&mode), statements));
    }
    Ok(items)
}

/// What should be known beside.
async fn warn(snapshot: &mut Snapshot, full: &BTreeSet<TableName>) -> Result<()> {
    let is_full = |table: &&datajoint_schema::Table| full.contains(&table.name);
    let has_blobs = |table: &&datajoint_schema::Table| {
        table
            .heading
            .all()
            .iter()
            .any(|attribute| attribute.type_text.contains("blob") || attribute.type_text == "bytes")
    };
    let heavy: Vec<String> = snapshot
        .tables
        .iter()
        .filter(is_full)
        .filter(has_blobs)
        .map(|table| table.name.to_string())
        .collect();
    if !heavy.is_empty() {
        snapshot.findings.push(Finding::warning(
            FindingCode::FullWithBlobs,
            format!(
                "each update and delete of these writes the old blobs into the log, too: {}",
                heavy.join(", ")
            ),
            "leave them at `default` where subscribers need the key alone",
        ));
    }
    let level = snapshot.rows("SELECT pg_catalog.current_setting('wal_level')", Vec::new()).await?;
    if let Some(level) = level.first().map(|row| row.text(0)).filter(|level| level != "logical") {
        snapshot.findings.push(Finding::warning(
            FindingCode::WalLevel,
            format!("wal_level is {level}: nothing can be replicated row by row, whatever the tables say"),
            "set wal_level = logical on the server, and start it again",
        ));
    }
    Ok(())
}
