use datajoint_guard::{Finding, FindingCode};
use datajoint_plan::{Snapshot, State};

use crate::{DesiredState, Result, grants};

/// Whether the roles that there are may do what a file says of them. Without one nobody knows who writes which schemas.
pub(super) async fn check(snapshot: &mut Snapshot, desired: &DesiredState) -> Result<()> {
    let Some(spec) = &desired.grants else { return Ok(()) };
    for item in grants::drift(snapshot, spec).await? {
        if matches!(item.state, State::WouldChange | State::Failed { .. }) {
            snapshot.findings.push(Finding::warning(
                FindingCode::RoleRights,
                format!("{}: {}, where it should be {}", item.object, item.found, item.wanted),
                "`deploy apply grants`, with the file that says who is in the roles",
            ));
        }
    }
    Ok(())
}
