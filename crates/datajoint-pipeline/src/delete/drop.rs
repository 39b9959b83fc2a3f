//! Tables and schemas away.

use std::sync::Arc;

use datajoint_schema::{Graph, Table, TableName};
use datajoint_sql::Statement;

use super::{Dropped, PartIntegrity};
use crate::typed::TableSpec;
use crate::{Error, Instance, Result, Target};

pub(super) async fn drop_typed(
    instance: &Instance,
    spec: &'static TableSpec,
    part_integrity: PartIntegrity,
) -> Result<Dropped> {
    let name = instance.resolve(spec)?.name.clone();
    drop_table(instance, &name, part_integrity).await
}

/// Drops a table with what depends on it.
pub(crate) async fn drop_table(
    instance: &Instance,
    name: &TableName,
    part_integrity: PartIntegrity,
) -> Result<Dropped> {
    let graph = Target::from(instance).dependents(name).await?;
    let mut tables: Vec<Arc<Table>> = graph.descendants(name)?.into_iter().cloned().collect();
    tables.extend(graph.get(name).cloned());
    if part_integrity == PartIntegrity::Cascade {
        with_masters(&graph, &mut tables)?;
    } else if part_integrity == PartIntegrity::Enforce {
        for part in &tables {
            if let Some(master) = part.master.as_ref().filter(|master| stays(&tables, master)) {
                return Err(Error::PartWithoutMaster {
                    part: part.name.clone(),
                    master: master.clone(),
                    verb: "be dropped",
                });
            }
        }
    }
    let in_order: Vec<Arc<Table>> =
        graph.tables().rev().filter(|table| is_among(&tables, &table.name)).cloned().collect();
    drop_all(instance, &in_order).await
}

/// Adds the masters of parts, and what depends on them.
fn with_masters(graph: &Graph, tables: &mut Vec<Arc<Table>>) -> Result<()> {
    while let Some(master) =
        tables.iter().filter_map(|part| part.master.clone()).find(|master| stays(tables, master))
    {
        let below = graph.descendants(&master)?.into_iter().chain(graph.get(&master)).cloned();
        for table in below.collect::<Vec<_>>() {
            if !is_among(tables, &table.name) {
                tables.push(table);
            }
        }
    }
    Ok(())
}

fn is_among(tables: &[Arc<Table>], name: &TableName) -> bool {
    tables.iter().any(|table| table.name == *name)
}

fn stays(tables: &[Arc<Table>], name: &TableName) -> bool {
    !is_among(tables, name)
}

/// Drops tables, children first, each with its jobs.
async fn drop_all(instance: &Instance, tables: &[Arc<Table>]) -> Result<Dropped> {
    let backend = instance.backend();
    let mut schemas: Vec<String> = tables.iter().map(|table| table.name.schema.clone()).collect();
    schemas.sort();
    schemas.dedup();
    let hidden = Target::from(instance).hidden_tables(&schemas).await?;
    let mut statements: Vec<Statement> = Vec::new();
    let mut dropped = Vec::new();
    for table in tables {
        let jobs =
            TableName::new(&table.name.schema, datajoint_definition::jobs_table_name(&table.name.table));
        let fills_itself = table.tier.is_some_and(datajoint_definition::Tier::is_auto_populated);
        if let Some(jobs) = hidden.iter().find(|hidden| fills_itself && hidden.name == jobs) {
            statements.extend(datajoint_sql::drop_table(backend, jobs));
            dropped.push(jobs.name.clone());
        }
        statements.extend(datajoint_sql::drop_table(backend, table));
        dropped.push(table.name.clone());
    }
    instance.change_schemas(&schemas, statements).await?;
    instance.forget(&dropped);
    Ok(dropped)
}

/// Drops a schema with all its tables.
pub(crate) async fn drop_schema(instance: &Instance, schema: &str) -> Result<Dropped> {
    let mut on = Target::from(instance);
    let graph = on.dependents_of_schema(schema).await?;
    let inside = |name: &TableName| name.schema == schema;
    let users: Vec<TableName> = graph
        .edges()
        .filter(|edge| inside(&edge.parent) && !inside(&edge.child))
        .map(|edge| edge.child.clone())
        .collect();
    if !users.is_empty() {
        return Err(Error::SchemaInUse { schema: schema.to_owned(), tables: users });
    }
    let hidden = on.hidden_tables(&[schema.to_owned()]).await?;
    let mut dropped: Vec<TableName> = hidden.into_iter().map(|table| table.name).collect();
    dropped.extend(graph.tables().rev().map(|table| table.name.clone()).filter(inside));
    let statements = datajoint_sql::drop_schema(instance.backend(), schema, &dropped);
    instance.change_schemas(&[schema.to_owned()], statements).await?;
    instance.forget(&dropped);
    Ok(dropped)
}
