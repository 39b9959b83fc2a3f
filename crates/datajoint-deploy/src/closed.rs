//! Tables that the user may not declare or change: whoever may has to.

use datajoint_guard::FailureCode;
use datajoint_plan::{Code, Item, Snapshot, State};

use crate::rights::{Description, Held, Role, held};
use crate::{DesiredState, Result};

/// What an operation does with tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// It creates some.
    Create,
    /// It alters those that are there. PostgreSQL asks for their owner, which is judged before.
    Alter,
}

/// Returns these items, where those that the user may not carry out say so.
///
/// Who is in a role that declares nothing has others who do: a release of theirs has nothing to do with such an item, and it
/// is skipped. Of everybody else it is failed as far as the server is sure to refuse it.
pub(crate) async fn unless_closed(
    snapshot: &mut Snapshot,
    desired: &DesiredState,
    change: Change,
    items: Vec<Item>,
) -> Result<Vec<Item>> {
    if items.iter().all(|item| !may_be_refused(item)) {
        return Ok(items);
    }
    let description = Description::new(snapshot, &desired.described());
    let held = held(snapshot, &description).await?;
    let asks_owner = !snapshot.backend.is_mysql_family();
    let judged = items.into_iter().map(|item| {
        let Some(refusal) = refusal(&item, change, &held, asks_owner) else { return item };
        match held.role.filter(|role| !role.declares()) {
            Some(role) => item.skipped(format!(
                "{refusal}, being in {}: run `deploy apply` as a member of {}",
                description.name(role),
                description.name(Role::Deployer)
            )),
            None if asks_owner && item.state == State::WouldChange => item.failed(
                FailureCode::MissingPrivilege,
                refusal,
                "deploy as its owner, or as a user in the role of deployers",
            ),
            None => item,
        }
    });
    Ok(judged.collect())
}

fn may_be_refused(item: &Item) -> bool {
    item.state == State::WouldChange || is_of_another(item)
}

/// True for what failed since somebody else owns the table.
fn is_of_another(item: &Item) -> bool {
    matches!(&item.state, State::Failed { code, .. } if *code == Code::Ours(FailureCode::NotOwner))
}

/// Why the user may not carry out an item.
fn refusal(item: &Item, change: Change, held: &Held, asks_owner: bool) -> Option<String> {
    if let State::Failed { message, .. } = &item.state
        && is_of_another(item)
    {
        return Some(message.clone());
    }
    let is_judged = change == Change::Create || !asks_owner;
    let is_closed = item.state == State::WouldChange && is_judged && !held.creates.contains(&item.schema);
    let verb = if change == Change::Create { "create" } else { "alter" };
    is_closed.then(|| format!("you may {verb} no table in `{}`", item.schema))
}
