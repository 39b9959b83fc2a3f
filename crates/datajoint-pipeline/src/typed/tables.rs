use std::collections::HashMap;

use datajoint_definition::parse;
use datajoint_schema::{Declaration, Parent, Table, resolve};

use super::TableSpec;
use crate::activation::closure;
use crate::{Error, Result};

/// Resolves tables of a program with all that they refer to, parents first: in the schemas that `schema!` names, without any
/// prefix, and without the hidden columns that settings ask for.
///
/// Fails for a definition with faults.
///
/// ```
/// assert!(datajoint_pipeline::typed::tables(&[]).unwrap().is_empty());
/// ```
pub fn tables(specs: &[&'static TableSpec]) -> Result<Vec<Table>> {
    let mut known: HashMap<*const TableSpec, Parent> = HashMap::new();
    let mut tables = Vec::new();
    for spec in closure(specs) {
        let parent = |spec: &'static TableSpec| known.get(&std::ptr::from_ref(spec)).cloned();
        let parents: Vec<Parent> = spec.parents.iter().filter_map(|other| parent(other())).collect();
        let master = spec.master.and_then(|master| parent(master()));
        let table = table(spec, spec.schema, &parents, master.as_ref())?;
        known.insert(std::ptr::from_ref(spec), table.as_parent());
        tables.push(table);
    }
    Ok(tables)
}

/// The table that a spec declares in a schema of the database, from its parents there.
pub(crate) fn table(
    spec: &TableSpec,
    schema: &str,
    parents: &[Parent],
    master: Option<&Parent>,
) -> Result<Table> {
    let (definition, mut faults) = parse(spec.definition);
    let (table, found) = resolve(&Declaration {
        schema,
        class_name: spec.class_name,
        tier: spec.tier,
        definition: &definition,
        parents,
        master,
    });
    faults.extend(found);
    faults.retain(datajoint_definition::Diagnostic::is_error);
    if !faults.is_empty() {
        let definition = spec.definition.to_owned();
        return Err(Error::Definition { table: table.name, definition, faults });
    }
    Ok(table)
}
