//! What the database has.

use std::collections::BTreeSet;
use std::sync::Arc;

use datajoint_guard::ENVIRONMENT_TABLE;
use datajoint_schema::{Graph, Table, TableName};
use datajoint_sql::{
    CatalogRows, Value, catalog_queries, difference, list_schemas, read_hidden_tables, referencing_schemas,
};
use futures_util::future::BoxFuture;

use super::Target;
use crate::activation::with_hidden_of;
use crate::error::Hint;
use crate::instance::Lacking;
use crate::typed::TableSpec;
use crate::{Error, Result};

impl Target<'_> {
    /// Every table of these schemas.
    pub(crate) async fn catalog(&mut self, schemas: &[String]) -> Result<Vec<Table>> {
        let found = self.lease().await?.connection().catalog(schemas, ENVIRONMENT_TABLE).await?;
        self.instance().note_stamps(schemas, &found.stamps)?;
        Ok(found.tables)
    }

    /// These tables as far as they are there, with all that they refer to.
    pub(crate) async fn with_ancestors(&mut self, names: &[TableName]) -> Result<Graph> {
        let found = self.lease().await?.connection().catalog(names, ENVIRONMENT_TABLE).await?;
        let tables = names.iter().chain(found.tables.iter().map(|table| &table.name));
        let schemas: BTreeSet<String> = tables.map(|name| name.schema.clone()).collect();
        self.instance().note_stamps(&schemas.into_iter().collect::<Vec<_>>(), &found.stamps)?;
        Ok(Graph::new(&found.tables)?)
    }

    /// The tables of these schemas that users don't see.
    pub(crate) async fn hidden_tables(&mut self, schemas: &[String]) -> Result<Vec<Table>> {
        let backend = self.backend();
        let mut rows = CatalogRows::default();
        for query in catalog_queries(backend, schemas) {
            rows.insert(query.name, self.look_up(&query.statement).await?);
        }
        Ok(read_hidden_tables(backend, &rows)?)
    }

    /// The schemas of the database.
    pub(crate) async fn schemas(&mut self) -> Result<Vec<String>> {
        let rows = self.look_up(&list_schemas(self.backend())).await?;
        Ok(texts(rows))
    }

    /// The tables of every schema that a table may have descendants in, activated or not.
    pub(crate) async fn dependents(&mut self, name: &TableName) -> Result<Graph> {
        let graph = self.dependents_of_schema(&name.schema).await?;
        if graph.get(name).is_none() {
            let names: Vec<String> = graph.tables().map(|table| table.name.to_string()).collect();
            let hint = Hint::of(&name.to_string(), names.iter().map(String::as_str));
            return Err(Error::UnknownTable { table: name.to_string(), hint });
        }
        Ok(graph)
    }

    /// The tables of a schema and of every schema that refers to it, however far away.
    pub(crate) async fn dependents_of_schema(&mut self, schema: &str) -> Result<Graph> {
        self.dependents_of(vec![schema.to_owned()]).await
    }

    /// The tables of every schema that a table may have ancestors in.
    pub(crate) async fn ancestors(&mut self, name: &TableName) -> Result<Graph> {
        self.with_parents(vec![name.schema.clone()]).await
    }

    /// The tables of schemas and of every schema that refers to them, however far away.
    pub(crate) async fn dependents_of(&mut self, mut schemas: Vec<String>) -> Result<Graph> {
        loop {
            let found = texts(self.look_up(&referencing_schemas(self.backend(), &schemas)).await?);
            let known = schemas.len();
            schemas.extend(found.into_iter().filter(|name| !schemas.contains(name)).collect::<Vec<_>>());
            if schemas.len() == known {
                break;
            }
        }
        self.with_parents(schemas).await
    }

    /// The tables of schemas and of every schema that they refer to: what attributes are that come from above is said
    /// there.
    pub(crate) async fn with_parents(&mut self, mut schemas: Vec<String>) -> Result<Graph> {
        let mut tables = self.catalog(&schemas).await?;
        loop {
            let graph = Graph::new(&tables)?;
            let above = graph.absent_parents().iter().map(|parent| parent.schema.clone());
            let mut missing: Vec<String> = above.filter(|name| !schemas.contains(name)).collect();
            missing.sort();
            missing.dedup();
            if missing.is_empty() {
                return Ok(graph);
            }
            schemas.extend(missing);
            tables = self.catalog(&schemas).await?;
        }
    }

    /// Fails unless tables of the program are in the database.
    pub(super) fn check_declared<'a>(
        &'a mut self,
        specs: &'a [&'static TableSpec],
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.look_for(specs))
    }

    async fn look_for(&mut self, specs: &[&'static TableSpec]) -> Result<()> {
        let instance = self.instance().clone();
        let tables: Vec<Arc<Table>> =
            specs.iter().map(|spec| instance.resolve(spec)).collect::<Result<_>>()?;
        let mut schemas: Vec<String> = tables.iter().map(|table| table.name.schema.clone()).collect();
        schemas.sort();
        schemas.dedup();
        let found = self.catalog(&schemas).await?;
        let is_missing = |table: &&Arc<Table>| !found.iter().any(|found| found.name == table.name);
        let missing: Vec<TableName> =
            tables.iter().filter(is_missing).map(|table| table.name.clone()).collect();
        if !missing.is_empty() {
            return Err(Error::DeclareInTransaction { tables: missing });
        }
        // Contents wait for an activation outside.
        for (spec, table) in specs.iter().zip(tables).filter(|(spec, _)| spec.contents.is_none()) {
            let found = found.iter().find(|found| found.name == table.name);
            let lacks = found.and_then(|found| {
                Lacking::of(&instance, &table, found, &difference(instance.backend(), &table, found))
            });
            let table = found.map_or(table.clone(), |found| Arc::new(with_hidden_of(&table, found)));
            instance.set_active(spec, table, lacks);
        }
        Ok(())
    }
}

/// The first column of rows, as texts.
pub(crate) fn texts(rows: Vec<Vec<Value>>) -> Vec<String> {
    let text = |row: Vec<Value>| match row.into_iter().next() {
        Some(Value::Text(text)) => Some(text),
        // MySQL 9 has names as VARBINARY.
        Some(Value::Bytes(bytes)) => String::from_utf8(bytes).ok(),
        _ => None,
    };
    rows.into_iter().filter_map(text).collect()
}
