//! Where statements are run: on the pool of an instance, or in a transaction.

use std::sync::Arc;

use datajoint_adapters::{Announcement, Connection, Purpose};
use datajoint_definition::Backend;
use datajoint_guard::{Going, Keys};
use datajoint_schema::{Table, TableName};
use datajoint_sql::{Condition, Expression, InsertMode, Part, Select, Statement, Value};
use futures_util::future::BoxFuture;

use crate::reference::restricted;
use crate::typed::TableSpec;
use crate::{Error, Instance, Result, Transaction};

mod asking;
pub(crate) mod carried;
mod catalog;
mod held;
mod unknown;

pub(crate) use asking::Asking;
pub(crate) use catalog::texts;
pub(crate) use held::Held;
pub(crate) use unknown::named;

/// What queries and inserts run on: `&Instance` for the pool, `&mut Transaction` for a transaction.
#[derive(Debug)]
pub struct Target<'a>(pub(crate) Place<'a>);

#[derive(Debug)]
pub(crate) enum Place<'a> {
    Pool(&'a Instance),
    Transaction(&'a mut Transaction),
    /// One that changes schemas, or that is lent.
    Exclusive(&'a Instance, &'a mut Connection),
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
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no lock. Tables that were declared stay on MySQL and MariaDB, and the next call declares
    /// the rest; the other backends declare all of them or none.
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

/// A way to ask a connection for rows.
type Ask = for<'a> fn(
    &'a mut Connection,
    &'a Statement,
) -> BoxFuture<'a, datajoint_adapters::Result<Vec<Vec<Value>>>>;

impl Target<'_> {
    pub(crate) fn instance(&self) -> &Instance {
        match &self.0 {
            Place::Pool(instance) | Place::Exclusive(instance, _) => instance,
            Place::Transaction(transaction) => &transaction.instance,
        }
    }

    pub(crate) fn backend(&self) -> Backend {
        self.instance().backend()
    }

    pub(crate) const fn is_transaction(&self) -> bool {
        matches!(self.0, Place::Transaction(_))
    }

    /// Fails in a transaction that was begun to read.
    pub(crate) fn check_writable(&self) -> Result<()> {
        match &self.0 {
            Place::Transaction(transaction) if transaction.inner.reads_only() => {
                Err(Error::ReadingTransaction)
            }
            _ => Ok(()),
        }
    }

    /// Gives an error back that says what failed; where it was the first in a transaction, the transaction tells it from
    /// now on.
    pub(crate) fn telling(&self, error: Error) -> Error {
        if let Place::Transaction(transaction) = &self.0
            && !matches!(error, Error::TransactionFailed(_) | Error::TransactionOver(_))
        {
            transaction.inner.explain_failure(error.fact());
        }
        error
    }

    /// How much was written in the transaction, if it is one.
    pub(crate) fn written(&self) -> u64 {
        match &self.0 {
            Place::Pool(_) | Place::Exclusive(..) => 0,
            Place::Transaction(transaction) => transaction.inner.writes(),
        }
    }

    pub(crate) fn reborrow(&mut self) -> Target<'_> {
        Target(match &mut self.0 {
            Place::Pool(instance) => Place::Pool(instance),
            Place::Exclusive(instance, connection) => Place::Exclusive(instance, connection),
            Place::Transaction(transaction) => Place::Transaction(transaction),
        })
    }

    pub(crate) async fn lease(&mut self) -> datajoint_adapters::Result<Lease<'_>> {
        Ok(match &mut self.0 {
            Place::Pool(instance) => Lease::Own(instance.database().acquire_for(Purpose::Statement).await?),
            Place::Transaction(transaction) => Lease::Lent(&mut transaction.inner),
            Place::Exclusive(_, connection) => Lease::Lent(connection),
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

    /// Notes, in a transaction, that a verb writes to a table.
    pub(crate) fn writes_to(&mut self, table: &TableName) {
        if let Place::Transaction(transaction) = &mut self.0 {
            transaction.writes_to(table);
        }
    }

    /// Notes, in a transaction, that a verb inserts into a table, which others are told with its commit. Without one it gives
    /// what tells them.
    pub(crate) fn inserts_into(&mut self, table: &TableName) -> Option<Announcement> {
        match &mut self.0 {
            Place::Pool(instance) => Some(instance.database().announcement([table])),
            Place::Transaction(transaction) => {
                transaction.inserts_into(table);
                None
            }
            Place::Exclusive(..) => None,
        }
    }

    /// Runs a statement that inserts the rows of a query in this mode; gives how many it inserted.
    pub(crate) fn execute_insert<'a>(
        &'a mut self,
        table: &'a TableName,
        statement: &'a Statement,
        mode: InsertMode,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            self.check_writable()?;
            let instance = self.instance().clone();
            let news = self.inserts_into(table);
            let mut lease = self.lease().await?;
            match lease.connection().insert_query(statement, mode).await {
                Ok(changed) => {
                    if let Some(news) = news {
                        lease.connection().announce(news).await;
                    }
                    Ok(changed)
                }
                Err(error) => Err(instance.told(error.into(), &statement.sql)),
            }
        })
    }

    /// Runs a statement that writes to a table; gives how many rows it changed.
    pub(crate) fn execute<'a>(
        &'a mut self,
        table: &'a TableName,
        statement: &'a Statement,
    ) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async {
            self.check_writable()?;
            self.writes_to(table);
            let instance = self.instance().clone();
            let outcome = self.lease().await?.connection().execute(statement).await;
            outcome.map_err(|error| instance.told(error.into(), &statement.sql))
        })
    }

    /// The rows of a statement, as the database has them.
    pub(crate) fn rows<'a>(&'a mut self, statement: &'a Statement) -> BoxFuture<'a, Result<Vec<Vec<Value>>>> {
        self.answer(statement, Connection::fetch)
    }

    /// The rows of a query about what is there, whatever others drop meanwhile.
    pub(crate) fn look_up<'a>(
        &'a mut self,
        statement: &'a Statement,
    ) -> BoxFuture<'a, Result<Vec<Vec<Value>>>> {
        self.answer(statement, Connection::look_up)
    }

    fn answer<'a>(
        &'a mut self,
        statement: &'a Statement,
        ask: Ask,
    ) -> BoxFuture<'a, Result<Vec<Vec<Value>>>> {
        Box::pin(async move {
            let mut may_again = self.reconnects();
            loop {
                let (outcome, is_worn) = match self.lease().await {
                    Ok(mut lease) => {
                        let outcome = ask(lease.connection(), statement).await;
                        let is_worn = outcome.as_ref().is_err_and(|error| lease.connection().was_worn(error));
                        (outcome, is_worn)
                    }
                    Err(error) => (Err(error), false),
                };
                if is_worn && std::mem::take(&mut may_again) {
                    continue;
                }
                return outcome.map_err(|error| self.instance().told(error.into(), &statement.sql));
            }
        })
    }

    /// Whether a query may be sent once more when its connection was lost before.
    ///
    /// Never in a transaction, which is gone with its connection.
    fn reconnects(&self) -> bool {
        matches!(&self.0, Place::Pool(instance) if instance.settings().database.reconnect)
    }

    /// Hands each row of a query to a function, in one buffer.
    pub(crate) fn each<'a>(
        &'a mut self,
        select: &'a Select,
        each: &'a mut (dyn FnMut(&mut [Value]) -> Result<()> + Send),
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut may_again = self.reconnects();
            loop {
                let mut is_first = true;
                let read = |values: &mut Vec<Value>| {
                    is_first = false;
                    select.read(values)?;
                    each(values)
                };
                let mut lease = self.lease().await?;
                let outcome = lease.connection().for_each(&select.statement, read).await;
                let is_worn =
                    matches!(&outcome, Err(Error::Adapter(error)) if lease.connection().was_worn(error));
                drop(lease);
                if is_first && is_worn && std::mem::take(&mut may_again) {
                    continue;
                }
                let told = |error| self.instance().told(error, &select.statement.sql);
                return outcome.map_err(|error| self.named(told(error), || select.unknown().clone()));
            }
        })
    }

    /// The rows of a statement that is made of a query.
    async fn rows_of(&mut self, statement: &Statement, of: &Expression) -> Result<Vec<Vec<Value>>> {
        let backend = self.backend();
        let rows = self.rows(statement).await;
        rows.map_err(|error| self.named(error, || datajoint_sql::unknown(backend, of)))
    }

    pub(crate) async fn count(&mut self, expression: &Expression) -> Result<u64> {
        let rows = self.rows_of(&datajoint_sql::count(self.backend(), expression)?, expression).await?;
        number(&rows, 0)
    }

    /// What goes of a table with the rows that meet a condition.
    pub(crate) async fn weigh(&mut self, table: &Table, condition: &Condition) -> Result<Going> {
        let statement = datajoint_sql::weigh(self.backend(), table, condition)?;
        let backend = self.backend();
        let unknown = || {
            datajoint_sql::unknown(
                backend,
                &restricted(Expression::Table(Arc::new(table.clone())), condition.clone()),
            )
        };
        let rows = self.rows(&statement).await.map_err(|error| self.named(error, unknown))?;
        Ok(Going {
            table: table.name.to_string(),
            rows: number(&rows, 0)?,
            bytes: number(&rows, 1)?,
            objects: number(&rows, 2)?,
            object_bytes: number(&rows, 3)?,
            keys: Keys::default(),
        })
    }

    /// Hands a digest of the key of each row that meets a condition to a function; with `lock` the rows are locked until
    /// the transaction ends.
    pub(crate) async fn each_key(
        &mut self,
        table: &Table,
        condition: &Condition,
        lock: bool,
        each: &mut (dyn FnMut(Keys) -> Result<()> + Send),
    ) -> Result<()> {
        let statement = datajoint_sql::key_rows(self.backend(), table, condition, lock)?;
        let read = |values: &mut Vec<Value>| each(Keys::one(values.iter().map(Value::canonical)));
        self.lease().await?.connection().for_each(&statement, read).await
    }

    pub(crate) async fn exists(&mut self, expression: &Expression) -> Result<bool> {
        let rows = self.rows_of(&datajoint_sql::exists(self.backend(), expression)?, expression).await?;
        match rows.first().and_then(|row| row.first()) {
            Some(Value::Bool(is_there)) => Ok(*is_there),
            _ => Ok(number(&rows, 0)? > 0),
        }
    }

    /// True when a table has the row of this key.
    pub(crate) async fn has_row(&mut self, table: &Arc<Table>, key: &[(&str, Value)]) -> Result<bool> {
        let (attributes, row) = key.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).unzip();
        let condition = Condition::Keys { attributes, rows: vec![row] };
        let from = Part::new(Expression::Table(Arc::clone(table)));
        self.exists(&Expression::Restrict { from, condition }).await
    }

    /// Locks the row of a key, in a transaction, and fails where others changed it since that began, so that nothing is lost
    /// of what they wrote; unless the server sees to that by itself.
    pub(crate) async fn check_unchanged(&mut self, table: &Table, key: &[(&str, Value)]) -> Result<()> {
        let Place::Transaction(_) = &self.0 else { return Ok(()) };
        let Some(statement) = datajoint_sql::changed_since(self.backend(), table, key)? else {
            return Ok(());
        };
        let is_changed = !self.rows(&statement).await?.is_empty();
        self.refuse_changed(is_changed)
    }

    /// Fails in a transaction that sees the row of a key, although it is gone.
    pub(crate) async fn check_gone(&mut self, table: &Arc<Table>, key: &[(&str, Value)]) -> Result<()> {
        let is_seen = self.is_transaction() && self.has_row(table, key).await?;
        self.refuse_changed(is_seen)
    }

    fn refuse_changed(&self, is_changed: bool) -> Result<()> {
        match &self.0 {
            Place::Transaction(transaction) if is_changed => Err(transaction.inner.refuse_changed().into()),
            _ => Ok(()),
        }
    }

    /// Keys in lists of at most so many, each of which fits into a statement.
    pub(crate) fn lists<'k>(
        &self,
        keys: &'k [Vec<Value>],
        most: usize,
    ) -> impl Iterator<Item = &'k [Vec<Value>]> + use<'k> {
        self.instance().database().key_lists(keys, most)
    }

    /// The rows of a query over a table as the list of their keys.
    ///
    /// Fails where keys don't tell rows of the table apart.
    pub(crate) async fn key_condition(&mut self, table: &Table, rows: &Expression) -> Result<Condition> {
        if !table.has_visible_key() {
            return Err(Error::without_key(
                table,
                "what SQL or another query chooses can't be noted: restrict it by values of its attributes",
            ));
        }
        let keys = Expression::Project { from: Part::new(rows.clone()), attributes: Vec::new() };
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

/// A number of the one row of an answer. What is none is an error: limits and confirmations go by it.
fn number(rows: &[Vec<Value>], place: usize) -> Result<u64> {
    let value = rows.first().and_then(|row| row.get(place));
    let found = match value {
        Some(Value::Int(number)) => u64::try_from(*number).ok(),
        Some(Value::UInt(number)) => Some(*number),
        Some(Value::Decimal(number)) => number.to_string().parse().ok(),
        _ => None,
    };
    found.ok_or_else(|| {
        let source = format!("a number was asked for, and the answer was {value:?}").into();
        datajoint_adapters::Error::UnreadableValue { column: place.to_string(), source }.into()
    })
}

#[cfg(test)]
mod tests {
    use super::number;
    use datajoint_sql::Value;

    #[test]
    fn an_answer_that_is_no_number_is_an_error_not_none() {
        let answer = |value: Value| number(&[vec![value]], 0).ok();
        assert_eq!(answer(Value::Int(3)), Some(3));
        assert_eq!(answer(Value::UInt(u64::MAX)), Some(u64::MAX));
        assert_eq!(answer(Value::Decimal("12".parse().unwrap())), Some(12));
        for other in
            [Value::Int(-1), Value::Null, Value::Text("3".into()), Value::Decimal("0.5".parse().unwrap())]
        {
            assert_eq!(answer(other.clone()), None, "{other:?}");
        }
        assert!(number(&[], 0).is_err() && number(&[Vec::new()], 0).is_err());
    }
}
