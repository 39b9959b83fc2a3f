//! The tables above a table, and the rows in them that a key comes from.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use datajoint_pipeline::typed::TableSpec;
use datajoint_pipeline::{Condition, DynamicRow, DynamicTable, Instance, Query, Relation as _};
use datajoint_schema::{Table, TableName};
use datajoint_sql::Value;

use crate::Error;
use crate::ways::{Ways, equalities};

/// A table with those above it.
pub(crate) struct Above {
    table: Arc<Table>,
    key_names: Vec<String>,
    tables: HashMap<TableName, Arc<Table>>,
    /// The ways to the ancestors that were asked for.
    ways: Mutex<HashMap<TableName, Arc<Ways>>>,
}

/// Where rows come from: a table, or a part of one, with its master then.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) table: Arc<Table>,
    pub(crate) master: Option<Arc<Table>>,
}

impl Above {
    /// Of a table of the program.
    pub(crate) fn of_program(
        instance: &Instance,
        spec: &'static TableSpec,
        key_names: &[&str],
    ) -> Result<Self, Error> {
        let mut tables = HashMap::new();
        let mut open = vec![spec];
        while let Some(spec) = open.pop() {
            let table = instance.resolve(spec)?;
            if tables.insert(table.name.clone(), table).is_none() {
                open.extend(spec.parents.iter().map(|parent| parent()));
            }
        }
        let key_names = key_names.iter().map(|name| (*name).to_owned()).collect();
        Ok(Self { table: instance.resolve(spec)?, key_names, tables, ways: Mutex::default() })
    }

    /// Of a table of the database.
    pub(crate) async fn of_database(instance: &Instance, table: &Arc<Table>) -> Result<Self, Error> {
        let mut tables = HashMap::from([(table.name.clone(), Arc::clone(table))]);
        let parents = |table: &Table| -> Vec<TableName> {
            table.foreign_keys.iter().map(|foreign_key| foreign_key.parent.clone()).collect()
        };
        let mut open = parents(table);
        while let Some(name) = open.pop() {
            if tables.contains_key(&name) {
                continue;
            }
            let found = Arc::clone(instance.table(&name.to_string()).await?.table());
            open.extend(parents(&found));
            tables.insert(name, found);
        }
        let visible = table.key_names().filter(|name| !datajoint_schema::is_hidden_name(name));
        let key_names = visible.map(str::to_owned).collect();
        Ok(Self { table: Arc::clone(table), key_names, tables, ways: Mutex::default() })
    }

    /// The attributes of the key.
    pub(crate) fn key_names(&self) -> &[String] {
        &self.key_names
    }

    /// The rows of an ancestor that a key comes from.
    pub(crate) fn condition(
        &self,
        ancestor: &TableName,
        key: &[Value],
    ) -> datajoint_pipeline::Result<Condition> {
        Ok(self.ways(ancestor).condition(key)?.into())
    }

    pub(crate) fn ways(&self, ancestor: &TableName) -> Arc<Ways> {
        let mut known = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.entry(ancestor.clone()).or_insert_with(|| {
            Arc::new(Ways::find(&self.table, &self.key_names, ancestor, |name| {
                self.tables.get(name).cloned()
            }))
        });
        Arc::clone(found)
    }

    /// What a key says of attributes of another table that have its names and origins, save those of `apart`.
    pub(crate) fn shared(&self, other: &Table, apart: &Table, key: &[Value]) -> Condition {
        equalities(&self.shared_places(other, apart), key).into()
    }

    /// These attributes, each with its place in the key.
    pub(crate) fn shared_places(&self, other: &Table, apart: &Table) -> Vec<(String, usize)> {
        let origin =
            |table: &Table, name: &str| table.heading.get(name).and_then(|found| found.lineage.clone());
        let is_shared = |name: &str| {
            let here = origin(&self.table, name);
            here.is_some() && here == origin(other, name) && !apart.key_names().any(|known| known == name)
        };
        let names = self.key_names.iter().enumerate().filter(|(_, name)| is_shared(name));
        names.map(|(place, name)| (name.clone(), place)).collect()
    }

    /// The attributes of a source that tell which of its rows belong to a key, each with the place in the key of its value;
    /// none where that takes more to tell.
    pub(crate) fn places(&self, source: &Source) -> Option<Vec<(String, usize)>> {
        let Some(master) = &source.master else {
            return self.ways(&source.table.name).places().map(<[_]>::to_vec);
        };
        let ways = self.ways(&master.name);
        let known = ways.places()?;
        let of_master =
            source.table.foreign_keys.iter().find(|foreign_key| foreign_key.parent == master.name)?;
        let mut places = self.shared_places(&source.table, master);
        for (name, place) in known {
            let pair = of_master.columns.iter().find(|pair| pair.parent == *name)?;
            places.push((pair.child.clone(), *place));
        }
        Some(places)
    }

    /// The rows of a source that a key comes from.
    pub(crate) fn rows(
        &self,
        source: &Source,
        key: &[Value],
    ) -> datajoint_pipeline::Result<Query<DynamicRow>> {
        let rows = DynamicTable::from(Arc::clone(&source.table));
        let Some(master) = &source.master else {
            return Ok(rows.restrict(self.condition(&source.table.name, key)?));
        };
        let masters = DynamicTable::from(Arc::clone(master));
        let masters = masters.restrict(self.condition(&master.name, key)?).proj(());
        Ok(rows.restrict(masters).restrict(self.shared(&source.table, master, key)))
    }
}
