//! The queues of jobs: workers that may declare nothing find them.

use std::collections::HashSet;
use std::sync::Arc;

use datajoint_definition::{Backend, Tier};
use datajoint_plan::{Item, LockLevel, Operation, Snapshot, Step};
use datajoint_schema::{Table, TableName};
use datajoint_sql::{JobQueue, create_lineage_table, create_table, replace_lineage};

use crate::closed::{Change, unless_closed};
use crate::{DesiredState, Error, Result};

/// The tables that workers share the keys of Computed and Imported tables by.
pub(crate) struct JobQueues;

impl Operation for JobQueues {
    const NAME: &'static str = "job-queues";

    type Spec = bool;
    type Desired = DesiredState;
    type Error = Error;

    async fn plan(snapshot: &mut Snapshot, _: &bool, desired: &DesiredState) -> Result<Vec<Item>> {
        let mut there: HashSet<TableName> = snapshot.hidden.iter().map(|table| table.name.clone()).collect();
        let mut items = Vec::new();
        for table in &snapshot.tables {
            if !matches!(table.tier, Some(Tier::Computed | Tier::Imported)) {
                continue;
            }
            let queue = match JobQueue::new(snapshot.backend, &Arc::new(table.clone())) {
                Ok(queue) => queue,
                // Such as one without an attribute from a parent: there are no keys to share.
                Err(error) => {
                    items.push(Item::of_table(&table.name, "", "", Vec::new()).skipped(error.to_string()));
                    continue;
                }
            };
            let tables = queue.tables();
            let wanted = names(&tables.iter().collect::<Vec<_>>());
            // Tables of a schema share the one of its workers.
            let missing: Vec<_> = tables.iter().filter(|table| there.insert(table.name.clone())).collect();
            let found = match missing.len() {
                0 => wanted.clone(),
                _ => format!("without {}", names(&missing)),
            };
            let mut steps = Vec::new();
            for table in missing {
                steps.extend(declared(snapshot.backend, table)?);
            }
            items.push(Item::of_table(&table.name, found, wanted, steps));
        }
        unless_closed(snapshot, desired, Change::Create, items).await
    }
}

fn names(tables: &[&Arc<Table>]) -> String {
    tables.iter().map(|table| table.name.table.as_str()).collect::<Vec<_>>().join(", ")
}

/// What declares a hidden table.
pub(crate) fn declared(backend: Backend, table: &Table) -> Result<Vec<Step>> {
    let statements = create_lineage_table(backend, &table.name.schema)
        .into_iter()
        .chain(replace_lineage(backend, table))
        .chain(create_table(backend, table)?);
    let steps = statements.map(|statement| match backend {
        Backend::Postgresql => Step::of(statement),
        Backend::Sqlite => Step::of(statement).locking(LockLevel::File),
        // These can't be undone together there.
        Backend::Mysql | Backend::Mariadb => Step::of(statement).alone(),
    });
    Ok(steps.collect())
}
