//! The tables in which changes are noted: whoever may declare nothing finds them.

use datajoint_plan::{Item, Operation, Snapshot};
use datajoint_schema::{TableName, audit_table};

use crate::closed::{Change, unless_closed};
use crate::queues::declared;
use crate::{DesiredState, Error, Result};

/// The table `~audit` of each schema.
pub(crate) struct Audit;

impl Operation for Audit {
    const NAME: &'static str = "audit";

    type Spec = bool;
    type Desired = DesiredState;
    type Error = Error;

    async fn plan(snapshot: &mut Snapshot, _: &bool, desired: &DesiredState) -> Result<Vec<Item>> {
        let mut items = Vec::new();
        for schema in &snapshot.schemas {
            let name = TableName::audit(schema);
            if snapshot.hidden.iter().any(|table| table.name == name) {
                items.push(Item::of_table(&name, "there", "there", Vec::new()));
                continue;
            }
            let steps = declared(snapshot.backend, &audit_table(schema))?;
            items.push(Item::of_table(&name, "absent", "there", steps));
        }
        unless_closed(snapshot, desired, Change::Create, items).await
    }
}
