//! Tables that users don't see.

use std::collections::BTreeSet;
use std::sync::Arc;

use datajoint_adapters::{Connection, Exclusive};
use datajoint_schema::{Table, TableName};
use datajoint_sql::{CatalogRows, Condition, Expression, Part, catalog_queries, read_hidden_tables};

use crate::activation::{LOCK_TIMEOUT, Tries};
use crate::{Doing, Error, Instance, Relation, Result, Target};

impl Instance {
    /// Returns the tables of a schema that users don't see, such as the queues of jobs.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn hidden_tables(&self, schema: &str) -> Result<Vec<Table>> {
        Target::from(self).hidden_tables(&[schema.to_owned()]).await
    }

    /// Declares tables of one schema that users don't see, unless they are there.
    ///
    /// Fails when the settings forbid to declare what is missing.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no lock. Tables that were declared stay on MySQL and MariaDB, and the next call declares
    /// the rest; the other backends declare all of them or none.
    pub async fn declare_hidden(&self, tables: &[Arc<Table>]) -> Result<()> {
        let Some(schema) = tables.first().map(|table| table.name.schema.clone()) else { return Ok(()) };
        let missing = missing_in(tables, &self.hidden_tables(&schema).await?);
        if missing.is_empty() {
            return Ok(());
        }
        let names: Vec<TableName> = missing.iter().map(|table| table.name.clone()).collect();
        self.check_may_declare(&names).await?;
        let mut tries = Tries::default();
        loop {
            let outcome = self.declare_missing(&schema, &missing).await;
            if !tries.again(outcome.as_ref().err()).await {
                return outcome;
            }
        }
    }

    pub(crate) async fn declare_missing(&self, schema: &str, tables: &[Arc<Table>]) -> Result<()> {
        let outcome = async {
            let schemas: BTreeSet<String> = [schema.to_owned()].into();
            let mut connection = self.database().change(&schemas, LOCK_TIMEOUT).await?;
            let result = declare_on(&mut connection, schema, tables).await;
            connection.end(result).await
        };
        outcome.await.map_err(|error: Error| {
            let names: Vec<TableName> = tables.iter().map(|table| table.name.clone()).collect();
            error.unsettled(Doing::Declaring, &names, &[])
        })
    }

    /// Returns a query as a tree with its tables known, for statements of one's own.
    ///
    /// Tables that weren't used before are activated.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no lock. Tables that were declared stay on MySQL and MariaDB, and the next call declares
    /// the rest; the other backends declare all of them or none.
    #[doc(hidden)]
    pub async fn expression_of(&self, rows: &(impl Relation + ?Sized)) -> Result<Expression> {
        let query = rows.query();
        Ok(query.lower(&mut Target::from(self)).await?.expression)
    }
}

impl Instance {
    /// Returns the condition that a query on one table puts on its rows, for statements of one's own.
    ///
    /// # Cancel safety
    ///
    /// As [`expression_of`](Self::expression_of).
    #[doc(hidden)]
    pub async fn condition_of(&self, rows: &(impl Relation + ?Sized)) -> Result<Condition> {
        Ok(flat(self.expression_of(rows).await?))
    }
}

/// The condition of a query on one table.
fn flat(expression: Expression) -> Condition {
    match expression {
        Expression::Restrict { from, condition } => Condition::All(vec![flat(from.into_inner()), condition]),
        Expression::Table(_) => Condition::All(Vec::new()),
        other => Condition::MatchesByName(Part::new(other)),
    }
}

async fn declare_on(connection: &mut Exclusive, schema: &str, tables: &[Arc<Table>]) -> Result<()> {
    let backend = connection.backend();
    // Another process may have been here before the lock was ours.
    let missing = missing_in(tables, &hidden_on(connection, schema).await?);
    for table in missing {
        connection.check().await?;
        connection.script(&datajoint_sql::create_lineage_table(backend, schema)).await?;
        let creation = datajoint_sql::create_table(backend, &table)?;
        crate::activation::create(connection, &table, &creation).await?;
        tracing::info!(table = %table.name, "declared");
    }
    Ok(())
}

async fn hidden_on(connection: &mut Connection, schema: &str) -> Result<Vec<Table>> {
    let backend = connection.backend();
    let mut rows = CatalogRows::default();
    for query in catalog_queries(backend, &[schema.to_owned()]) {
        rows.insert(query.name, connection.fetch(&query.statement).await?);
    }
    Ok(read_hidden_tables(backend, &rows)?)
}

fn missing_in(tables: &[Arc<Table>], found: &[Table]) -> Vec<Arc<Table>> {
    tables.iter().filter(|table| !found.iter().any(|found| found.name == table.name)).cloned().collect()
}
