//! What all keys of one population share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use datajoint_pipeline::Instance;
use datajoint_pipeline::typed::{FromRow, IntoRow, RowWriter, Table as TypedTable, TableSpec};
use datajoint_schema::{Table, TableName};
use datajoint_sql::{Comparison, Condition, Expression, Value};

use crate::Error;
use crate::ways::Ways;

/// The table that is populated, as the database has it.
pub(crate) struct Plan {
    pub(crate) instance: Instance,
    spec: &'static TableSpec,
    pub(crate) table: Arc<Table>,
    key_names: &'static [&'static str],
    /// The version of the code, when the table has columns for how its rows were made.
    pub(crate) version: Option<String>,
    /// The ways to the ancestors that were asked for.
    ways: Mutex<HashMap<TableName, Arc<Ways>>>,
}

impl Plan {
    pub(crate) async fn new<T: TypedTable>(instance: &Instance) -> Result<Self, Error> {
        let spec = T::spec();
        let table = instance.resolve(spec)?;
        let records_jobs = table.heading.get("_job_start_time").is_some();
        let version = if records_jobs { Some(crate::version::find(instance).await) } else { None };
        Ok(Self {
            instance: instance.clone(),
            spec,
            table,
            key_names: <T::Key as FromRow>::ATTRIBUTES,
            version,
            ways: Mutex::default(),
        })
    }

    /// The table of a spec, as the database has it.
    pub(crate) fn resolve(&self, spec: &'static TableSpec) -> Result<Arc<Table>, Error> {
        Ok(self.instance.resolve(spec)?)
    }

    /// The ways from the table up to one of its ancestors.
    pub(crate) fn ways(&self, ancestor: &TableName) -> Result<Arc<Ways>, Error> {
        let mut known = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(ways) = known.get(ancestor) {
            return Ok(Arc::clone(ways));
        }
        let ways = Ways::find(self.spec, self.key_names, ancestor, |spec| self.resolve(spec))?;
        let ways = Arc::new(ways);
        known.insert(ancestor.clone(), Arc::clone(&ways));
        Ok(ways)
    }

    /// The values of a key, in the order of its attributes.
    pub(crate) fn values(&self, key: impl IntoRow) -> Result<Vec<Value>, Error> {
        let mut values = Vec::with_capacity(self.key_names.len());
        key.into_row(&mut RowWriter::new(&mut values)).map_err(|error| self.instance_error(error))?;
        Ok(values)
    }

    /// The value of an attribute in the key.
    pub(crate) fn value<'key>(&self, key: &'key [Value], attribute: &str) -> Option<&'key Value> {
        key.get(self.key_names.iter().position(|name| *name == attribute)?)
    }

    /// The row of a key in the table.
    pub(crate) fn row(&self, key: &[Value]) -> Expression {
        Expression::Restrict {
            from: Box::new(Expression::Table(Arc::clone(&self.table))),
            condition: equalities(self.key_names.iter().copied().zip(key)),
        }
    }

    /// A key as people write it.
    pub(crate) fn describe(&self, key: &[Value]) -> String {
        describe(self.key_names.iter().copied().zip(key))
    }
}
