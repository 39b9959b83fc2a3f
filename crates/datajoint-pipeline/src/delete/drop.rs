//! Tables and schemas away.

use std::fmt;
use std::sync::Arc;

use datajoint_guard::{Confirmation, Plan, Verb};
use datajoint_schema::{Graph, Table, TableName};
use datajoint_sql::{Condition, Statement};
use futures_util::future::BoxFuture;

use super::{Dropped, PartIntegrity};
use crate::typed::TableSpec;
use crate::{Error, Instance, Result, Target};

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
    pub fn plan(self) -> BoxFuture<'static, Result<Plan>> {
        Box::pin(async move { look(&self.instance, &self.prepare().await?).await })
    }

    async fn prepare(&self) -> Result<Prepared> {
        let instance = &self.instance;
        let prepared = match &self.what {
            What::Typed(spec) => {
                tables(instance, &instance.resolve(spec)?.name.clone(), self.part_integrity).await
            }
            What::Table(name) => tables(instance, name, self.part_integrity).await,
            What::Schemas(schemas) => whole_schemas(instance, schemas).await,
            What::Prefix(prefix) => {
                let mut schemas = instance.list_schemas().await?;
                schemas.retain(|schema| schema.starts_with(prefix));
                whole_schemas(instance, &schemas).await
            }
        }?;
        instance.check_environment("drop", prepared.schemas.iter().map(String::as_str))?;
        Ok(prepared)
    }

    async fn run(self) -> Result<Dropped> {
        let prepared = self.prepare().await?;
        if self.instance.policy().needs_plan(&self.confirmation) {
            let plan = look(&self.instance, &prepared).await?;
            let plan = self.instance.confirm(plan, self.confirmation.clone()).await?;
            // Somebody may have taken a while to answer.
            if look(&self.instance, &prepared).await? != plan {
                return Err(Error::ChangedMeanwhile { verb: "dropped" });
            }
        }
        let Prepared { schemas, statements, dropped, .. } = prepared;
        if !statements.is_empty() {
            self.instance.change_schemas(&schemas, statements).await?;
        }
        self.instance.forget(&dropped);
        Ok(dropped)
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
    statements: Vec<Statement>,
    /// Every table that goes, children first.
    dropped: Vec<TableName>,
}

/// What would go.
async fn look(instance: &Instance, prepared: &Prepared) -> Result<Plan> {
    let mut on = Target::from(instance);
    let mut going = Vec::new();
    for table in &prepared.tables {
        going.push(on.weigh(table, &Condition::Constant(true)).await?);
    }
    Ok(Plan::new(Verb::Drop, instance.place(), going))
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
    for table in &tables {
        let jobs =
            TableName::new(&table.name.schema, datajoint_definition::jobs_table_name(&table.name.table));
        let fills_itself = table.tier.is_some_and(datajoint_definition::Tier::is_auto_populated);
        if let Some(jobs) = hidden.iter().find(|hidden| fills_itself && hidden.name == jobs) {
            statements.extend(datajoint_sql::drop_table(backend, jobs));
            dropped.push(jobs.name.clone());
        }
        statements.extend(datajoint_sql::drop_table(backend, table));
        dropped.push(table.name.clone());
    }
    Ok(Prepared { tables, schemas, statements, dropped })
}

/// Schemas with all their tables.
async fn whole_schemas(instance: &Instance, schemas: &[String]) -> Result<Prepared> {
    let mut on = Target::from(instance);
    let known = on.schemas().await?;
    let schemas: Vec<String> = schemas.iter().filter(|schema| known.contains(schema)).cloned().collect();
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
    let tables: Vec<Arc<Table>> = graph.tables().rev().filter(|table| inside(&table.name)).cloned().collect();
    let hidden = on.hidden_tables(&schemas).await?;
    let mut dropped: Vec<TableName> = hidden.into_iter().map(|table| table.name).collect();
    dropped.extend(tables.iter().map(|table| table.name.clone()));
    let of =
        |schema: &String| dropped.iter().filter(|name| name.schema == *schema).cloned().collect::<Vec<_>>();
    // Where a schema is a database of its own, its tables may refer to those of another one that goes too.
    let mut statements: Vec<Statement> = Vec::new();
    if schemas.len() > 1 {
        statements
            .extend(tables.iter().flat_map(|table| datajoint_sql::drop_table(instance.backend(), table)));
    }
    for schema in &schemas {
        statements.extend(datajoint_sql::drop_schema(instance.backend(), schema, &of(schema)));
    }
    Ok(Prepared { tables, schemas, statements, dropped })
}
