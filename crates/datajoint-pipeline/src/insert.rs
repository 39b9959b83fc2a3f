//! Rows into tables.

use std::future::Future;

#[cfg(feature = "stores")]
use datajoint_codec::StagedObject;
use datajoint_guard::Action;
use datajoint_sql::{Condition, Expression, InsertMode, Part};
use futures_core::Stream;
use futures_util::StreamExt;

use crate::audit::AuditEntry;
use crate::executor::Held;
use crate::typed::{IntoRow, RowWriter, Table};
use crate::{AuditVerb, Doing, Error, Query, Relation, Result, Target, WriteTarget};

mod buffered;
mod columns;
mod duplicates;
mod explain;
mod inserted;
mod made;
mod options;
mod origin;
mod places;
mod rows;
#[cfg(feature = "stores")]
mod staged;
mod writer;

pub use buffered::BufferedInsert;
pub use inserted::Inserted;
pub use made::MadeRows;
pub use options::InsertOptions;

pub(crate) use columns::Columns;
pub(crate) use duplicates::{Compared, compared};
pub(crate) use explain::explained;
pub(crate) use rows::Rows;
#[cfg(feature = "stores")]
pub(crate) use staged::stage;
pub(crate) use writer::Writer;

/// Inserting into a typed table and changing its rows.
///
/// Rows are of the table's row type, or of any struct with [`IntoRow`] whose attributes the table has. All are
/// inserted or none, and each is checked before it is sent: an error names the row, the attribute and the value.
pub trait Insert: Table + Relation {
    /// Inserts rows. Gives how many were taken, those that were passed over included.
    ///
    /// Fails when a row is there already, when its parent is not, and when a value does not fit.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    fn insert<'a, I>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        rows: I,
    ) -> impl Future<Output = Result<u64>> + Send
    where
        I: IntoIterator<Item: IntoRow + Send, IntoIter: Send>,
    {
        self.insert_with(on, rows, InsertOptions::new())
    }

    /// Inserts one row.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    #[doc(alias = "insert1")]
    fn insert_one<'a, R: IntoRow + Send>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        row: R,
    ) -> impl Future<Output = Result<()>> + Send {
        let inserted = self.insert(on, std::iter::once(row));
        async move { inserted.await.map(drop) }
    }

    /// Inserts rows in another way: passing over those that are there, or replacing them.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    fn insert_with<'a, I>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        rows: I,
        options: InsertOptions,
    ) -> impl Future<Output = Result<u64>> + Send
    where
        I: IntoIterator<Item: IntoRow + Send, IntoIter: Send>,
    {
        let (mut on, rows) = (on.into().0, rows.into_iter());
        async move {
            let table = on.ensure_one(Self::spec()).await?;
            options.check(&table)?;
            let columns = Columns::typed(&table, <I::Item as IntoRow>::ATTRIBUTES, options)?;
            let mut writer = Writer::new(on, table, columns, options);
            for row in rows {
                if writer.push(row)? {
                    writer.flush().await?;
                }
            }
            writer.finish().await
        }
    }

    /// Inserts the rows of a stream as they come.
    ///
    /// All are inserted or none, so the transaction is open as long as the stream runs.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    fn insert_stream<'a, S>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        rows: S,
        options: InsertOptions,
    ) -> impl Future<Output = Result<u64>> + Send
    where
        S: Stream<Item: IntoRow + Send> + Send,
    {
        let mut on = on.into().0;
        async move {
            let table = on.ensure_one(Self::spec()).await?;
            options.check(&table)?;
            let columns = Columns::typed(&table, <S::Item as IntoRow>::ATTRIBUTES, options)?;
            let mut writer = Writer::new(on, table, columns, options);
            let mut rows = std::pin::pin!(rows);
            while let Some(row) = rows.next().await {
                if writer.push(row)? {
                    writer.flush().await?;
                }
            }
            writer.finish().await
        }
    }

    /// Begins to insert rows that come one after the other.
    ///
    /// ```
    /// # use datajoint_pipeline::{Insert, InsertOptions, Instance, Result, typed::{IntoRow, Table}, Relation};
    /// # async fn example<T: Table + Relation, R: IntoRow>(table: T, dj: &Instance, rows: Vec<R>) -> Result<()> {
    /// let mut insert = table.buffered(dj, InsertOptions::new()).await?;
    /// for row in rows {
    ///     insert.push(row).await?;
    /// }
    /// let number = insert.finish().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, nothing is inserted; begin again.
    fn buffered<'a, R: IntoRow>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        options: InsertOptions,
    ) -> impl Future<Output = Result<BufferedInsert<'a, R>>> + Send {
        let mut on = on.into().0;
        async move {
            let table = on.ensure_one(Self::spec()).await?;
            options.check(&table)?;
            let columns = Columns::typed(&table, R::ATTRIBUTES, options)?;
            Ok(BufferedInsert::new(Writer::new(on, table, columns, options)))
        }
    }

    /// Begins to write an object of an `<object@>` attribute straight into its store, for the row of this key, which is inserted
    /// after it with what [`finish`](StagedObject::finish) gives.
    ///
    /// For what is too large for memory, and for folders that a program writes file by file.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables.
    #[cfg(feature = "stores")]
    #[doc(alias = "staged_insert1")]
    fn stage<'a>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        key: Self::Key,
        attribute: &str,
        extension: Option<&str>,
    ) -> impl Future<Output = Result<StagedObject>> + Send {
        let (mut on, attribute) = (on.into().0, attribute.to_owned());
        let extension = extension.map(str::to_owned);
        async move {
            let table = on.ensure_one(Self::spec()).await?;
            let mut values = Vec::new();
            let written = key.into_row(&mut RowWriter::new(&mut values));
            written.map_err(|source| Error::Row { table: table.name.clone(), row: 1, source })?;
            let names = <Self::Key as IntoRow>::ATTRIBUTES.iter().map(|name| (*name).to_owned());
            let key: Vec<(String, datajoint_sql::Value)> = names.zip(values).collect();
            staged::stage(&on, &table, &key, &attribute, extension.as_deref())
        }
    }

    /// Inserts the rows of a query, without fetching them: the attributes that both have.
    ///
    /// Gives how many rows were inserted, those that replace others included. Fails when the query lacks a part of the primary
    /// key.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    fn insert_query<'a>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        rows: &impl Relation,
        options: InsertOptions,
    ) -> impl Future<Output = Result<u64>> + Send {
        let (mut on, rows) = (on.into().0, rows.query());
        async move {
            let table = on.ensure_one(Self::spec()).await?;
            from_query(&mut on, &table, &rows, options).await
        }
    }

    /// Changes the row that has the key of this one to its other values.
    ///
    /// Takes the table's row type, or any struct with [`IntoRow`] that has the whole key. Fails when there is
    /// no such row, and for tables that `populate` fills.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    #[doc(alias = "update1")]
    fn update_one<'a, R: IntoRow + Send>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        row: R,
    ) -> impl Future<Output = Result<()>> + Send {
        self.update_one_with(on, row, InsertOptions::new())
    }

    /// The same in another way: in a table that `populate` fills, or leaving out what the table lacks.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    fn update_one_with<'a, R: IntoRow + Send>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        row: R,
        options: InsertOptions,
    ) -> impl Future<Output = Result<()>> + Send {
        let mut on = on.into().0;
        async move {
            let table = on.ensure_one(Self::spec()).await?;
            options.check(&table)?;
            let columns = Columns::of_update(&table, R::ATTRIBUTES.iter().copied(), options)?;
            let mut values = Vec::with_capacity(columns.names.len());
            let written = row.into_row(&mut RowWriter::new(&mut values));
            written.map_err(|source| Error::Row { table: table.name.clone(), row: 1, source })?;
            columns.leave_out(&mut values, 0);
            crate::update::update_one(&mut on, &table, &columns, values).await
        }
    }
}

impl<T: Table + Relation> Insert for T {}

/// Inserts those rows of a query whose key is not there yet.
async fn unknown_rows(
    on: &mut Target<'_>,
    table: &datajoint_schema::Table,
    expression: Expression,
    options: InsertOptions,
) -> Result<u64> {
    if options.must_match {
        let advice =
            "rows of a query are not compared with those that are there: fetch and insert them".to_owned();
        return Err(datajoint_sql::Error::Statement { table: table.name.clone(), advice }.into());
    }
    let known = Expression::Project {
        from: Part::new(Expression::Table(std::sync::Arc::new(table.clone()))),
        attributes: Vec::new(),
    };
    let condition = Condition::Not(Box::new(Condition::MatchesByName(Part::new(known))));
    let rest = Expression::Restrict { from: Part::new(expression), condition };
    let statement = datajoint_sql::insert_select(on.backend(), table, &rest, InsertMode::Plain)?;
    let mut held = Held::new(on.reborrow());
    match held.target().execute_insert(&table.name, &statement, InsertMode::Plain).await {
        Ok(inserted) => {
            held.commit().await?;
            Ok(inserted)
        }
        Err(error) => {
            let table = std::sync::Arc::new(table.clone());
            Err(explain::of_query(&mut held, &table, &rest, InsertMode::Plain, error).await)
        }
    }
}

/// Inserts the rows of a query.
pub(crate) async fn from_query<R>(
    on: &mut Target<'_>,
    table: &datajoint_schema::Table,
    rows: &Query<R>,
    options: InsertOptions,
) -> Result<u64> {
    let outcome = from_query_unnamed(on, table, rows, options).await;
    outcome.map_err(|error| error.of(Doing::Inserting, &table.name))
}

async fn from_query_unnamed<R>(
    on: &mut Target<'_>,
    table: &datajoint_schema::Table,
    rows: &Query<R>,
    options: InsertOptions,
) -> Result<u64> {
    options.check(table)?;
    if options.mode == InsertMode::Replace {
        on.check_stamps(Action::Replace, [table.name.schema.as_str()]).await?;
        let attributes: Vec<&str> =
            table.heading.all().iter().map(|attribute| attribute.name.as_str()).collect();
        on.check_carried_updates(table, &attributes).await?;
    }
    let expression = rows.lower(on).await?.expression;
    let backend = on.backend();
    if options.looks_first(backend) && options.mode_after_look(table) == InsertMode::Plain {
        return unknown_rows(on, table, expression, options).await;
    }
    let statement = datajoint_sql::insert_select(backend, table, &expression, options.mode)?;
    // What is replaced may count twice, or not at all: what counts are the rows of the query.
    let counts_rows = options.mode == InsertMode::Replace && !backend.capability().has_conflict_target;
    let is_noted = options.mode == InsertMode::Replace && on.instance().is_audited();
    if is_noted {
        on.prepare_audit(std::slice::from_ref(&table.name.schema)).await?;
    }
    let label = if is_noted { rows.label_without_values() } else { String::new() };
    let mut held = Held::new(on.reborrow());
    let mut rows = None;
    if counts_rows || is_noted {
        held.begin().await?;
    }
    if counts_rows {
        rows = Some(held.target().count(&expression).await?);
    }
    match held.target().execute_insert(&table.name, &statement, options.mode).await {
        Ok(changed) => {
            let changed = rows.unwrap_or(changed);
            if is_noted {
                let entry = AuditEntry::of_table(AuditVerb::Replace, &table.name).rows(Some(changed));
                held.target().note_audit(&entry.detail(label)).await?;
            }
            held.commit().await?;
            Ok(changed)
        }
        Err(error) => {
            let table = std::sync::Arc::new(table.clone());
            Err(explain::of_query(&mut held, &table, &expression, options.mode, error).await)
        }
    }
}
