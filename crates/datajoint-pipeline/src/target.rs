//! Where statements are run: on the pool of an instance, or in a transaction.

use std::sync::Arc;

use datajoint_adapters::Connection;
use datajoint_definition::Backend;
use datajoint_guard::Going;
use datajoint_schema::Table;
use datajoint_sql::{Condition, Expression, Select, Statement, Value};
use futures_util::future::BoxFuture;

use crate::typed::TableSpec;
use crate::{Error, Instance, Result, Transaction};

mod catalog;
mod held;
mod insert;

pub(crate) use held::Held;

/// What queries and inserts run on: `&Instance` for the pool, `&mut Transaction` for a transaction.
#[derive(Debug)]
pub struct Target<'a>(pub(crate) Place<'a>);

#[derive(Debug)]
pub(crate) enum Place<'a> {
    Pool(&'a Instance),
    Transaction(&'a mut Transaction),
}

impl<'a> From<&'a Instance> for Target<'a> {
    fn from(instance: &'a Instance) -> Self {
        Self(Place::Pool(instance))
    }
}

impl<'a> From<&'a mut Transaction> for Target<'a> {
    fn from(transaction: &'a mut Transaction) -> Self {
        Self(Place::Transaction(transaction))
    }
}

/// What inserts, updates and deletes run on: `&Instance` for the pool, `&mut Transaction` for a transaction.
///
/// A [`ReadOnly`](crate::ReadOnly) client is none.
#[derive(Debug)]
pub struct WriteTarget<'a>(pub(crate) Target<'a>);

impl<'a> From<&'a Instance> for WriteTarget<'a> {
    fn from(instance: &'a Instance) -> Self {
        Self(instance.into())
    }
}

impl<'a> From<&'a mut Transaction> for WriteTarget<'a> {
    fn from(transaction: &'a mut Transaction) -> Self {
        Self(transaction.into())
    }
}

impl Instance {
    /// Activates tables of the program with their ancestors, unless they are active.
    ///
    /// Queries and inserts do so by themselves. Fails as [`Instance::activate`] does.
    pub async fn ensure_active(&self, specs: &[&'static TableSpec]) -> Result<()> {
        Target::from(self).ensure(specs).await
    }
}

/// A connection for as long as one statement takes.
pub(crate) enum Lease<'a> {
    Own(Connection),
    Lent(&'a mut Connection),
}

impl Lease<'_> {
    pub(crate) fn connection(&mut self) -> &mut Connection {
        match self {
            Self::Own(connection) => connection,
            Self::Lent(connection) => connection,
        }
    }
}

impl Target<'_> {
    pub(crate) fn instance(&self) -> &Instance {
        match &self.0 {
            Place::Pool(instance) => instance,
            Place::Transaction(transaction) => &transaction.instance,
        }
    }

    pub(crate) fn backend(&self) -> Backend {
        self.instance().backend()
    }

    pub(crate) const fn is_transaction(&self) -> bool {
        matches!(self.0, Place::Transaction(_))
    }

    pub(crate) fn reborrow(&mut self) -> Target<'_> {
        Target(match &mut self.0 {
            Place::Pool(instance) => Place::Pool(instance),
            Place::Transaction(transaction) => Place::Transaction(transaction),
        })
    }

    pub(crate) async fn lease(&mut self) -> datajoint_adapters::Result<Lease<'_>> {
        Ok(match &mut self.0 {
            Place::Pool(instance) => Lease::Own(instance.database().acquire().await?),
            Place::Transaction(transaction) => Lease::Lent(&mut transaction.inner),
        })
    }

    /// Sees to it that tables of the program can be used.
    pub(crate) async fn ensure(&mut self, specs: &[&'static TableSpec]) -> Result<()> {
        if specs.iter().all(|spec| self.instance().is_active(spec)) {
            return Ok(());
        }
        if self.is_transaction() {
            return self.check_declared(specs).await;
        }
        let _ = self.instance().clone().activate_specs(specs).await?;
        Ok(())
    }

    pub(crate) async fn ensure_one(&mut self, spec: &'static TableSpec) -> Result<Arc<Table>> {
        self.ensure(&[spec]).await?;
        self.instance().resolve(spec)
    }

    /// Runs a statement; gives how many rows it changed.
    pub(crate) fn execute<'a>(&'a mut self, statement: &'a Statement) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async { Ok(self.lease().await?.connection().execute(statement).await?) })
    }

    /// The rows of a statement, as the database has them.
    pub(crate) fn rows<'a>(&'a mut self, statement: &'a Statement) -> BoxFuture<'a, Result<Vec<Vec<Value>>>> {
        Box::pin(async move {
            let mut attempts = self.attempts();
            loop {
                let outcome = async { self.lease().await?.connection().fetch(statement).await };
                match outcome.await {
                    Err(error) if error.is_connection_lost() && attempts > 0 => attempts -= 1,
                    outcome => return Ok(outcome?),
                }
            }
        })
    }

    /// How often a query may be sent again after its connection was lost: by every connection that may be lost too.
    ///
    /// Never in a transaction, which is gone with its connection.
    fn attempts(&self) -> u32 {
        match &self.0 {
            Place::Pool(instance) if instance.settings().database.reconnect => {
                instance.settings().database.max_connections.max(1)
            }
            _ => 0,
        }
    }

    /// Hands each row of a query to a function, in one buffer.
    pub(crate) fn each<'a>(
        &'a mut self,
        select: &'a Select,
        each: &'a mut (dyn FnMut(&mut [Value]) -> Result<()> + Send),
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let attributes = select.heading.all();
            let mut attempts = self.attempts();
            loop {
                let mut is_first = true;
                let read = |values: &mut Vec<Value>| {
                    is_first = false;
                    for (attribute, value) in attributes.iter().zip(values.iter_mut()) {
                        *value = datajoint_sql::read_value(attribute, std::mem::take(value))?;
                    }
                    each(values)
                };
                match self.lease().await?.connection().for_each(&select.statement, read).await {
                    Err(Error::Adapter(error)) if error.is_connection_lost() && is_first && attempts > 0 => {
                        attempts -= 1;
                    }
                    outcome => return outcome,
                }
            }
        })
    }

    pub(crate) async fn count(&mut self, expression: &Expression) -> Result<u64> {
        let rows = self.rows(&datajoint_sql::count(self.backend(), expression)?).await?;
        Ok(match rows.first().and_then(|row| row.first()) {
            Some(Value::Int(number)) => u64::try_from(*number).unwrap_or_default(),
            Some(Value::UInt(number)) => *number,
            _ => 0,
        })
    }

    /// What goes of a table with the rows that meet a condition.
    pub(crate) async fn weigh(&mut self, table: &Table, condition: &Condition) -> Result<Going> {
        let rows = self.rows(&datajoint_sql::weigh(self.backend(), table, condition)?).await?;
        let number = |place: usize| match rows.first().and_then(|row| row.get(place)) {
            Some(Value::Int(number)) => u64::try_from(*number).unwrap_or_default(),
            Some(Value::UInt(number)) => *number,
            Some(Value::Decimal(number)) => number.to_string().parse().unwrap_or_default(),
            _ => 0,
        };
        Ok(Going {
            table: table.name.to_string(),
            rows: number(0),
            bytes: number(1),
            objects: number(2),
            object_bytes: number(3),
        })
    }

    pub(crate) async fn exists(&mut self, expression: &Expression) -> Result<bool> {
        let rows = self.rows(&datajoint_sql::exists(self.backend(), expression)?).await?;
        Ok(matches!(
            rows.first().and_then(|row| row.first()),
            Some(Value::Bool(true) | Value::Int(1) | Value::UInt(1))
        ))
    }

    /// True when a table has the row of this key.
    pub(crate) async fn has_row(&mut self, table: &Arc<Table>, key: &[(&str, Value)]) -> Result<bool> {
        let (attributes, row) = key.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).unzip();
        let condition = Condition::Keys { attributes, rows: vec![row] };
        let from = Box::new(Expression::Table(Arc::clone(table)));
        self.exists(&Expression::Restrict { from, condition }).await
    }

    /// The rows of a query over one table as the list of their keys.
    pub(crate) async fn key_condition(&mut self, rows: &Expression) -> Result<Condition> {
        let keys = Expression::Project { from: Box::new(rows.clone()), attributes: Vec::new() };
        let select = datajoint_sql::select(self.backend(), &keys)?;
        let attributes: Vec<String> =
            select.heading.all().iter().map(|attribute| attribute.name.clone()).collect();
        let mut keys = Vec::new();
        if attributes.is_empty() {
            // The key is hidden: the table has one row at most.
            return Ok(Condition::Constant(self.exists(rows).await?));
        }
        self.each(&select, &mut |values| {
            keys.push(values.iter_mut().map(std::mem::take).collect());
            Ok(())
        })
        .await?;
        if keys.is_empty() {
            return Ok(Condition::Constant(false));
        }
        Ok(Condition::Keys { attributes, rows: keys })
    }
}
