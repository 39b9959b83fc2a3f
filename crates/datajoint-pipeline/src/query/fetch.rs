//! Queries as they are run.

use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_sql::{Expression, Part, Projected, Select, Value};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;

use super::{ColumnsOf, Lowered, Query, QueryRow};
use crate::codec::Decoding;
use crate::typed::{AttributeValue, ValueError};
use crate::{Error, Instance, Relation, Result, Target};

/// A statement with where the values of a row stand in its answer.
pub(crate) struct Reading {
    pub(crate) select: Select,
    pub(crate) names: Arc<[String]>,
    /// The columns in the order in which they are read; `None` when that is their own.
    order: Option<Arc<[usize]>>,
    /// What decodes the values of codecs, if there are any.
    pub(crate) decoding: Option<Arc<Decoding>>,
}

impl Reading {
    /// How to read these attributes of a query; `None` for all.
    pub(crate) fn new(
        backend: Backend,
        query: &Expression,
        attributes: Option<&[&str]>,
        label: impl Fn() -> String,
    ) -> Result<Self> {
        let select = datajoint_sql::select(backend, query)?;
        let Some(attributes) = attributes else {
            let names = select.heading.all().iter().map(|attribute| attribute.name.clone()).collect();
            return Ok(Self { select, names, order: None, decoding: None });
        };
        let heading = &select.heading;
        for name in attributes {
            if heading.get(name).is_none() {
                let known = heading.visible().map(|attribute| attribute.name.as_str());
                let hint = crate::error::Hint::of(name, known);
                return Err(Error::UnknownAttribute { attribute: (*name).to_owned(), of: label(), hint });
            }
        }
        let is_whole = heading.visible().count() == attributes.len();
        let select = if is_whole {
            select
        } else {
            let secondary =
                heading.secondary().filter(|attribute| attributes.contains(&attribute.name.as_str()));
            let projection = Expression::Project {
                from: Part::new(query.clone()),
                attributes: secondary.map(|attribute| Projected::Keep(attribute.name.clone())).collect(),
            };
            datajoint_sql::select(backend, &projection)?
        };
        let order: Option<Vec<usize>> = attributes.iter().map(|name| select.heading.position(name)).collect();
        let order = order.unwrap_or_default();
        let is_sorted = order.len() == select.heading.all().len() && order.is_sorted();
        Ok(Self {
            select,
            names: attributes.iter().map(|name| (*name).to_owned()).collect(),
            order: (!is_sorted).then(|| order.into()),
            decoding: None,
        })
    }

    /// The same with the values of codecs decoded.
    fn decoded(mut self, instance: &Instance) -> Self {
        self.decoding = Decoding::new(instance, &self.select).map(Arc::new);
        self
    }

    /// What reads its rows.
    pub(crate) fn reader(&self) -> RowOrder {
        RowOrder { names: Arc::clone(&self.names), order: self.order.clone(), sorted: Vec::new() }
    }
}

/// What puts the values of rows into the order in which they are read.
pub(crate) struct RowOrder {
    names: Arc<[String]>,
    order: Option<Arc<[usize]>>,
    /// Values in that order.
    sorted: Vec<Value>,
}

impl RowOrder {
    /// Reads a row; the values are taken out of `values`.
    pub(crate) fn read<S: QueryRow>(&mut self, values: &mut [Value]) -> Result<S, ValueError> {
        let names = Arc::clone(&self.names);
        S::read(&names, self.sorted(values))
    }

    /// The values of a row in the order in which they are read.
    fn sorted<'v>(&'v mut self, values: &'v mut [Value]) -> &'v mut [Value] {
        let Some(order) = &self.order else { return values };
        self.sorted.clear();
        self.sorted.extend(order.iter().map(|&place| std::mem::take(&mut values[place])));
        &mut self.sorted
    }
}

impl<R> Query<R> {
    /// The query with its tables known; those that weren't used before are activated.
    pub(crate) fn lower<'a>(&'a self, on: &'a mut Target<'_>) -> BoxFuture<'a, Result<Lowered>> {
        self.node.lower_on(on)
    }

    async fn reading(&self, on: &mut Target<'_>, attributes: Option<&[&str]>) -> Result<Reading> {
        let expression = self.node.expression(on).await?;
        let reading = Reading::new(on.backend(), &expression, attributes, || self.label())?;
        Ok(reading.decoded(on.instance()))
    }

    pub(crate) async fn reading_for<S: QueryRow>(&self, on: &mut Target<'_>) -> Result<Reading> {
        let mut reading = self.reading(on, S::attributes()).await?;
        if !S::is_decoded() {
            reading.decoding = None;
        }
        Ok(reading)
    }

    /// Hands each row of a query to a function, with the values of codecs decoded; these are read once no statement runs.
    async fn each_read(
        &self,
        on: &mut Target<'_>,
        reading: &Reading,
        each: &mut (dyn FnMut(&mut [Value]) -> Result<()> + Send),
    ) -> Result<()> {
        let Some(decoding) = &reading.decoding else {
            let read = on.each(&reading.select, each).await;
            return read.map_err(|error| self.refused(on, error));
        };
        let mut raw: Vec<Vec<Value>> = Vec::new();
        let mut gather = |values: &mut [Value]| {
            raw.push(values.iter_mut().map(std::mem::take).collect());
            Ok(())
        };
        let read = on.each(&reading.select, &mut gather).await;
        read.map_err(|error| self.refused(on, error))?;
        let mut decoded = decoding.all(raw);
        let mut number = 0;
        while let Some(row) = decoded.next().await {
            number += 1;
            each(&mut row.map_err(|error| error.of(&self.label(), number))?)?;
        }
        Ok(())
    }

    pub(crate) async fn run_all<S: QueryRow>(&self, mut on: Target<'_>) -> Result<Vec<S>> {
        self.run_some(&mut on, u64::MAX).await
    }

    /// The first rows, up to a number.
    async fn run_some<S: QueryRow>(&self, on: &mut Target<'_>, most: u64) -> Result<Vec<S>> {
        let reading = self.reading_for::<S>(on).await?;
        let (mut reader, mut rows) = (reading.reader(), Vec::new());
        if reading.names.is_empty() {
            // Rows of a table without visible attributes.
            let number = self.run_count(on.reborrow()).await?.min(most);
            for _ in 0..number {
                rows.push(reader.read::<S>(&mut [])?);
            }
            return Ok(rows);
        }
        self.each_read(on, &reading, &mut |values| {
            let row = reader.read::<S>(values).map_err(|source| self.unread(rows.len(), source))?;
            rows.push(row);
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    pub(crate) async fn run_one<S: QueryRow>(&self, mut on: Target<'_>) -> Result<Option<S>>
    where
        R: QueryRow,
    {
        let cut = match &*self.node {
            // It would be another query with a limit of its own.
            super::Node::Top { limit: Some(_), .. } => self.clone(),
            _ => self.limit_unordered(2),
        };
        let mut rows = cut.run_some::<S>(&mut on, 2).await.map_err(|error| self.relabelled(error))?;
        match (rows.pop(), rows.is_empty()) {
            (row, true) => Ok(row),
            (_, false) => Err(Error::ManyRows { query: self.label() }),
        }
    }

    pub(crate) async fn run_column<V: AttributeValue + Send>(
        &self,
        name: &str,
        mut on: Target<'_>,
    ) -> Result<Vec<V>> {
        let reading = self.reading(&mut on, Some(&[name])).await?;
        let place = reading.order.as_ref().and_then(|order| order.first()).copied().unwrap_or(0);
        let mut column = Vec::new();
        self.each_read(&mut on, &reading, &mut |values| {
            let value = values.get_mut(place).map(std::mem::take).unwrap_or_default();
            let value = V::from_value(value).map_err(|error| self.unread(column.len(), error.at(name)))?;
            column.push(value);
            Ok(())
        })
        .await?;
        Ok(column)
    }

    pub(crate) async fn run_columns<C: ColumnsOf>(
        &self,
        columns: C,
        mut on: Target<'_>,
    ) -> Result<Vec<C::Values>> {
        let reading = self.reading(&mut on, Some(&columns.column_names())).await?;
        let (mut reader, mut rows) = (reading.reader(), Vec::new());
        self.each_read(&mut on, &reading, &mut |values| {
            let row =
                columns.read(reader.sorted(values)).map_err(|source| self.unread(rows.len(), source))?;
            rows.push(row);
            Ok(())
        })
        .await?;
        Ok(rows)
    }

    pub(crate) async fn run_explain(&self, mut on: Target<'_>) -> Result<String> {
        let lowered = self.lower(&mut on).await?;
        let statement = datajoint_sql::explain(on.backend(), &lowered.expression)?;
        let rows = on.rows(&statement).await.map_err(|error| self.refused(&on, error))?;
        let lines: Vec<String> = rows.iter().map(|row| datajoint_sql::explained(on.backend(), row)).collect();
        Ok(lines.join("\n"))
    }

    pub(crate) async fn run_count(&self, mut on: Target<'_>) -> Result<u64> {
        let counted = self.node.count_on(on.reborrow()).await;
        counted.map_err(|error| self.refused(&on, error))
    }

    pub(crate) async fn run_exists(&self, mut on: Target<'_>) -> Result<bool> {
        let found = self.node.exists_on(on.reborrow()).await;
        found.map_err(|error| self.refused(&on, error))
    }

    pub(crate) async fn shown_sql(&self, instance: &Instance) -> Result<String> {
        let mut on = Target::from(instance);
        let statement = self.node.select_on(&mut on).await?.statement;
        if statement.parameters.is_empty() {
            return Ok(statement.sql);
        }
        let values: Vec<String> = statement.parameters.iter().map(crate::typed::describe).collect();
        Ok(format!("{} -- {}", statement.sql, values.join(", ")))
    }

    /// The error of the row after so many.
    fn unread(&self, rows: usize, source: ValueError) -> Error {
        Error::Read { query: self.label(), row: rows as u64 + 1, source }
    }

    /// The error of the database, with the query.
    pub(super) fn refused(&self, on: &Target<'_>, error: Error) -> Error {
        match error {
            Error::Adapter(source) => {
                on.telling(Error::Query { query: self.label(), source: Box::new(source) })
            }
            other => other,
        }
    }

    pub(crate) fn no_row(&self) -> Error {
        Error::NoRow { query: self.label() }
    }

    /// The same rows, as few as asked for, in any order unless one is given.
    fn limit_unordered(&self, limit: u64) -> Self
    where
        R: QueryRow,
    {
        self.limit(limit)
    }

    fn relabelled(&self, error: Error) -> Error {
        match error {
            Error::Read { row, source, .. } => Error::Read { query: self.label(), row, source },
            Error::Query { source, .. } => Error::Query { query: self.label(), source },
            Error::UnknownAttribute { attribute, hint, .. } => {
                Error::UnknownAttribute { attribute, of: self.label(), hint }
            }
            other => other,
        }
    }
}
