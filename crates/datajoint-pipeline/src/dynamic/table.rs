use std::fmt;
use std::sync::Arc;

#[cfg(feature = "stores")]
use datajoint_codec::StagedObject;
use datajoint_schema::{Difference, Table, TableName, describe};
use futures_core::Stream;
use futures_util::StreamExt;

use crate::delete::{Dropping, What};
use crate::insert::{Columns, Writer};
use crate::query::{Leaf, Node, Tree};
use crate::typed::ValueError;
use crate::{
    Condition, DynamicRow, Error, InsertOptions, Inserted, Instance, Query, Relation, Restriction, Result,
    WriteTarget,
};

/// A table as found in a database.
///
/// It has the same verbs as a typed table: the methods of [`Relation`], the operators `&`, `-`, `*` and `+` by
/// reference, and those below. Rows are [`DynamicRow`]s, or JSON objects.
#[derive(Clone)]
pub struct DynamicTable {
    table: Arc<Table>,
    differences: Arc<[Difference]>,
}

/// A table as it is resolved or read from a catalog.
impl From<Arc<Table>> for DynamicTable {
    fn from(table: Arc<Table>) -> Self {
        Self::new(table)
    }
}

impl DynamicTable {
    pub(crate) fn new(table: Arc<Table>) -> Self {
        Self { table, differences: Arc::default() }
    }

    /// The same with how it differs from what was to be declared.
    pub(crate) fn differing(self, differences: Vec<Difference>) -> Self {
        for difference in &differences {
            tracing::warn!(table = %self.table.name, "differs from its definition: {difference}");
        }
        Self { differences: differences.into(), ..self }
    }

    /// Returns how the table in the database differs from the definition that was to
    /// [declare](crate::Instance::declare_dynamic) it; nothing where it is as it was wanted, or was found by its name.
    pub fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// What the database says of it: attributes, keys, indexes.
    pub fn table(&self) -> &Arc<Table> {
        &self.table
    }

    /// Its full name.
    pub fn name(&self) -> &TableName {
        &self.table.name
    }

    /// Returns its definition, as text that declares the same table again; parents by their names in the database.
    ///
    /// Fails for a table that has what no definition says, such as a default that is an expression, naming all of it.
    pub fn describe(&self) -> Result<String> {
        Ok(describe(&self.table, |name| {
            let (class, schema) = (datajoint_definition::class_path(&name.table), &name.schema);
            if *schema == self.table.name.schema { class } else { format!("{schema}.{class}") }
        })?)
    }

    /// Inserts rows: [`DynamicRow`]s, maps, or JSON objects. Gives how many were taken,
    /// those that were passed over included.
    ///
    /// Attributes that a row lacks get their default. Fails, naming the row and the attribute, when one that
    /// has none is missing, when one is not in the table, and when a value does not fit; all rows are inserted or
    /// none.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    pub async fn insert<'a, R>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        rows: impl IntoIterator<Item = R, IntoIter: Send>,
    ) -> Result<u64>
    where
        R: TryInto<DynamicRow, Error: Into<ValueError>>,
    {
        self.insert_with(on, rows, InsertOptions::new()).await
    }

    /// Inserts one row.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    #[doc(alias = "insert1")]
    pub async fn insert_one<'a, R>(&self, on: impl Into<WriteTarget<'a>>, row: R) -> Result<()>
    where
        R: TryInto<DynamicRow, Error: Into<ValueError>> + Send,
    {
        self.insert(on, std::iter::once(row)).await.map(drop)
    }

    /// Inserts rows in another way: passing over those that are there, or replacing them.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    pub async fn insert_with<'a, R>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        rows: impl IntoIterator<Item = R, IntoIter: Send>,
        options: InsertOptions,
    ) -> Result<u64>
    where
        R: TryInto<DynamicRow, Error: Into<ValueError>>,
    {
        self.insert_stream(on, futures_util::stream::iter(rows), options).await
    }

    /// Inserts the rows of a stream as they come, all or none.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    pub async fn insert_stream<'a, R>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        rows: impl Stream<Item = R>,
        options: InsertOptions,
    ) -> Result<u64>
    where
        R: TryInto<DynamicRow, Error: Into<ValueError>>,
    {
        Ok(self.insert_counted(on, rows, options).await?.given)
    }

    /// Inserts the rows of a stream as they come, all or none. Gives how many were inserted, and how many passed over.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    pub async fn insert_counted<'a, R>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        rows: impl Stream<Item = R>,
        options: InsertOptions,
    ) -> Result<Inserted>
    where
        R: TryInto<DynamicRow, Error: Into<ValueError>>,
    {
        let on = on.into().0;
        options.check(&self.table)?;
        let mut rows = std::pin::pin!(rows);
        let mut writer: Option<Writer<'a>> = None;
        let mut on = Some(on);
        let mut number = 0;
        while let Some(row) = rows.next().await {
            number += 1;
            let row: DynamicRow =
                row.try_into().map_err(|error: R::Error| self.fault(number, error.into()))?;
            if let Some(on) = on.take() {
                let columns = Columns::dynamic(&self.table, &row, number, options)?;
                writer = Some(Writer::new(on, Arc::clone(&self.table), columns, options));
            }
            if let Some(writer) = &mut writer {
                writer.push_dynamic(row).await?;
            }
        }
        match writer {
            Some(writer) => writer.finish_counted().await,
            None => Ok(Inserted::default()),
        }
    }

    /// Begins to write an object of an `<object@>` attribute straight into its store, for the row of this key, which is inserted
    /// after it with what [`finish`](StagedObject::finish) gives.
    ///
    /// Fails when the key is not complete, and for an attribute with another codec.
    #[cfg(feature = "stores")]
    pub fn stage<'a>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        key: DynamicRow,
        attribute: &str,
        extension: Option<&str>,
    ) -> Result<StagedObject> {
        let key: Vec<(String, datajoint_sql::Value)> = key.into_pairs().collect();
        crate::insert::stage(&on.into().0, &self.table, &key, attribute, extension)
    }

    /// Inserts the rows of a query, without fetching them: the attributes that both have.
    ///
    /// Gives how many rows were inserted. Fails when the query lacks a part of the primary key.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    pub async fn insert_query<'a>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        rows: &impl Relation,
        options: InsertOptions,
    ) -> Result<u64> {
        let rows = rows.query();
        crate::insert::from_query(&mut on.into().0, &self.table, &rows, options).await
    }

    /// Changes the row that has the key of this one to its other values.
    ///
    /// Fails when the key is not complete, when there is no such row, and for tables that `populate` fills.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    #[doc(alias = "update1")]
    pub async fn update_one<'a, R>(&self, on: impl Into<WriteTarget<'a>>, row: R) -> Result<()>
    where
        R: TryInto<DynamicRow, Error: Into<ValueError>>,
    {
        self.update_one_with(on, row, InsertOptions::new()).await
    }

    /// The same in another way: in a table that `populate` fills, or leaving out what the table lacks.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all of it lasts or nothing. Once it has begun to write within a transaction, that can't be committed any more.
    pub async fn update_one_with<'a, R>(
        &self,
        on: impl Into<WriteTarget<'a>>,
        row: R,
        options: InsertOptions,
    ) -> Result<()>
    where
        R: TryInto<DynamicRow, Error: Into<ValueError>>,
    {
        options.check(&self.table)?;
        let mut on = on.into().0;
        let row: DynamicRow = row.try_into().map_err(|error: R::Error| self.fault(1, error.into()))?;
        let columns = Columns::of_update(&self.table, row.names(), options)?;
        let mut values = row.into_values();
        columns.leave_out(&mut values, 0);
        crate::update::update_one(&mut on, &self.table, &columns, values).await
    }

    /// Drops it with all tables that depend on it, and with its jobs.
    ///
    /// Fails, before anything is dropped, for a part whose master stays, and, with `safemode` on, when nobody confirms
    /// it; see [`Dropping`].
    pub fn drop(&self, instance: &Instance) -> Dropping {
        Dropping::new(instance, What::Table(self.table.name.clone()))
    }

    fn fault(&self, row: u64, source: ValueError) -> Error {
        Error::Row { table: self.table.name.clone(), row, source }
    }
}

impl fmt::Debug for DynamicTable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "DynamicTable({})", self.table.name)
    }
}

impl Relation for DynamicTable {
    type Row = DynamicRow;

    fn query(&self) -> Query<DynamicRow> {
        Query::new(Tree::new(Node::Table(Leaf::Found(Arc::clone(&self.table)))))
    }
}

macro_rules! operators {
    ($($table:ty),*) => {$(
        impl<R: Restriction> std::ops::BitAnd<R> for $table {
            type Output = Query<DynamicRow>;

            fn bitand(self, restriction: R) -> Query<DynamicRow> {
                self.restrict(restriction)
            }
        }

        impl<R: Restriction> std::ops::Sub<R> for $table {
            type Output = Query<DynamicRow>;

            fn sub(self, restriction: R) -> Query<DynamicRow> {
                self.antijoin(restriction)
            }
        }

        impl<Q: Relation> std::ops::Mul<Q> for $table {
            type Output = Query<DynamicRow>;

            fn mul(self, other: Q) -> Query<DynamicRow> {
                self.join(&other)
            }
        }

        impl<Q: Relation> std::ops::Add<Q> for $table {
            type Output = Query<DynamicRow>;

            fn add(self, other: Q) -> Query<DynamicRow> {
                self.union(&other)
            }
        }

        impl Restriction for $table {
            fn into_condition(self) -> Condition {
                crate::match_condition(&self)
            }
        }
    )*};
}

operators!(DynamicTable, &DynamicTable);
