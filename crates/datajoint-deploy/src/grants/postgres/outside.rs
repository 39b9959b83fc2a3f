//! What a role needs of tables in schemas that are not deployed.

use std::collections::BTreeSet;

use datajoint_guard::FailureCode;
use datajoint_plan::{Item, Snapshot, Step};

use super::observe::Observed;
use super::references;
use crate::Result;
use crate::grants::{describe, grouped, list, without};
use crate::rights::Rights;

/// The parents and dependents in other schemas; a thing of its own, as others own them.
pub(super) async fn plan_outside(
    snapshot: &mut Snapshot,
    name: &str,
    schema: &str,
    wanted: &Rights,
    observed: &Observed,
) -> Result<Option<Item>> {
    if wanted.is_empty() {
        return Ok(None);
    }
    let found = observed.on_these(name, wanted);
    let quoted = snapshot.quote(name);
    let mut steps = Vec::new();
    let schemas: BTreeSet<&String> = wanted.keys().map(|table| &table.schema).collect();
    for place in &schemas {
        let known = observed.schemas.get(&(name.to_owned(), (*place).clone()));
        if !known.is_some_and(|known| known.all.contains("USAGE")) {
            steps.push(Step::new(format!("GRANT USAGE ON SCHEMA {} TO {quoted}", snapshot.quote(place))));
        }
    }
    // What is granted there beyond this is not ours to take.
    for (verbs, tables) in grouped(&without(wanted, &found)) {
        let tables = references(snapshot, &tables);
        steps.push(Step::new(format!("GRANT {} ON TABLE {tables} TO {quoted}", list(&verbs))));
    }
    let object = (schema, format!("parents and dependents of {schema} for {name}"));
    let statements: Vec<String> = steps.iter().map(|step| step.task.to_string()).collect();
    let item = Item::new(object, describe(&grouped(&found)), describe(&grouped(wanted)), steps);
    let places: Vec<String> = schemas.into_iter().cloned().collect();
    let sql = "SELECT n.nspname || '.' || c.relname, pg_catalog.pg_get_userbyid(c.relowner)::text FROM pg_class c \
               JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT pg_catalog.pg_has_role(c.relowner, 'USAGE') \
               AND n.nspname::text IN ({})";
    let rows = snapshot.rows_of(sql, &places).await?;
    let foreign = rows.iter().find(|row| wanted.keys().any(|table| table.to_string() == row.text(0)));
    Ok(Some(match foreign {
        Some(row) if !item.statements.is_empty() => item.failed(
            FailureCode::NotOwner,
            format!("{} is owned by {}", row.text(0), row.text(1)),
            format!("{} has to: {}", row.text(1), statements.join("; ")),
        ),
        _ => item,
    }))
}
