//! The hidden columns of tables that were declared without them.

use datajoint_definition::{Backend, Tier};
use datajoint_schema::{TierColumns, tier_attributes};
use datajoint_sql::add_columns;

use crate::look::Look;
use crate::plan::{Item, Locks, Step};
use crate::{Operation, Result};

pub(crate) async fn plan(look: &mut Look<'_>, operation: Operation) -> Result<Vec<Item>> {
    let columns = TierColumns {
        provenance: operation == Operation::Provenance,
        job_metadata: operation == Operation::JobMetadata,
    };
    let owned = crate::owner::owned(look).await?;
    let mut items = Vec::new();
    for table in &look.tables {
        // A table that follows no rule of names has no tier; parts and lookups get none of these.
        let attributes = tier_attributes(table.tier.unwrap_or(Tier::Lookup), columns);
        if attributes.is_empty() {
            continue;
        }
        let missing: Vec<_> =
            attributes.iter().filter(|attribute| table.heading.get(&attribute.name).is_none()).collect();
        let names = |of: &[&datajoint_schema::Attribute]| {
            of.iter().map(|attribute| attribute.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let wanted = names(&attributes.iter().collect::<Vec<_>>());
        let found = match missing.len() {
            0 => wanted.clone(),
            _ => format!("without {}", names(&missing)),
        };
        let statements =
            if missing.is_empty() { Vec::new() } else { add_columns(look.backend, table, &missing)? };
        let steps = statements.into_iter().map(|mut statement| {
            let is_change = statement.sql.starts_with("ALTER");
            if look.backend.is_mysql_family() {
                // The server refuses rather than to write the table anew.
                statement.sql.push_str(", ALGORITHM=INSTANT");
                return Step::of(statement).alone().locking(Locks::Metadata);
            }
            Step::of(statement).locking(match look.backend {
                Backend::Postgresql if is_change => Locks::AccessExclusive,
                Backend::Postgresql => Locks::ShareUpdateExclusive,
                _ => Locks::File,
            })
        });
        let object = (table.name.schema.as_str(), table.name.to_string());
        let item = Item::new(operation, object, found, wanted, steps.collect());
        items.push(owned.check(item, &table.name));
    }
    Ok(items)
}
