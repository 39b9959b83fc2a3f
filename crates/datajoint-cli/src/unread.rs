//! What the user may not read, which a command tells beside what it may.

use datajoint::error::{DatabaseErrorKind, find_refusal};
use datajoint::guard::{Finding, FindingCode};

use crate::text;

/// Gives what was read. For what the user may not read, gives nothing, and adds a finding.
pub(crate) fn if_allowed<T, E: std::error::Error + 'static>(
    outcome: Result<T, E>,
    code: FindingCode,
    what: &str,
    findings: &mut Vec<Finding>,
) -> Result<Option<T>, String> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(error) if is_of_privilege(&error) => {
            findings.push(Finding::not_read(code, what, &error));
            Ok(None)
        }
        Err(error) => Err(text(error)),
    }
}

fn is_of_privilege(error: &(dyn std::error::Error + 'static)) -> bool {
    find_refusal(error).is_some_and(|said| said.kind() == Some(DatabaseErrorKind::MissingPrivilege))
}
