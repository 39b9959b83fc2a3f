//! Hidden tables in schemas where the user may create none: whoever may has to.

use datajoint_guard::FailureCode;
use datajoint_plan::{Item, Snapshot, State};

use crate::rights::{Description, Role, held};
use crate::{DesiredState, Result};

/// Returns these items, where those that would create a table in a schema where the user may not are failed.
///
/// Who is in a role that declares nothing has others who do: a release of theirs has nothing to do with it, and such an
/// item is skipped.
pub(crate) async fn unless_closed(
    snapshot: &mut Snapshot,
    desired: &DesiredState,
    items: Vec<Item>,
) -> Result<Vec<Item>> {
    if items.iter().all(|item| item.state != State::WouldChange) {
        return Ok(items);
    }
    let description = Description::new(snapshot, &desired.grants.clone().unwrap_or_default());
    let held = held(snapshot, &description).await?;
    let uses = held.role.filter(|role| !role.declares());
    let judged = items.into_iter().map(|item| {
        if item.state != State::WouldChange || held.creates.contains(&item.schema) {
            return item;
        }
        let message = format!("you may create no table in `{}`", item.schema);
        match uses {
            Some(role) => item.skipped(format!(
                "{message}, being in {}: run `deploy apply` as a member of {}",
                description.name(role),
                description.name(Role::Deployer)
            )),
            None => item.failed(
                FailureCode::MissingPrivilege,
                message,
                "deploy as its owner, or as a user in the role of deployers",
            ),
        }
    });
    Ok(judged.collect())
}
