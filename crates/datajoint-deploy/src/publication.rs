//! Which tables PostgreSQL publishes.

use std::collections::{BTreeMap, BTreeSet};

use datajoint_definition::{Backend, Tier, count, suggest};
use datajoint_guard::{FailureCode, Finding, FindingCode};
use datajoint_plan::{Item, LockLevel, Operation, Snapshot, Step};
use datajoint_schema::{Table, TableName};
use serde::{Deserialize, Serialize};

use crate::closed::{Change, unless_closed};
use crate::replica_identity::{Observed, observe_in, refusal, wanted_of};
use crate::{DesiredState, Error, ReplicaIdentitySpec, Result};

mod fault;
mod read;
mod words;

use fault::fault;
use read::{Found, Member, Noted, read};
pub use words::PublishedOperation;

/// The publications of PostgreSQL, and what they have.
pub(crate) struct Publication;

impl Operation for Publication {
    const NAME: &'static str = "publication";
    const REQUIRED: Option<&'static str> = Some("[publication.NAME]");

    type Spec = BTreeMap<String, PublicationSpec>;
    type Desired = DesiredState;
    type Error = Error;

    async fn plan(snapshot: &mut Snapshot, spec: &Self::Spec, desired: &DesiredState) -> Result<Vec<Item>> {
        let items = plan(snapshot, spec, desired.replica_identity.as_ref()).await?;
        unless_closed(snapshot, desired, Change::Alter, items).await
    }
}

/// What a publication has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PublicationSpec {
    /// The schemas whose tables it has, of those that are deployed; all without it.
    pub schemas: Option<Vec<String>>,
    /// The tiers whose tables it has: `manual`, `lookup`, `imported`, `computed`, `part`; all without it.
    #[serde(with = "words::tiers")]
    pub tiers: Option<Vec<Tier>>,
    /// Exactly these tables, as `schema.table` or `schema.Class`.
    pub tables: Option<Vec<String>>,
    /// All but these.
    pub except: Vec<String>,
    /// What it publishes.
    pub publish: Vec<PublishedOperation>,
    /// Whether changes of partitions are published as those of the partitioned table.
    pub via_root: bool,
    /// The rows that it has of a table: a condition of SQL.
    pub rows: BTreeMap<String, String>,
    /// The columns that it has of a table, at least one; all of a table that is not named here.
    pub columns: BTreeMap<String, Vec<String>>,
}

impl Default for PublicationSpec {
    fn default() -> Self {
        Self {
            schemas: None,
            tiers: None,
            tables: None,
            except: Vec::new(),
            publish: PublishedOperation::ALL.to_vec(),
            via_root: false,
            rows: BTreeMap::new(),
            columns: BTreeMap::new(),
        }
    }
}

/// Fails where nothing is replicated by tables: everywhere but on PostgreSQL. `on_mysql` says what MySQL and MariaDB have.
pub(crate) fn check_by_tables(
    operation: &'static str,
    backend: Backend,
    on_mysql: &'static str,
) -> Result<()> {
    let help = match backend {
        Backend::Postgresql => return Ok(()),
        Backend::Sqlite => "nothing replicates an embedded database",
        Backend::Mysql | Backend::Mariadb => on_mysql,
    };
    Err(Error::Unsupported { operation, servers: "PostgreSQL", backend, help })
}

async fn plan(
    snapshot: &mut Snapshot,
    wanted: &BTreeMap<String, PublicationSpec>,
    identity: Option<&ReplicaIdentitySpec>,
) -> Result<Vec<Item>> {
    let on_mysql = "its binary log has all tables: choose among them where it is read";
    check_by_tables("publication", snapshot.backend, on_mysql)?;
    // A publication may have tables of schemas that are not deployed.
    let mut schemas: Vec<String> = snapshot.all.iter().map(|table| table.name.schema.clone()).collect();
    schemas.dedup();
    let mut identities = observe_in(snapshot, &schemas).await?;
    // As they are when their own turn has come, which is before.
    for observed in &mut identities {
        if let Some(mode) = wanted_of(snapshot, identity, observed)? {
            observed.identity = mode.into();
        }
    }
    let owned = crate::owner::owned(snapshot).await?;
    for (name, wanted) in wanted {
        wanted.check_columns(name)?;
        check_schemas(snapshot, name, wanted)?;
    }
    let mut items = Vec::new();
    for (name, wanted) in wanted {
        let found = read(snapshot, name).await?;
        let mut members = members(snapshot, wanted)?;
        for observed in identities.iter().filter(|observed| !observed.is_logged) {
            // One that can't be published would keep all the others from it.
            if members.remove(&observed.name).is_some() {
                let object = format!("{} in publication {name}", observed.name);
                let item = Item::new((&observed.name.schema, object), "", "", Vec::new());
                items.push(item.skipped(
                    "it is not logged, so that nothing of it can be published; ALTER TABLE … SET LOGGED, or name it \
                     below `except`",
                ));
            }
        }
        items.push(plan_one(snapshot, name, (wanted, members), found.as_ref(), &identities, &owned)?);
    }
    report_slots(snapshot).await?;
    Ok(items)
}

/// What notes the conditions of a publication. The server is asked how it keeps them once they are there.
fn note(snapshot: &Snapshot, name: &str, written: &BTreeMap<String, String>) -> Step {
    let publication = snapshot.quote(name);
    if written.is_empty() {
        return Step::new(format!("COMMENT ON PUBLICATION {publication} IS NULL"));
    }
    let conditions = snapshot.literal(&serde_json::json!(written).to_string());
    let comment = snapshot.literal(&format!("COMMENT ON PUBLICATION {publication} IS %L"));
    let body = format!(
        "BEGIN EXECUTE pg_catalog.format({comment}, (SELECT pg_catalog.jsonb_build_object('rows', pg_catalog.jsonb_object_agg(w.key, \
         pg_catalog.jsonb_build_array(w.value, pg_catalog.pg_get_expr(r.prqual, r.prrelid)))) FROM pg_catalog.jsonb_each_text({conditions}) w \
         JOIN pg_publication p ON p.pubname = {} JOIN pg_publication_rel r ON r.prpubid = p.oid \
         JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname || '.' || c.relname = w.key)); END",
        snapshot.literal(name)
    );
    Step::new(format!("DO {}", snapshot.literal(&body)))
}

fn plan_one(
    snapshot: &Snapshot,
    name: &str,
    (wanted, members): (&PublicationSpec, BTreeMap<TableName, Member>),
    found: Option<&Found>,
    identities: &[Observed],
    owned: &crate::owner::Owned,
) -> Result<Item> {
    let describe = |members: &BTreeMap<TableName, Member>,
                    schemas: &[&String],
                    publish: &BTreeSet<PublishedOperation>,
                    via_root: bool| {
        let whole = schemas.iter().map(|schema| format!("all of {schema}"));
        let names: Vec<String> =
            members.iter().map(|(name, member)| member_text(name, member)).chain(whole).collect();
        let verbs: Vec<&str> = publish.iter().map(|operation| operation.name()).collect();
        let root = if via_root { ", via the root" } else { "" };
        format!("{} of {}{root}: {}", verbs.join(", "), count(members.len(), "table"), names.join(", "))
    };
    let publish: BTreeSet<PublishedOperation> = wanted.publish.iter().copied().collect();
    // What this deployment is not about stays; of a schema that it is about, each table is a member by itself.
    let whole: Vec<&String> = found.into_iter().flat_map(|found| &found.schemas).collect();
    let (ours, others): (Vec<&String>, Vec<&String>) =
        whole.iter().partition(|schema| has_whole(snapshot, schema));
    let text = describe(&members, &others, &publish, wanted.via_root);
    let was = found.map_or_else(
        || "not there".to_owned(),
        |found| describe(&found.members, &whole, &found.publish, found.via_root),
    );
    let home = snapshot.schemas.first().cloned().unwrap_or_default();
    let item = |steps| Item::new((&home, format!("publication {name}")), was.clone(), text.clone(), steps);
    if let Some((code, message, hint)) = fault(snapshot, wanted, &members, identities)? {
        return Ok(item(Vec::new()).failed(code, message, hint));
    }
    let not_owned: Vec<String> = members
        .keys()
        .filter(|table| found.is_none_or(|found| !found.members.contains_key(table)))
        .filter_map(|table| owned.other(table).map(|owner| format!("{table} (of {owner})")))
        .collect();
    let publication = snapshot.quote(name);
    let notes: BTreeMap<String, String> =
        members.iter().filter_map(|(table, it)| Some((table.to_string(), it.rows.clone()?))).collect();
    let verbs: Vec<&str> = wanted.publish.iter().map(|operation| operation.name()).collect();
    let verbs = verbs.join(", ");
    let mut steps = Vec::new();
    let changes = LockLevel::ShareUpdateExclusive;
    let Some(found) = found else {
        let tables: Vec<String> =
            members.iter().map(|(table, member)| clause(snapshot, table, member)).collect();
        let list =
            if tables.is_empty() { String::new() } else { format!(" FOR TABLE {}", tables.join(", ")) };
        let root = if snapshot.is_from(13) {
            format!(", publish_via_partition_root = {}", wanted.via_root)
        } else {
            String::new()
        };
        steps.push(
            Step::new(format!("CREATE PUBLICATION {publication}{list} WITH (publish = '{verbs}'{root})"))
                .locking(changes),
        );
        if !notes.is_empty() {
            steps.push(note(snapshot, name, &notes));
        }
        steps.extend(checks_of(snapshot, members.keys(), identities));
        return Ok(privileged(item(steps), &not_owned));
    };
    if found.has_all {
        return Ok(item(Vec::new()).failed(
            FailureCode::AllTables,
            "it publishes all tables of the database, which can't be taken back",
            "drop it and apply again; its subscribers have to be refreshed afterwards",
        ));
    }
    let (kept, gone): (Vec<_>, Vec<_>) =
        found.members.iter().partition(|(table, member)| match members.get(*table) {
            Some(wanted) => is_same(wanted, member, table, &found.noted),
            // What this deployment is not about stays a member, with what was noted of it.
            None => !is_ours(snapshot, table),
        });
    let others = found.noted.iter().filter(|(table, _)| {
        kept.iter().any(|(name, _)| name.to_string() == **table && !members.contains_key(*name))
    });
    let mut notes = notes;
    notes.extend(others.map(|(table, (written, _))| (table.clone(), written.clone())));
    let kept: Vec<&TableName> = kept.into_iter().map(|(table, _)| table).collect();
    if !ours.is_empty() {
        let schemas: Vec<String> = ours.into_iter().map(|schema| snapshot.quote(schema)).collect();
        steps.push(Step::new(format!(
            "ALTER PUBLICATION {publication} DROP TABLES IN SCHEMA {}",
            schemas.join(", ")
        )));
    }
    if !gone.is_empty() {
        let tables: Vec<String> = gone.iter().map(|(table, _)| snapshot.reference(table)).collect();
        let sql = format!("ALTER PUBLICATION {publication} DROP TABLE {}", tables.join(", "));
        steps.push(Step::new(sql).locking(changes));
    }
    let new: Vec<String> = members
        .iter()
        .filter(|(table, _)| !kept.contains(table))
        .map(|(table, member)| clause(snapshot, table, member))
        .collect();
    if !new.is_empty() {
        let sql = format!("ALTER PUBLICATION {publication} ADD TABLE {}", new.join(", "));
        steps.push(Step::new(sql).locking(changes));
    }
    if found.publish != publish {
        steps.push(Step::new(format!("ALTER PUBLICATION {publication} SET (publish = '{verbs}')")));
    }
    if found.via_root != wanted.via_root {
        steps.push(Step::new(format!(
            "ALTER PUBLICATION {publication} SET (publish_via_partition_root = {})",
            wanted.via_root
        )));
    }
    let is_noted = |(table, rows): (&String, &String)| {
        found.noted.get(table).is_some_and(|(written, _)| written == rows)
    };
    let adds_or_drops = !new.is_empty() || found.publish != publish || found.via_root != wanted.via_root;
    let touches_rows = members.iter().any(|(table, it)| it.rows.is_some() && !kept.contains(&table));
    if touches_rows || notes.len() != found.noted.len() || !notes.iter().all(is_noted) {
        steps.push(note(snapshot, name, &notes));
    }
    if adds_or_drops {
        steps.extend(checks_of(snapshot, members.keys().chain(kept), identities));
    }
    let item = item(steps);
    if !found.may_change && item.state == crate::State::WouldChange {
        let hint = format!("deploy as {}, or as a member of it", found.owner);
        return Ok(item.failed(
            FailureCode::NotOwner,
            format!("the publication is owned by {}", found.owner),
            hint,
        ));
    }
    Ok(privileged(item, &not_owned))
}

/// True for a table that this deployment is about.
fn is_ours(snapshot: &Snapshot, table: &TableName) -> bool {
    match &snapshot.scope.table {
        Some(_) => snapshot.tables.iter().any(|ours| ours.name == *table),
        None => snapshot.schemas.contains(&table.schema),
    }
}

/// True for a schema that this deployment is about as a whole.
fn has_whole(snapshot: &Snapshot, schema: &String) -> bool {
    snapshot.scope.table.is_none() && snapshot.schemas.contains(schema)
}

/// What the server says of the writes of users to the members, and to their partitions.
fn checks_of<'a>(
    snapshot: &Snapshot,
    members: impl Iterator<Item = &'a TableName>,
    identities: &[Observed],
) -> Vec<Step> {
    let members: BTreeSet<&TableName> = members.collect();
    let concerned = identities
        .iter()
        .filter(|observed| members.contains(observed.root.as_ref().unwrap_or(&observed.name)));
    let names: Vec<&TableName> = concerned.map(|observed| &observed.name).collect();
    refusal::check(snapshot, &names).into_iter().collect()
}

fn privileged(item: Item, not_owned: &[String]) -> Item {
    if not_owned.is_empty() {
        return item;
    }
    item.failed(
        FailureCode::NotOwner,
        format!("only the owner of a table may publish it: {}", not_owned.join(", ")),
        "deploy as a role that is a member of the owners",
    )
}

/// Fails for a schema that no publication can have tables of, since it is not deployed: a misspelt one would empty it.
///
/// Where but a part is deployed, as with `--schema`, the others have to be there.
fn check_schemas(snapshot: &Snapshot, name: &str, wanted: &PublicationSpec) -> Result<()> {
    let is_whole = snapshot.scope.schemas.is_none() && snapshot.scope.table.is_none();
    let others = snapshot.all.iter().filter(|_| !is_whole).map(|table| &table.name.schema);
    let known: BTreeSet<&str> = snapshot.schemas.iter().chain(others).map(String::as_str).collect();
    for schema in wanted.schemas.iter().flatten() {
        let called = snapshot.dj.schema_name(schema);
        if !known.contains(called.as_str()) {
            return Err(Error::PublishedSchema {
                publication: name.to_owned(),
                schema: schema.clone(),
                hint: near(&called, known),
            });
        }
    }
    Ok(())
}

impl PublicationSpec {
    /// Fails for a table of which no column is named: the server would publish them all.
    pub(crate) fn check_columns(&self, name: &str) -> Result<()> {
        match self.columns.iter().find(|(_, columns)| columns.is_empty()) {
            None => Ok(()),
            Some((table, _)) => {
                Err(Error::PublishedColumns { publication: name.to_owned(), table: table.clone() })
            }
        }
    }

    /// Fails for a schema that is none of those of its file.
    pub(crate) fn check(&self, name: &str, deployed: &[String]) -> Result<()> {
        match self.schemas.iter().flatten().find(|schema| !deployed.contains(schema)) {
            None => Ok(()),
            Some(schema) => Err(Error::PublishedSchema {
                publication: name.to_owned(),
                schema: schema.clone(),
                hint: near(schema, deployed.iter().map(String::as_str)),
            }),
        }
    }
}

fn near<'a>(schema: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    suggest(schema, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

/// The tables that are wanted, each with its rows and columns.
fn members(snapshot: &Snapshot, wanted: &PublicationSpec) -> Result<BTreeMap<TableName, Member>> {
    let named = |names: &[String]| -> Result<Vec<TableName>> {
        names.iter().map(|name| Ok(snapshot.table(name)?.name.clone())).collect()
    };
    let (only, except) = (wanted.tables.as_deref().map(named).transpose()?, named(&wanted.except)?);
    let schemas: Option<Vec<String>> = wanted
        .schemas
        .as_ref()
        .map(|schemas| schemas.iter().map(|schema| snapshot.dj.schema_name(schema)).collect());
    let is_wanted = |table: &&Table| {
        let is_chosen = if let Some(only) = &only {
            only.contains(&table.name)
        } else {
            let is_of = |tiers: &Vec<Tier>| table.tier.is_some_and(|tier| tiers.contains(&tier));
            schemas.as_ref().is_none_or(|schemas| schemas.contains(&table.name.schema))
                && wanted.tiers.as_ref().is_none_or(is_of)
        };
        is_chosen && !except.contains(&table.name)
    };
    let pool = if only.is_some() { &snapshot.all } else { &snapshot.tables };
    let mut members: BTreeMap<TableName, Member> =
        pool.iter().filter(is_wanted).map(|table| (table.name.clone(), Member::default())).collect();
    for (name, rows) in &wanted.rows {
        let table = snapshot.table(name)?.name.clone();
        // One that is none is a fault, and reaches no statement.
        let rows =
            datajoint_sql::plain_expression(Backend::Postgresql, rows).unwrap_or_else(|_| rows.clone());
        members.entry(table).or_default().rows = Some(rows);
    }
    for (name, columns) in &wanted.columns {
        let table = snapshot.table(name)?;
        // In the order of the table, as the server keeps them.
        let columns = table.heading.all().iter().filter(|attribute| columns.contains(&attribute.name));
        members.entry(table.name.clone()).or_default().columns =
            columns.map(|attribute| attribute.name.clone()).collect();
    }
    if snapshot.scope.table.is_some() {
        members.retain(|table, _| is_ours(snapshot, table));
    }
    Ok(members)
}

/// True when a member is as it is wanted.
fn is_same(wanted: &Member, found: &Member, table: &TableName, noted: &Noted) -> bool {
    let rows = match (&wanted.rows, &found.rows) {
        (None, None) => true,
        (Some(wanted), Some(found)) => {
            noted.get(&table.to_string()).is_some_and(|(written, kept)| written == wanted && kept == found)
        }
        _ => false,
    };
    rows && wanted.columns == found.columns
}

fn member_text(name: &TableName, member: &Member) -> String {
    let columns =
        if member.columns.is_empty() { String::new() } else { format!(" ({})", member.columns.join(", ")) };
    let rows = member.rows.as_ref().map(|rows| format!(" where {rows}")).unwrap_or_default();
    format!("{name}{columns}{rows}")
}

fn clause(snapshot: &Snapshot, table: &TableName, member: &Member) -> String {
    let columns: Vec<String> = member.columns.iter().map(|column| snapshot.quote(column)).collect();
    let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
    let rows = member.rows.as_ref().map(|rows| format!(" WHERE ({rows})")).unwrap_or_default();
    format!("{}{columns}{rows}", snapshot.reference(table))
}

/// Slots are reported and never made: one that nobody reads fills the disk.
pub(crate) async fn report_slots(snapshot: &mut Snapshot) -> Result<()> {
    let sql = "SELECT slot_name::text, active, coalesce(wal_status, ''), \
               coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), restart_lsn), 0)::bigint \
               FROM pg_replication_slots WHERE database = pg_catalog.current_database()";
    for row in snapshot.rows(sql, Vec::new()).await? {
        let (slot, status, behind) = (row.text(0), row.text(2), row.number(3));
        if status == "lost" || status == "unreserved" {
            snapshot.findings.push(Finding::error(
                FindingCode::SlotLost,
                format!("the replication slot {slot} is {status}: its reader has missed changes"),
                format!("drop it (SELECT pg_drop_replication_slot('{slot}')) and copy the subscriber anew"),
            ));
        } else if !row.truth(1) {
            let kept = datajoint_guard::bytes_text(u64::try_from(behind).unwrap_or_default());
            snapshot.findings.push(Finding::warning(
                FindingCode::SlotInactive,
                format!(
                    "nobody reads the replication slot {slot}; the server keeps {kept} of its log for it"
                ),
                "start its reader, or drop it; max_slot_wal_keep_size bounds what is kept",
            ));
        }
    }
    Ok(())
}
