//! The tables in which changes are noted: whoever may declare nothing finds them.

use datajoint_guard::FailureCode;
use datajoint_plan::{Item, Operation, Snapshot, State};
use datajoint_schema::{TableName, audit_table};

use crate::queues::{closed_schemas, declared};
use crate::{DesiredState, Error, Result};

/// The table `~audit` of each schema.
pub(crate) struct Audit;

impl Operation for Audit {
    const NAME: &'static str = "audit";

    type Spec = bool;
    type Desired = DesiredState;
    type Error = Error;

    async fn plan(snapshot: &mut Snapshot, _: &bool, _: &DesiredState) -> Result<Vec<Item>> {
        let closed = closed_schemas(snapshot).await?;
        let mut items = Vec::new();
        for schema in &snapshot.schemas {
            let name = TableName::audit(schema);
            if snapshot.hidden.iter().any(|table| table.name == name) {
                items.push(Item::of_table(&name, "there", "there", Vec::new()));
                continue;
            }
            let steps = declared(snapshot.backend, &audit_table(schema))?;
            let item = Item::of_table(&name, "absent", "there", steps);
            items.push(if item.state == State::WouldChange && closed.contains(schema) {
                item.failed(
                    FailureCode::MissingPrivilege,
                    format!("you may create no table in `{schema}`"),
                    "deploy as its owner, or as a user in the role of deployers",
                )
            } else {
                item
            });
        }
        Ok(items)
    }
}
