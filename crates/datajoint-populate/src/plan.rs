//! What all keys of one population share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use datajoint_pipeline::Instance;
use datajoint_pipeline::typed::{FromRow, IntoRow, RowWriter, Table as TypedTable, TableSpec};
use datajoint_schema::{Table, TableName};
use datajoint_sql::{Condition, Expression, Value};

use crate::ways::{Ways, equalities};
use crate::{Error, database, describe, version};

/// A list of keys older than this is not trusted without a look.
const FRESH: Duration = Duration::from_secs(1);

/// The table that is populated, as the database has it.
pub(crate) struct Plan {
    pub(crate) instance: Instance,
    pub(crate) table: Arc<Table>,
    spec: &'static TableSpec,
    key_names: &'static [&'static str],
    /// The version of the code, when the table has columns for how its rows were made.
    pub(crate) version: Option<String>,
    /// When the keys to make were listed.
    pub(crate) listed: Instant,
    /// The ways to the ancestors that were asked for.
    ways: Mutex<HashMap<TableName, Arc<Ways>>>,
}

impl Plan {
    pub(crate) async fn new<T: TypedTable>(instance: &Instance) -> Result<Self, Error> {
        let table = database::table(instance, T::spec())?;
        let keeps_record = table.heading.get("_job_start_time").is_some();
        let version = if keeps_record { Some(version::find(instance).await) } else { None };
        Ok(Self {
            instance: instance.clone(),
            table,
            spec: T::spec(),
            key_names: <T::Key as FromRow>::ATTRIBUTES,
            version,
            listed: Instant::now(),
            ways: Mutex::default(),
        })
    }

    /// The ways from the table up to one of its ancestors.
    pub(crate) fn ways(&self, ancestor: &TableName) -> Result<Arc<Ways>, Error> {
        let mut known = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ways) = known.get(ancestor) {
            return Ok(Arc::clone(ways));
        }
        let resolve = |spec| database::table(&self.instance, spec);
        let ways = Arc::new(Ways::find(self.spec, self.key_names, ancestor, resolve)?);
        known.insert(ancestor.clone(), Arc::clone(&ways));
        Ok(ways)
    }

    /// True when somebody may have made keys since they were listed.
    pub(crate) fn is_stale(&self) -> bool {
        self.listed.elapsed() > FRESH
    }

    /// The row of a key in the table.
    pub(crate) fn row(&self, key: &[Value]) -> Expression {
        let known: Vec<_> = self.key_names.iter().enumerate().map(|(place, name)| ((*name).to_owned(), place)).collect();
        let from = Box::new(Expression::Table(Arc::clone(&self.table)));
        Expression::Restrict { from, condition: equalities(&known, key) }
    }

    /// What the key says of the attributes that another table has from the same origin, save `apart`.
    pub(crate) fn shared(&self, other: &Table, key: &[Value], apart: &[&str]) -> Condition {
        let origin = |table: &Table, name: &str| table.heading.get(name)?.lineage.clone();
        let is_shared = |name: &str| {
            !apart.contains(&name) && origin(other, name).is_some_and(|lineage| origin(&self.table, name) == Some(lineage))
        };
        let names = self.key_names.iter().enumerate().filter(|(_, name)| is_shared(name));
        equalities(&names.map(|(place, name)| ((*name).to_owned(), place)).collect::<Vec<_>>(), key)
    }

    /// The values of a key, in the order of its attributes.
    pub(crate) fn values(&self, key: impl IntoRow) -> Result<Vec<Value>, Error> {
        let mut values = Vec::with_capacity(self.key_names.len());
        key.into_row(&mut RowWriter::new(&mut values))
            .map_err(|source| Error::Value { table: self.table.name.clone(), source })?;
        Ok(values)
    }

    /// The place of an attribute in the key.
    pub(crate) fn place(&self, attribute: &str) -> Option<usize> {
        self.key_names.iter().position(|name| *name == attribute)
    }

    /// A key as people write it.
    pub(crate) fn describe(&self, key: &[Value]) -> String {
        describe::row(self.key_names.iter().copied().zip(key))
    }
}
