//! Tables and schemas away.

use std::fmt;
use std::sync::Arc;

use datajoint_adapters::Exclusive;
use datajoint_guard::{Action, Confirmation, Plan, Verb};
use datajoint_schema::{Graph, Table, TableName};
use datajoint_sql::{Access, CarryingKey, Condition, Statement, Value};
use futures_util::future::BoxFuture;

use super::expected::{Detail, weighed};
use super::{Dropped, PartIntegrity};
use crate::activation::LOCK_TIMEOUT;
use crate::audit::{AuditEntry, Change};
use crate::error::Carried;
use crate::executor::{Held, Place, carried};
use crate::typed::TableSpec;
use crate::{AuditVerb, Doing, Error, Instance, Result, Target};

/// What is to be dropped.
pub(crate) enum What {
    Typed(&'static TableSpec),
    Table(TableName),
    /// All tables of these schemas, and the schemas themselves.
    Schemas(Vec<String>),
    /// The same of all schemas whose names begin so.
    Prefix(String),
}

/// Tables that are to be dropped: await it.
///
/// With `safemode` on, what would go is shown, and somebody at the terminal is asked. Where there is nobody, it fails
/// with the plan, unless it was [`confirmed`](Self::confirmed).
///
/// # Cancel safety
///
/// Dropped before its end, it leaves no lock. Tables that were dropped are gone on MySQL and MariaDB, and the same call drops
/// the rest; the other backends drop all of them or none.
#[must_use = "nothing is dropped before it is awaited"]
pub struct Dropping {
    instance: Instance,
    what: What,
    part_integrity: PartIntegrity,
    confirmation: Confirmation,
}

impl Dropping {
    pub(crate) fn new(instance: &Instance, what: What) -> Self {
        Self {
            instance: instance.clone(),
            what,
            part_integrity: PartIntegrity::default(),
            confirmation: Confirmation::default(),
        }
    }

    /// What happens to parts whose master stays.
    pub fn part_integrity(mut self, part_integrity: PartIntegrity) -> Self {
        self.part_integrity = part_integrity;
        self
    }

    /// Asks nobody: whatever goes may go. The limits of the settings hold all the same.
    pub fn confirmed(mut self) -> Self {
        self.confirmation = Confirmation::Given;
        self
    }

    /// Asks nobody if what goes is the plan of this [hash](Plan::hash), and fails if it is another.
    pub fn confirmed_plan(mut self, hash: impl Into<String>) -> Self {
        self.confirmation = Confirmation::Plan(hash.into());
        self
    }

    /// What would go. Nothing is dropped.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub fn plan(self) -> BoxFuture<'static, Result<Plan>> {
        Box::pin(async move { look(&self.instance, &self.prepare().await?, Detail::Digest).await })
    }

    async fn prepare(&self) -> Result<Prepared> {
        let instance = &self.instance;
        let prepared = match &self.what {
            What::Typed(spec) => {
                tables(instance, &instance.resolve(spec)?.name.clone(), self.part_integrity).await
            }
            What::Table(name) => tables(instance, name, self.part_integrity).await,
            What::Schemas(schemas) => whole_schemas(instance, instance.known_schemas(schemas).await?).await,
            What::Prefix(prefix) if prefix.is_empty() => Err(Error::EmptyPrefix),
            What::Prefix(prefix) => {
                let mut schemas = instance.list_schemas().await?;
                schemas.retain(|schema| schema.starts_with(prefix));
                whole_schemas(instance, schemas).await
            }
        }?;
        instance.check_may_change(Action::Drop, &prepared.schemas).await?;
        Ok(prepared)
    }

    async fn run(self) -> Result<Dropped> {
        let name = match &self.what {
            What::Typed(spec) => self.instance.resolve(spec).ok().map(|table| table.name.clone()),
            What::Table(name) => Some(name.clone()),
            What::Schemas(_) | What::Prefix(_) => None,
        };
        let outcome = self.carry_out().await;
        outcome.map_err(|error| match &name {
            Some(name) => error.of(Doing::Dropping, name),
            None => error,
        })
    }

    async fn carry_out(self) -> Result<Dropped> {
        let prepared = self.prepare().await?;
        let mut expected = None;
        if self.instance.policy().needs_plan(&self.confirmation) {
            let detail = match self.confirmation {
                Confirmation::Given => Detail::Amount,
                _ => Detail::Digest,
            };
            let plan = look(&self.instance, &prepared, detail).await?;
            let plan = self.instance.confirm(plan, self.confirmation.clone()).await?;
            // Somebody may have taken a while to answer.
            expected = Some((plan, detail));
        }
        if !prepared.dropped.is_empty() || !prepared.schemas.is_empty() {
            let outcome = async {
                Target::from(&self.instance).prepare_audit(&prepared.audited()).await?;
                let to_change = prepared.schemas.iter().cloned().collect();
                let mut connection = self.instance.database().change(&to_change, LOCK_TIMEOUT).await?;
                let outcome = carry_out(&self.instance, &mut connection, &prepared, expected).await;
                connection.end(outcome).await
            };
            outcome.await.map_err(|error: Error| {
                let tables = if prepared.whole.is_empty() { prepared.dropped.as_slice() } else { &[] };
                error.unsettled(Doing::Dropping, tables, &prepared.whole)
            })?;
        }
        self.instance.forget(&prepared.dropped);
        Ok(prepared.dropped)
    }
}

impl IntoFuture for Dropping {
    type Output = Result<Dropped>;
    type IntoFuture = BoxFuture<'static, Result<Dropped>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Dropping {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Typed(spec) => write!(formatter, "Dropping({}.{})", spec.schema, spec.class_name),
            What::Table(name) => write!(formatter, "Dropping({name})"),
            What::Schemas(schemas) => write!(formatter, "Dropping({})", schemas.join(", ")),
            What::Prefix(prefix) => write!(formatter, "Dropping({prefix}*)"),
        }
    }
}

/// What a drop takes, before it does.
struct Prepared {
    /// The tables that users see, children first.
    tables: Vec<Arc<Table>>,
    /// The schemas that change.
    schemas: Vec<String>,
    /// What drops the tables.
    statements: Vec<Statement>,
    /// What drops the schemas then.
    of_schemas: Vec<Statement>,
    /// The schemas that go themselves.
    whole: Vec<String>,
    /// The tables that are read once more, and in which these statements write.
    locked: Vec<TableName>,
    /// Every table that goes, children first.
    dropped: Vec<TableName>,
}

impl Prepared {
    /// The schemas that stay, with what was noted of them: the audit of a schema goes with it.
    fn audited(&self) -> Vec<String> {
        self.schemas.iter().filter(|schema| !self.whole.contains(schema)).cloned().collect()
    }

    /// What is noted of each table that goes, if its schema stays; of its rows as many as were counted.
    fn notes(&self, expected: Option<&(Plan, Detail)>) -> Vec<AuditEntry> {
        let hash = expected.filter(|(_, detail)| *detail != Detail::Amount).map(|(plan, _)| plan.hash());
        let rows = |name: &str| {
            let going = expected.and_then(|(plan, _)| plan.tables.iter().find(|going| going.table == name));
            going.map(|going| going.rows)
        };
        let stay = self.tables.iter().filter(|table| !self.whole.contains(&table.name.schema));
        stay.map(|table| {
            let entry = AuditEntry::of_table(AuditVerb::Drop, &table.name);
            entry.rows(rows(&table.name.to_string())).plan(hash.clone())
        })
        .collect()
    }
}

/// What would go.
async fn look(instance: &Instance, prepared: &Prepared, detail: Detail) -> Result<Plan> {
    let mut held = Held::new(Target::from(instance));
    held.begin_with(Access::Read).await?;
    let plan = look_on(&mut held.target(), prepared, detail).await?;
    held.roll_back().await?;
    Ok(plan)
}

async fn look_on(on: &mut Target<'_>, prepared: &Prepared, detail: Detail) -> Result<Plan> {
    let mut going = Vec::new();
    for table in &prepared.tables {
        going.push(weighed(on, table, &Condition::Constant(true), detail).await?.0);
    }
    let statements = prepared.statements.iter().chain(&prepared.of_schemas).map(Statement::canonical);
    let plan = Plan::new(Verb::Drop, on.instance().place(), going).with_schemas(prepared.whole.clone());
    Ok(plan.of(None, statements))
}

/// Drops what is to go, and notes it; where the drop of a table can't be undone, also before it begins.
async fn carry_out(
    instance: &Instance,
    connection: &mut Exclusive,
    prepared: &Prepared,
    expected: Option<(Plan, Detail)>,
) -> Result<()> {
    let notes = prepared.notes(expected.as_ref());
    let change = Change::begin(instance, connection, notes).await?;
    let outcome = drop_all(instance, connection, prepared, expected).await;
    change.end(instance, connection, outcome).await
}

/// Drops what is to go, by a client that nobody else changes these schemas beside; what was confirmed only if it is
/// still that, from a look on with which nobody writes.
async fn drop_all(
    instance: &Instance,
    connection: &mut Exclusive,
    prepared: &Prepared,
    expected: Option<(Plan, Detail)>,
) -> Result<()> {
    let mut on = Target(Place::Exclusive(instance, connection));
    on.check_stamps(Action::Drop, prepared.schemas.iter().map(String::as_str)).await?;
    // An embedded database deletes the rows first, and others with them.
    if let Some(first) = prepared.dropped.last() {
        let keys = on.carrying_deletes(&prepared.dropped).await?;
        let goes = |key: &&CarryingKey| prepared.dropped.iter().any(|name| name.to_string() == key.child);
        carried::check(first, Carried::Drop, keys.iter().filter(|key| !goes(key)))?;
    }
    let Some((plan, detail)) = expected else {
        change(connection, &prepared.statements).await?;
        return drop_whole(instance, connection, prepared).await;
    };
    let backend = instance.backend();
    connection.script(&datajoint_sql::lock_tables(backend, &prepared.locked)).await?;
    let outcome = async {
        let mut on = Target(Place::Exclusive(instance, connection));
        if look_on(&mut on, prepared, detail).await? != plan {
            return Err(Error::ChangedMeanwhile { verb: "dropped" });
        }
        change(connection, &prepared.statements).await
    };
    let outcome = outcome.await;
    // No schema can be dropped below locks of its tables, which are gone by now.
    let unlocked = if outcome.is_ok() || backend.capability().has_session_table_locks {
        connection.script(&datajoint_sql::unlock_tables(backend)).await
    } else {
        Ok(())
    };
    // What failed first says more than what failed because of it.
    outcome?;
    unlocked?;
    drop_whole(instance, connection, prepared).await
}

/// Drops schemas whose tables are gone.
async fn drop_whole(instance: &Instance, connection: &mut Exclusive, prepared: &Prepared) -> Result<()> {
    // A server that does not refuse by itself is asked once more: somebody may have made a view.
    check_strangers(&mut Target(Place::Exclusive(instance, connection)), &prepared.whole).await?;
    change(connection, &prepared.of_schemas).await
}

/// Runs statements, each only while nobody else changes these schemas.
async fn change(connection: &mut Exclusive, statements: &[Statement]) -> Result<()> {
    for statement in statements {
        connection.check().await?;
        connection.script(std::slice::from_ref(statement)).await?;
    }
    Ok(())
}

/// Fails for schemas that hold what no plan shows.
async fn check_strangers(on: &mut Target<'_>, schemas: &[String]) -> Result<()> {
    for schema in schemas {
        let Some(statement) = datajoint_sql::strangers(on.backend(), schema) else { continue };
        let mut objects = Vec::new();
        for row in on.look_up(&statement).await? {
            if let [Value::Text(kind), Value::Text(name)] = row.as_slice() {
                objects.push(format!("{kind} {name}"));
            }
        }
        if !objects.is_empty() {
            return Err(Error::SchemaHoldsMore { schema: schema.clone(), objects });
        }
    }
    Ok(())
}

/// A table with what depends on it.
async fn tables(instance: &Instance, name: &TableName, part_integrity: PartIntegrity) -> Result<Prepared> {
    let graph = Target::from(instance).dependents(name).await?;
    let mut tables: Vec<Arc<Table>> = graph.descendants(name)?.into_iter().cloned().collect();
    tables.extend(graph.get(name).cloned());
    if part_integrity == PartIntegrity::Cascade {
        with_masters(&graph, &mut tables)?;
    } else if part_integrity == PartIntegrity::Enforce {
        for part in &tables {
            if let Some(master) = part.master.as_ref().filter(|master| stays(&tables, master)) {
                return Err(Error::PartWithoutMaster {
                    part: part.name.clone(),
                    master: master.clone(),
                    verb: "be dropped",
                });
            }
        }
    }
    let in_order: Vec<Arc<Table>> =
        graph.tables().rev().filter(|table| is_among(&tables, &table.name)).cloned().collect();
    with_jobs(instance, in_order).await
}

/// Adds the masters of parts, and what depends on them.
fn with_masters(graph: &Graph, tables: &mut Vec<Arc<Table>>) -> Result<()> {
    while let Some(master) =
        tables.iter().filter_map(|part| part.master.clone()).find(|master| stays(tables, master))
    {
        let below = graph.descendants(&master)?.into_iter().chain(graph.get(&master)).cloned();
        for table in below.collect::<Vec<_>>() {
            if !is_among(tables, &table.name) {
                tables.push(table);
            }
        }
    }
    Ok(())
}

fn is_among(tables: &[Arc<Table>], name: &TableName) -> bool {
    tables.iter().any(|table| table.name == *name)
}

fn stays(tables: &[Arc<Table>], name: &TableName) -> bool {
    !is_among(tables, name)
}

/// Tables, children first, each with its jobs.
async fn with_jobs(instance: &Instance, tables: Vec<Arc<Table>>) -> Result<Prepared> {
    let backend = instance.backend();
    let mut schemas: Vec<String> = tables.iter().map(|table| table.name.schema.clone()).collect();
    schemas.sort();
    schemas.dedup();
    let hidden = Target::from(instance).hidden_tables(&schemas).await?;
    let (mut statements, mut dropped) = (Vec::new(), Vec::new());
    let drop = |table: &Table| {
        // Schemas of older versions have none.
        let lineage = TableName::lineage(&table.name.schema);
        datajoint_sql::drop_table(backend, table, hidden.iter().any(|hidden| hidden.name == lineage))
    };
    for table in &tables {
        let fills_itself = table.tier.is_some_and(datajoint_definition::Tier::is_auto_populated);
        let queue = [table.name.jobs(), table.name.jobs().trials()];
        for jobs in hidden.iter().filter(|hidden| fills_itself && queue.contains(&hidden.name)) {
            statements.extend(drop(jobs));
            dropped.push(jobs.name.clone());
        }
        statements.extend(drop(table));
        dropped.push(table.name.clone());
    }
    let lineage =
        hidden.iter().map(|table| &table.name).filter(|name| **name == TableName::lineage(&name.schema));
    let locked = dropped.iter().chain(lineage).cloned().collect();
    Ok(Prepared { tables, schemas, statements, of_schemas: Vec::new(), whole: Vec::new(), locked, dropped })
}

/// Schemas with all their tables.
async fn whole_schemas(instance: &Instance, schemas: Vec<String>) -> Result<Prepared> {
    let mut on = Target::from(instance);
    let graph = on.dependents_of(schemas.clone()).await?;
    let inside = |name: &TableName| schemas.contains(&name.schema);
    let users: Vec<TableName> = graph
        .edges()
        .filter(|edge| inside(&edge.parent) && !inside(&edge.child))
        .map(|edge| edge.child.clone())
        .collect();
    if !users.is_empty() {
        return Err(Error::SchemaInUse { schema: schemas.join("`, `"), tables: users });
    }
    check_strangers(&mut on, &schemas).await?;
    let tables: Vec<Arc<Table>> = graph.tables().rev().filter(|table| inside(&table.name)).cloned().collect();
    let hidden = on.hidden_tables(&schemas).await?;
    let mut dropped: Vec<TableName> = hidden.iter().map(|table| table.name.clone()).collect();
    dropped.extend(tables.iter().map(|table| table.name.clone()));
    let of =
        |schema: &String| dropped.iter().filter(|name| name.schema == *schema).cloned().collect::<Vec<_>>();
    // Where a schema is a database of its own, its tables may refer to those of another one that goes too. The rows in
    // `~lineage` go with their schemas.
    let drop = |table: &Arc<Table>| datajoint_sql::drop_table(instance.backend(), table, false);
    let statements = tables.iter().flat_map(drop).collect();
    let mut of_schemas: Vec<Statement> = Vec::new();
    for schema in &schemas {
        of_schemas.extend(datajoint_sql::drop_schema(instance.backend(), schema, &of(schema)));
    }
    // Those that are no queue and no lineage may be somebody's.
    let is_own =
        |table: &&Table| !table.name.is_jobs() && table.name != TableName::lineage(&table.name.schema);
    let others: Vec<Arc<Table>> = hidden.iter().filter(is_own).cloned().map(Arc::new).collect();
    let tables: Vec<Arc<Table>> = others.into_iter().chain(tables).collect();
    let locked = tables.iter().map(|table| table.name.clone()).collect();
    Ok(Prepared { tables, whole: schemas.clone(), schemas, statements, of_schemas, locked, dropped })
}
