use std::sync::Arc;

use datajoint_schema::{Graph, Table};

use super::DynamicTable;
use crate::delete::{Dropping, What};
use crate::error::Hint;
use crate::{Error, Instance, Result, Target};

/// A schema as found in a database, with all its tables.
///
/// It shows the schema as it was when it was read.
#[derive(Debug, Clone)]
pub struct Schema {
    name: String,
    graph: Arc<Graph>,
}

impl Schema {
    /// The tables of a graph that are in a schema.
    pub(super) fn of(name: &str, graph: &Graph) -> Self {
        let graph = Arc::new(graph.filter(|table| table.name.schema == name));
        Self { name: name.to_owned(), graph }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of its tables in the database, parents first.
    pub fn list_tables(&self) -> Vec<String> {
        self.graph.tables().map(|table| table.name.table.clone()).collect()
    }

    /// Its tables, parents first.
    pub fn tables(&self) -> impl Iterator<Item = DynamicTable> {
        self.graph.tables().map(|table| DynamicTable::new(Arc::clone(table)))
    }

    /// Its tables and the foreign keys between them.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The table of this class (`Session`, `Session.Trial`, `SessionTrial`) or of this name in the database
    /// (`__spikes`).
    ///
    /// Fails when there is none.
    pub fn table(&self, name: &str) -> Result<DynamicTable> {
        let wanted = name.replace('.', "");
        let exact = |table: &&Arc<Table>| {
            table.name.table == name || datajoint_definition::class_path(&table.name.table) == name
        };
        // `SessionTrial` is also what a table of its own may be called.
        let joined = |table: &&Arc<Table>| datajoint_definition::camel_case(&table.name.table) == wanted;
        let mut tables = self.graph.tables();
        if let Some(table) = self.graph.tables().find(exact).or_else(|| tables.find(joined)) {
            return Ok(DynamicTable::new(Arc::clone(table)));
        }
        let classes: Vec<String> =
            self.graph.tables().map(|table| datajoint_definition::class_path(&table.name.table)).collect();
        let hint = Hint::of(name, classes.iter().map(String::as_str));
        Err(Error::UnknownTable { table: format!("{}.{name}", self.name), hint })
    }
}

impl Instance {
    /// A schema as it is in the database; `name` is its full name there.
    ///
    /// Fails when there is none of this name.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn schema(&self, name: &str) -> Result<Schema> {
        let mut on = Target::from(self);
        let tables = on.catalog(&[name.to_owned()]).await?;
        if tables.is_empty() {
            let schemas = on.schemas().await?;
            if !schemas.iter().any(|known| known == name) {
                let hint = Hint::of(name, schemas.iter().map(String::as_str));
                return Err(Error::UnknownSchema { schema: name.to_owned(), hint });
            }
        }
        // Attributes that come from other schemas get their types from there.
        let graph = Graph::new(&tables)?;
        let mut schemas: Vec<String> =
            graph.absent_parents().iter().map(|parent| parent.schema.clone()).collect();
        let graph = if schemas.is_empty() {
            graph
        } else {
            schemas.push(name.to_owned());
            schemas.sort();
            schemas.dedup();
            Graph::new(on.catalog(&schemas).await?)?.filter(|table| table.name.schema == name)
        };
        Ok(Schema { name: name.to_owned(), graph: Arc::new(graph) })
    }

    /// A table as it is in the database: `"schema.table"`, with the name that it has there or its class.
    ///
    /// Fails when there is none of this name.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    pub async fn table(&self, name: &str) -> Result<DynamicTable> {
        let Some((schema, table)) = name.split_once('.') else {
            let hint = crate::error::Hint::Form("schema.table");
            return Err(Error::UnknownTable { table: name.to_owned(), hint });
        };
        self.schema(schema).await?.table(table)
    }

    /// Drops a schema of the database with all its tables.
    ///
    /// Fails, before anything is dropped, when there is none of this name, and when tables of other schemas refer to it.
    pub fn drop_schema(&self, name: &str) -> Dropping {
        Dropping::new(self, What::Schemas(vec![name.to_owned()]))
    }

    /// Drops all schemas of the database whose names begin so, with all their tables; none when there is none.
    ///
    /// Fails, before anything is dropped, when tables of other schemas refer to them, and for an empty prefix, which
    /// every schema has.
    pub fn drop_schemas(&self, prefix: &str) -> Dropping {
        Dropping::new(self, What::Prefix(prefix.to_owned()))
    }
}
