//! Declaring what is missing, one process at a time.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use datajoint_adapters::{Connection, Kind, Lock};
use datajoint_guard::{ENVIRONMENT_TABLE, Stamp};
use datajoint_schema::{Heading, Table, TableName, difference};
use datajoint_sql::{Access, ReplicaIdentity, Statement};
use futures_util::future::BoxFuture;

use super::Activation;
use super::closure::closure;
use crate::typed::{Pipeline, TableSpec};
use crate::{Error, Instance, Result, Target};

/// How long to wait for another process that declares.
const LOCK_TIMEOUT: Duration = Duration::from_mins(1);

/// How often to try when the database ends a declaration in favour of another session.
const TRIES: usize = 5;

impl Instance {
    /// Makes the tables of a pipeline ready for use: declares those that are missing, parents first, and fills
    /// lookup tables with their contents.
    ///
    /// When nothing is missing, the database is only read. Tables that are not as their definitions say are
    /// reported and used as they are. Any number of processes may activate the same tables at the same time.
    /// Fails when the settings forbid to declare what is missing, and when another process holds the schemas
    /// for more than a minute.
    pub async fn activate<P: Pipeline>(&self) -> Result<Activation> {
        self.activate_specs(&P::specs()).await
    }

    /// Makes these tables ready for use, with all that they refer to; see [`activate`](Self::activate).
    pub fn activate_specs<'a>(
        &'a self,
        specs: &'a [&'static TableSpec],
    ) -> BoxFuture<'a, Result<Activation>> {
        Box::pin(self.meet(specs))
    }

    async fn meet(&self, specs: &[&'static TableSpec]) -> Result<Activation> {
        let _one = self.activation_lock().lock().await;
        let specs = closure(specs);
        let tables: Vec<Arc<Table>> = specs.iter().map(|spec| self.resolve(spec)).collect::<Result<_>>()?;
        let schemas = schemas_of(tables.iter());
        let mut on = Target::from(self);
        let mut found = by_name(on.catalog(&schemas).await?);
        let mut activation = Activation::default();
        let missing: Vec<Arc<Table>> =
            tables.iter().filter(|table| !found.contains_key(&table.name)).cloned().collect();
        if !missing.is_empty() {
            let names: Vec<TableName> = missing.iter().map(|table| table.name.clone()).collect();
            self.check_may_declare(&names)?;
            (activation.declared, found) = self.declare(&missing, &schemas).await?;
        }
        for (spec, table) in specs.iter().zip(&tables) {
            let Some(found) = found.get(&table.name) else {
                self.set_active(spec, Arc::clone(table));
                continue;
            };
            let differences = difference(table, found);
            let table = with_hidden_of(table, found);
            for difference in &differences {
                tracing::warn!(table = %table.name, "differs from its definition: {difference}");
            }
            if !differences.is_empty() {
                activation.different.push((table.name.clone(), differences));
            }
            self.set_active(spec, Arc::new(table));
        }
        for spec in &specs {
            activation.filled.extend(self.fill(spec).await?);
        }
        Ok(activation)
    }

    /// Declares those of these tables that are missing still, parents first.
    ///
    /// Gives the tables that were declared, and what was there before.
    pub(crate) async fn declare(
        &self,
        tables: &[Arc<Table>],
        schemas: &[String],
    ) -> Result<(Vec<TableName>, HashMap<TableName, Table>)> {
        let mut tries = 1;
        loop {
            match self.declare_once(tables, schemas).await {
                Err(Error::Adapter(error)) if tries < TRIES && is_worth_another_try(&error) => {
                    tracing::debug!(%error, "declaring again");
                    tries += 1;
                    tokio::time::sleep(Duration::from_millis(20 * tries as u64)).await;
                }
                result => return result,
            }
        }
    }

    async fn declare_once(
        &self,
        tables: &[Arc<Table>],
        schemas: &[String],
    ) -> Result<(Vec<TableName>, HashMap<TableName, Table>)> {
        let locks = self.lock_schemas(&schemas_of(tables.iter())).await?;
        let result = if self.backend().is_mysql_family() {
            // Each statement that declares ends a transaction there.
            let mut connection = self.database().acquire().await?;
            declare_on(&mut connection, tables, schemas).await
        } else {
            let mut transaction = self.database().begin(Access::Write).await?;
            let result = declare_on(&mut transaction, tables, schemas).await;
            match &result {
                Ok(_) => transaction.commit().await?,
                Err(_) => transaction.rollback().await?,
            }
            result
        };
        release(locks).await?;
        result
    }

    /// Runs statements that change tables of schemas, while no other process changes them.
    pub(crate) async fn change_schemas(&self, schemas: &[String], statements: Vec<Statement>) -> Result<()> {
        let locks = self.lock_schemas(schemas).await?;
        let result = if self.backend().is_mysql_family() {
            self.database().acquire().await?.script(&statements).await
        } else {
            let mut transaction = self.database().begin(Access::Write).await?;
            match transaction.script(&statements).await {
                Ok(()) => transaction.commit().await,
                Err(error) => {
                    transaction.rollback().await?;
                    Err(error)
                }
            }
        };
        release(locks).await?;
        Ok(result?)
    }

    /// Locks schemas in the order of their names, so that two processes never wait for each other.
    async fn lock_schemas(&self, schemas: &[String]) -> Result<Vec<Lock>> {
        let mut locks = Vec::new();
        for schema in schemas.iter().collect::<BTreeSet<_>>() {
            let name = format!("datajoint schema {schema}");
            locks.push(self.database().lock(&name, LOCK_TIMEOUT).await?);
        }
        Ok(locks)
    }
}

async fn release(locks: Vec<Lock>) -> Result<()> {
    for lock in locks.into_iter().rev() {
        lock.release().await?;
    }
    Ok(())
}

async fn declare_on(
    connection: &mut Connection,
    tables: &[Arc<Table>],
    schemas: &[String],
) -> Result<(Vec<TableName>, HashMap<TableName, Table>)> {
    let backend = connection.backend();
    // Another process may have been here before the lock was ours.
    let catalog = connection.catalog(schemas, ENVIRONMENT_TABLE).await?;
    let identities = identities(&catalog.stamps)?;
    let found = by_name(catalog.tables);
    let missing: Vec<&Arc<Table>> = tables.iter().filter(|table| !found.contains_key(&table.name)).collect();
    for schema in schemas_of(missing.iter().copied()) {
        if connection.fetch(&datajoint_sql::schema_exists(backend, &schema)).await?.is_empty() {
            connection.script(&datajoint_sql::create_schema(backend, &schema)).await?;
        }
        connection.script(&datajoint_sql::create_lineage_table(backend, &schema)).await?;
    }
    let mut declared = Vec::new();
    for table in missing {
        // Where these can't be undone together, lineage without a table does no harm; the opposite would.
        connection.script(&datajoint_sql::replace_lineage(backend, table)).await?;
        connection.script(&datajoint_sql::create_table(backend, table)?).await?;
        if let Some(mode) = identities.get(&table.name.schema) {
            connection.script(&[datajoint_sql::replica_identity(&table.name, *mode)]).await?;
        }
        tracing::info!(table = %table.name, "declared");
        declared.push(table.name.clone());
    }
    Ok((declared, found))
}

/// What the schemas say of the replica identity of their new tables.
fn identities(stamps: &[(String, String)]) -> Result<HashMap<String, ReplicaIdentity<'static>>> {
    let mut modes = HashMap::new();
    for (schema, comment) in stamps {
        let mode = Stamp::from_comment(schema, comment)?.replica_identity;
        if let Some(mode) = mode.as_deref().and_then(ReplicaIdentity::parse) {
            modes.insert(schema.clone(), mode);
        }
    }
    Ok(modes)
}

/// True when another session, which takes no lock of ours, was faster or in the way.
fn is_worth_another_try(error: &datajoint_adapters::Error) -> bool {
    matches!(error.kind(), Some(Kind::Deadlock | Kind::Serialization))
        || error.kind() == Some(Kind::AlreadyExists)
        || error.to_string().contains("concurrently updated")
}

/// A declared table with the hidden columns that it has in the database.
pub(crate) fn with_hidden_of(declared: &Table, found: &Table) -> Table {
    let is_shown = |name: &str| !name.starts_with('_');
    let mut attributes: Vec<_> = declared
        .heading
        .all()
        .iter()
        .filter(|attribute| is_shown(&attribute.name) || found.heading.get(&attribute.name).is_some())
        .cloned()
        .collect();
    let more = found.heading.all().iter().filter(|attribute| !is_shown(&attribute.name));
    let more: Vec<_> =
        more.filter(|attribute| declared.heading.get(&attribute.name).is_none()).cloned().collect();
    attributes.extend(more);
    Table { heading: Heading::new(attributes), ..declared.clone() }
}

pub(crate) fn schemas_of<'a>(tables: impl Iterator<Item = &'a Arc<Table>>) -> Vec<String> {
    let names: BTreeSet<&str> = tables.map(|table| table.name.schema.as_str()).collect();
    names.into_iter().map(str::to_owned).collect()
}

fn by_name(tables: Vec<Table>) -> HashMap<TableName, Table> {
    tables.into_iter().map(|table| (table.name.clone(), table)).collect()
}
