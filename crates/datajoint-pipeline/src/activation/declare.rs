//! Declaring what is missing, one process at a time.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use datajoint_adapters::{Backoff, Exclusive, Kind, RetryPolicy};
use datajoint_guard::{Action, ENVIRONMENT_TABLE, Stamp};
use datajoint_schema::{Table, TableName};
use datajoint_sql::{ReplicaIdentity, Scope, Statement, difference};
use futures_util::future::BoxFuture;

use super::Activation;
use super::closure::closure;
use super::found::with_found;
use crate::executor::texts;
use crate::instance::Lacking;
use crate::typed::{Pipeline, TableSpec};
use crate::{Doing, Error, Instance, Result, Target};

/// How long to wait for another process that declares.
pub(crate) const LOCK_TIMEOUT: Duration = Duration::from_mins(1);

impl Instance {
    /// Makes the tables of a pipeline ready for use: declares those that are missing, parents first, and fills
    /// lookup tables with their contents. With `guard.audit` on, it declares the tables in which changes are noted, too, as far as
    /// tables may be declared.
    ///
    /// When nothing is missing, the database is only read. Tables that are not as their definitions say are
    /// reported and used as they are. Any number of processes may activate the same tables at the same time.
    /// Fails when the settings forbid to declare what is missing, and when another process holds the schemas
    /// for more than a minute.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no lock. Tables that were declared stay on MySQL and MariaDB, and the next call declares
    /// the rest; the other backends declare all of them or none.
    pub async fn activate<P: Pipeline>(&self) -> Result<Activation> {
        self.activate_specs(&P::specs()).await
    }

    /// Makes these tables ready for use, with all that they refer to; see [`activate`](Self::activate).
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no lock. Tables that were declared stay on MySQL and MariaDB, and the next call declares
    /// the rest; the other backends declare all of them or none.
    pub fn activate_specs<'a>(
        &'a self,
        specs: &'a [&'static TableSpec],
    ) -> BoxFuture<'a, Result<Activation>> {
        Box::pin(self.meet(specs))
    }

    /// Makes the tables of a pipeline ready for use, of schemas of these versions, which are named as in `schema!`: does what
    /// [`activate`](Self::activate) does, and records the versions of schemas that have none.
    ///
    /// Fails, before anything is declared, for a schema of which another version is recorded; where the settings forbid to
    /// declare, also for one of which none is. Where a table is not as its definition says, no version is recorded.
    ///
    /// # Cancel safety
    ///
    /// As [`activate`](Self::activate); some of the versions may be recorded and others not: the next call records the rest.
    pub async fn activate_at<P: Pipeline>(&self, versions: &[(&str, &str)]) -> Result<Activation> {
        self.activate_specs_at(&P::specs(), versions).await
    }

    /// The same for these tables.
    ///
    /// # Cancel safety
    ///
    /// As [`activate_at`](Self::activate_at).
    pub async fn activate_specs_at(
        &self,
        specs: &[&'static TableSpec],
        versions: &[(&str, &str)],
    ) -> Result<Activation> {
        self.check_recorded_versions(versions).await?;
        let activation = self.activate_specs(specs).await?;
        if activation.different.is_empty() {
            self.record_first_versions(versions).await?;
            self.check_versions(versions).await?;
        }
        Ok(activation)
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
            self.check_may_declare(&names).await?;
            (activation.declared, found) = self.declare(&missing, (&schemas).into()).await?;
        }
        for ((spec, table), active) in specs.iter().zip(&tables).zip(with_found(&tables, &found)) {
            let Some(found) = found.get(&table.name) else {
                self.set_active(spec, active, None);
                continue;
            };
            let differences = difference(self.backend(), table, found);
            let lacks = Lacking::of(self, table, found, &differences);
            for difference in &differences {
                tracing::warn!(table = %table.name, "differs from its definition: {difference}");
            }
            if !differences.is_empty() {
                activation.different.push((table.name.clone(), differences));
            }
            self.set_active(spec, active, lacks);
        }
        for spec in &specs {
            self.fill(spec, &mut activation).await?;
        }
        self.activate_audit(&schemas).await;
        Ok(activation)
    }

    /// Declares those of these tables that are missing still, parents first.
    ///
    /// Gives the tables that were declared, and what of the scope, which has these tables, was there before.
    pub(crate) async fn declare(
        &self,
        tables: &[Arc<Table>],
        scope: Scope<'_>,
    ) -> Result<(Vec<TableName>, HashMap<TableName, Table>)> {
        let mut tries = Tries::default();
        loop {
            let outcome = self.declare_once(tables, scope).await;
            if !tries.again(outcome.as_ref().err()).await {
                return outcome;
            }
        }
    }

    async fn declare_once(
        &self,
        tables: &[Arc<Table>],
        scope: Scope<'_>,
    ) -> Result<(Vec<TableName>, HashMap<TableName, Table>)> {
        let outcome = async {
            let to_change = schemas_of(tables.iter()).into_iter().collect();
            let mut connection = self.database().change(&to_change, LOCK_TIMEOUT).await?;
            let result = declare_on(self, &mut connection, tables, scope).await;
            connection.end(result).await
        };
        outcome.await.map_err(|error: Error| {
            let names: Vec<TableName> = tables.iter().map(|table| table.name.clone()).collect();
            error.unsettled(Doing::Declaring, &names, &[])
        })
    }
}

async fn declare_on(
    instance: &Instance,
    connection: &mut Exclusive,
    tables: &[Arc<Table>],
    scope: Scope<'_>,
) -> Result<(Vec<TableName>, HashMap<TableName, Table>)> {
    let backend = connection.backend();
    // Another process may have been here before the lock was ours.
    let catalog = connection.catalog(scope, ENVIRONMENT_TABLE).await?;
    let identities = identities(&catalog.stamps)?;
    let found = by_name(catalog.tables);
    let missing: Vec<&Arc<Table>> = tables.iter().filter(|table| !found.contains_key(&table.name)).collect();
    // So may a stamp have come.
    for schema in schemas_of(missing.iter().copied()) {
        if let Some((_, comment)) = catalog.stamps.iter().find(|(stamped, _)| *stamped == schema) {
            let stamp = Stamp::from_comment(&schema, comment)?;
            instance.policy().check_environment(Action::Declare, [(&schema, &stamp)])?;
        }
    }
    let creating: Vec<Arc<Table>> =
        with_found(tables, &found).into_iter().filter(|table| !found.contains_key(&table.name)).collect();
    // What can't be declared is refused before anything is written.
    let creations: Vec<Vec<Statement>> =
        creating.iter().map(|table| datajoint_sql::create_table(backend, table)).collect::<Result<_, _>>()?;
    for schema in schemas_of(missing.iter().copied()) {
        if connection.fetch(&datajoint_sql::schema_exists(backend, &schema)).await?.is_empty() {
            check_case(connection, &schema).await?;
            connection.create_schema(&schema).await?;
        }
        connection.script(&datajoint_sql::create_lineage_table(backend, &schema)).await?;
    }
    let mut declared = Vec::new();
    for (table, creation) in missing.into_iter().zip(creations) {
        connection.check().await?;
        create(connection, table, &creation).await?;
        if let Some(mode) = identities.get(&table.name.schema) {
            connection.script(&[datajoint_sql::replica_identity(&table.name, *mode)]).await?;
        }
        tracing::info!(table = %table.name, "declared");
        declared.push(table.name.clone());
    }
    Ok((declared, found))
}

/// Creates a table, and writes its lineage.
pub(crate) async fn create(connection: &mut Exclusive, table: &Table, creation: &[Statement]) -> Result<()> {
    let backend = connection.backend();
    let refused =
        |error: datajoint_adapters::Error| Error::from(error.declaring()).of(Doing::Declaring, &table.name);
    // Where these can't be undone together, lineage without a table does no harm; the opposite would.
    connection.script(&datajoint_sql::replace_lineage(backend, table)).await.map_err(refused)?;
    let Err(error) = connection.script(creation).await else { return Ok(()) };
    // What goes with the transaction needs no more; and the lineage is that of a table which others made meanwhile.
    if !backend.capability().undoes_declarations && error.kind() != Some(Kind::AlreadyExists) {
        // Where this fails, too, the next declaration of the table writes it anew.
        let _ = connection.script(&datajoint_sql::delete_lineage(backend, &table.name)).await;
    }
    Err(refused(error))
}

/// Fails for a new schema that the database can't tell from one that is there: the tables of the two would be the same.
async fn check_case(connection: &mut Exclusive, schema: &str) -> Result<()> {
    let backend = connection.backend();
    if !backend.capability().folds_case_of_schemas {
        return Ok(());
    }
    let known = texts(connection.fetch(&datajoint_sql::list_schemas(backend)).await?);
    match known.into_iter().find(|known| known.eq_ignore_ascii_case(schema)) {
        Some(there) => Err(Error::OtherCase { schema: schema.to_owned(), there }),
        None => Ok(()),
    }
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

/// How often schemas were tried to be changed.
pub(crate) struct Tries(Backoff);

impl Default for Tries {
    fn default() -> Self {
        Self(RetryPolicy::DECLARE.start())
    }
}

impl Tries {
    /// True, after a pause, when another session, which takes no lock of ours, was faster or in the way. MariaDB may take a
    /// table that others are at for one that is gone.
    pub(crate) async fn again(&mut self, error: Option<&Error>) -> bool {
        let Some(error) = error else { return false };
        let is_worth = |error: &datajoint_adapters::Error| {
            error.is_rolled_back() || error.kind() == Some(Kind::AlreadyExists) || error.is_missing_table()
        };
        if !error.of_database().is_some_and(is_worth) {
            return false;
        }
        let is_due = self.0.again().await;
        tracing::debug!(%error, is_due, "changing schemas was refused");
        is_due
    }
}

pub(crate) fn schemas_of<'a>(tables: impl Iterator<Item = &'a Arc<Table>>) -> Vec<String> {
    let names: BTreeSet<&str> = tables.map(|table| table.name.schema.as_str()).collect();
    names.into_iter().map(str::to_owned).collect()
}

fn by_name(tables: Vec<Table>) -> HashMap<TableName, Table> {
    tables.into_iter().map(|table| (table.name.clone(), table)).collect()
}
