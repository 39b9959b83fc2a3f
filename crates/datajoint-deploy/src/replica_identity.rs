//! What PostgreSQL writes into its log of the old rows of updates and deletes, for those who replicate it.

use std::fmt;
use std::time::Duration;

use datajoint_definition::Backend;
use datajoint_guard::{ENVIRONMENT_TABLE, Finding, Stamp};
use datajoint_pipeline::Instance;
use datajoint_schema::TableName;
use datajoint_sql::{ReplicaIdentity, replica_identity, write_stamp};
use serde::{Deserialize, Serialize};

use crate::look::Look;
use crate::plan::{Item, Locks, Plan, Step};
use crate::wanted::ReplicaIdentityWanted;
use crate::{Deployment, Error, Operation, Patience, Result, Wanted};

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
        match (ReplicaIdentity::parse(text), index) {
            (Some(ReplicaIdentity::Default), _) => Ok(Self::Default),
            (Some(ReplicaIdentity::Full), _) => Ok(Self::Full),
            (Some(ReplicaIdentity::Nothing), _) => Ok(Self::Nothing),
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

/// Sets the replica identity of the tables of a schema, or of one table (`schema.table`); with `dry_run`, says what would
/// be done.
///
/// Hidden tables stay as they are. Tables that are as wanted get no statement: it would lock out their readers for
/// nothing. On PostgreSQL alone; fails elsewhere, for another mode than `default`, `full`, `nothing` or `index(…)`, and
/// for a target that is no schema or table.
///
/// ```no_run
/// # async fn example(dj: datajoint_pipeline::Instance) -> datajoint_deploy::Result<()> {
/// let plan = datajoint_deploy::set_replica_identity(&dj, "lab_ephys", "full", true).await?;
/// println!("{} of {} tables\n{plan}", plan.pending().count(), plan.tables_analyzed());
/// # Ok(())
/// # }
/// ```
pub async fn set_replica_identity(dj: &Instance, target: &str, mode: &str, dry_run: bool) -> Result<Plan> {
    let mode = mode.parse()?;
    let (schemas, table) = match target.split_once('.') {
        Some(_) => (None, Some(target.to_owned())),
        None => (Some(vec![target.to_owned()]), None),
    };
    let replica_identity = Some(ReplicaIdentityWanted { mode, ..ReplicaIdentityWanted::default() });
    let wanted = Wanted { schemas, table, replica_identity, ..Wanted::default() };
    let patience = Patience { busy: Duration::from_mins(1), ..Patience::default() };
    let deployment = Deployment::new(dj, wanted).patience(patience);
    if dry_run { deployment.plan().await } else { deployment.apply(None).await }
}

/// How a table stands.
pub(crate) struct Observed {
    pub(crate) name: TableName,
    /// The letter of the catalog.
    letter: String,
    /// The index, where it is one.
    index: Option<String>,
    kind: String,
    persistence: String,
    /// The table that it is a partition of, at the top.
    pub(crate) root: Option<TableName>,
    /// A column that may be written.
    column: Option<String>,
}

/// How the mode of a table is shown whose index is gone.
pub(crate) const BROKEN: &str = "an index that was dropped";

impl Observed {
    /// True when the index that it names is gone: the server takes that for none, and updates of what is published fail.
    pub(crate) fn is_broken(&self) -> bool {
        self.letter == "i" && self.index.is_none()
    }

    pub(crate) fn mode(&self) -> String {
        match (self.letter.as_str(), &self.index) {
            ("d", _) => "default".to_owned(),
            ("f", _) => "full".to_owned(),
            ("n", _) => "nothing".to_owned(),
            (_, Some(index)) => format!("index {index}"),
            (_, None) => BROKEN.to_owned(),
        }
    }
}

/// Reads the tables of the deployed schemas, with the partitions that they have anywhere.
pub(crate) async fn observe(look: &mut Look<'_>) -> Result<Vec<Observed>> {
    let schemas = look.schemas.clone();
    observe_in(look, &schemas).await
}

/// The same for these schemas.
pub(crate) async fn observe_in(look: &mut Look<'_>, schemas: &[String]) -> Result<Vec<Observed>> {
    let sql = "WITH RECURSIVE tree AS ( \
               SELECT c.oid, n.nspname::text AS root_schema, c.relname::text AS root_name, 0 AS depth FROM pg_class c \
               JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') \
               AND c.relname NOT LIKE '~%' AND NOT c.relispartition AND n.nspname::text IN ({}) UNION ALL \
               SELECT i.inhrelid, t.root_schema, t.root_name, t.depth + 1 FROM tree t JOIN pg_inherits i \
               ON i.inhparent = t.oid JOIN pg_class p ON p.oid = t.oid AND p.relkind = 'p') \
               SELECT n.nspname::text, c.relname::text, c.relreplident::text, ic.relname::text, c.relkind::text, \
               c.relpersistence::text, CASE WHEN t.depth > 0 THEN t.root_schema END, t.root_name, \
               (SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 \
               AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity <> 'a' ORDER BY a.attnum LIMIT 1) \
               FROM tree t JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace n ON n.oid = c.relnamespace \
               LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisreplident \
               LEFT JOIN pg_class ic ON ic.oid = i.indexrelid ORDER BY 1, 2";
    let rows = look.rows_of(sql, schemas).await?;
    let observed = rows.iter().map(|row| Observed {
        name: TableName::new(row.text(0), row.text(1)),
        letter: row.text(2),
        index: row.maybe(3),
        kind: row.text(4),
        persistence: row.text(5),
        root: row.maybe(6).map(|schema| TableName::new(schema, row.text(7))),
        column: row.maybe(8),
    });
    Ok(observed.collect())
}

/// The mode that is wanted of a table, or of the one that it is a partition of; `None` where nothing is.
pub(crate) fn wanted_of(look: &Look<'_>, observed: &Observed) -> Result<Option<Mode>> {
    let Some(wanted) = &look.wanted.replica_identity else { return Ok(None) };
    let name = observed.root.as_ref().unwrap_or(&observed.name);
    if !look.schemas.contains(&name.schema) {
        return Ok(None);
    }
    if look.wanted.table.is_some() && !look.tables.iter().any(|table| table.name == *name) {
        return Ok(None);
    }
    for (table, mode) in &wanted.tables {
        if look.table(table)?.name == *name {
            return Ok(Some(mode.clone()));
        }
    }
    Ok(Some(wanted.mode.clone()))
}

pub(crate) async fn plan(look: &mut Look<'_>) -> Result<Vec<Item>> {
    let Some(wanted) = look.wanted.replica_identity.clone() else { return Ok(Vec::new()) };
    if look.backend != Backend::Postgresql {
        return Err(Error::Unsupported {
            operation: "set_replica_identity",
            servers: "PostgreSQL",
            backend: look.backend,
            help: match look.backend {
                Backend::Sqlite => "nothing replicates an embedded database",
                _ => "its counterpart is set for the whole server: binlog_format=ROW, binlog_row_image=FULL",
            },
        });
    }
    for name in wanted.tables.keys() {
        look.table(name)?;
    }
    let owned = crate::owner::owned(look).await?;
    let mut items = Vec::new();
    for observed in observe(look).await? {
        let Some(mode) = wanted_of(look, &observed)? else { continue };
        let item = plan_table(look, &observed, &mode).await?;
        items.push(owned.check(item, &observed.name));
    }
    if look.wanted.table.is_none() {
        items.extend(policies(look, &wanted)?);
    }
    warn(look, &items).await?;
    Ok(items)
}

async fn plan_table(look: &mut Look<'_>, observed: &Observed, mode: &Mode) -> Result<Item> {
    let name = &observed.name;
    let item = |steps| {
        let object = (name.schema.as_str(), name.to_string());
        Item::new(Operation::ReplicaIdentity, object, observed.mode(), mode.to_string(), steps)
    };
    if observed.persistence != "p" {
        return Ok(item(Vec::new()).skipped("it is not logged, so that nothing of it can be replicated"));
    }
    let wanted = match mode {
        Mode::Default => ReplicaIdentity::Default,
        Mode::Full => ReplicaIdentity::Full,
        Mode::Nothing => ReplicaIdentity::Nothing,
        Mode::Index(names) => match usable_index(look, name, names).await? {
            Ok(index) => {
                let is_set = observed.index.as_ref() == Some(&index);
                let steps =
                    if is_set { Vec::new() } else { steps(look, observed, ReplicaIdentity::Index(&index)) };
                return Ok(item(steps));
            }
            Err(reason) => {
                let hint = "declare a unique index of attributes that are not nullable, or use another mode";
                return Ok(item(Vec::new()).failed("no-such-index", reason, hint));
            }
        },
    };
    let letter = match mode {
        Mode::Default => "d",
        Mode::Full => "f",
        Mode::Nothing | Mode::Index(_) => "n",
    };
    let steps = if observed.letter == letter { Vec::new() } else { steps(look, observed, wanted) };
    Ok(item(steps))
}

fn steps(look: &Look<'_>, observed: &Observed, mode: ReplicaIdentity<'_>) -> Vec<Step> {
    let alter = Step::of(replica_identity(&observed.name, mode)).locking(Locks::AccessExclusive);
    let mut steps = vec![alter];
    steps.extend(checks(look, observed));
    steps
}

/// An update and a delete of no row: the server refuses them where it would refuse those of users, since a table is
/// published by what is not in its replica identity. What was done before in the transaction is undone then.
pub(crate) fn checks(look: &Look<'_>, observed: &Observed) -> Vec<Step> {
    // Rows are in the partitions, each of which is looked at itself.
    let Some(column) = observed.column.as_ref().filter(|_| observed.kind == "r") else { return Vec::new() };
    let (table, column) = (look.reference(&observed.name), look.quote(column));
    vec![
        Step::check(format!("UPDATE {table} SET {column} = {column} WHERE false")),
        Step::check(format!("DELETE FROM {table} WHERE false")),
    ]
}

/// The name of the unique index of these attributes, or of this name; or why it can't be used.
async fn usable_index(
    look: &mut Look<'_>,
    table: &TableName,
    names: &[String],
) -> Result<Result<String, String>> {
    let sql = "SELECT ic.relname::text, i.indisunique, i.indpred IS NOT NULL, i.indexprs IS NOT NULL, i.indimmediate, \
               i.indisvalid, (SELECT jsonb_agg(a.attname ORDER BY u.place) FROM unnest(i.indkey::smallint[]) \
               WITH ORDINALITY AS u (number, place) JOIN pg_attribute a ON a.attrelid = i.indrelid \
               AND a.attnum = u.number WHERE u.place <= i.indnkeyatts), (SELECT bool_and(a.attnotnull) \
               FROM pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::smallint[])) \
               FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_class c ON c.oid = i.indrelid \
               JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname::text = $1 AND c.relname::text = $2 \
               ORDER BY 1";
    let parameters = [&table.schema, &table.table].map(|name| datajoint_sql::Value::Text(name.clone()));
    let rows = look.rows(sql, parameters.into()).await?;
    let is_meant = |row: &&crate::look::Row| row.text(0) == names.join(", ") || row.list(6) == names;
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
fn policies(look: &Look<'_>, wanted: &ReplicaIdentityWanted) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for schema in &look.schemas {
        if wanted.new_tables && matches!(wanted.mode, Mode::Index(_)) {
            let object = (schema.as_str(), format!("new tables of {schema}"));
            let item = Item::new(Operation::ReplicaIdentity, object, "", wanted.mode.to_string(), Vec::new());
            items.push(item.failed(
                "no-such-policy",
                "tables that are declared later have no index of that name",
                "let `mode` be default, full or nothing, and name single tables below `tables`",
            ));
            continue;
        }
        let comment = look.stamps.iter().find(|(stamped, _)| stamped == schema).map(|(_, comment)| comment);
        let stamp = match comment {
            Some(comment) => Stamp::from_comment(schema, comment).map_err(datajoint_pipeline::Error::from)?,
            None => Stamp::default(),
        };
        // One policy, and one command that converges on it: it is kept only where it was asked for.
        let mode = wanted.new_tables.then(|| wanted.mode.to_string());
        let show = |mode: &Option<String>| mode.clone().unwrap_or_else(|| "the server's default".to_owned());
        let found = show(&stamp.replica_identity);
        let statements = if stamp.replica_identity == mode {
            Vec::new()
        } else {
            let table = TableName::new(schema, ENVIRONMENT_TABLE);
            let comment = stamp.replica_identity(mode.clone()).to_comment();
            write_stamp(look.backend, &table, &comment).into_iter().map(Step::of).collect()
        };
        if statements.is_empty() && mode.is_none() {
            continue;
        }
        let object = (schema.as_str(), format!("new tables of {schema}"));
        items.push(Item::new(Operation::ReplicaIdentity, object, found, show(&mode), statements));
    }
    Ok(items)
}

/// What should be known beside.
async fn warn(look: &mut Look<'_>, items: &[Item]) -> Result<()> {
    let is_full = |table: &&datajoint_schema::Table| {
        items.iter().any(|item| item.object == table.name.to_string() && item.wanted == "full")
    };
    let has_blobs = |table: &&datajoint_schema::Table| {
        table
            .heading
            .all()
            .iter()
            .any(|attribute| attribute.type_text.contains("blob") || attribute.type_text == "bytes")
    };
    let heavy: Vec<String> =
        look.tables.iter().filter(is_full).filter(has_blobs).map(|table| table.name.to_string()).collect();
    if !heavy.is_empty() {
        look.findings.push(Finding::warning(
            "full-with-blobs",
            format!(
                "each update and delete of these writes the old blobs into the log, too: {}",
                heavy.join(", ")
            ),
            "leave them at `default` where subscribers need the key alone",
        ));
    }
    let level = look.rows("SELECT current_setting('wal_level')", Vec::new()).await?;
    if let Some(level) = level.first().map(|row| row.text(0)).filter(|level| level != "logical") {
        look.findings.push(Finding::warning(
            "wal-level",
            format!("wal_level is {level}: nothing can be replicated row by row, whatever the tables say"),
            "set wal_level = logical on the server, and start it again",
        ));
    }
    Ok(())
}
