//! Why steps were not done, and what that means for their item.

use datajoint_adapters::Kind;
use datajoint_definition::count;

use crate::{Activity, Item, State};

/// Why steps were not done.
pub(super) struct Failure {
    pub(super) error: datajoint_adapters::Error,
    /// Whether it was a check that failed, and not what it is to check.
    pub(super) is_of_check: bool,
}

impl From<datajoint_adapters::Error> for Failure {
    fn from(error: datajoint_adapters::Error) -> Self {
        Self { error, is_of_check: false }
    }
}

impl Failure {
    /// How it stands with an item whose steps failed so.
    pub(super) fn state(&self, item: &Item, activity: &Activity, tries: usize, in_the_way: &str) -> State {
        let error = &self.error;
        let code = error.code().unwrap_or("connection").to_owned();
        let (message, hint) = match error.kind() {
            Some(Kind::LockTimeout) => (
                format!("its lock was not free in {}: {in_the_way}", count(tries as u64, "try")),
                "end that session, or apply again when it is done; what is applied already stays".to_owned(),
            ),
            Some(Kind::MissingPrivilege) => {
                let Activity { noun, journal, .. } = activity;
                let hint = format!(
                    "{noun} as the owner of the tables, or as a role that is a member of it; who does also writes `{}.{journal}`",
                    item.schema,
                );
                (error.to_string(), hint)
            }
            _ if is_unknown(error) => {
                (error.to_string(), "whether it was done is not known: plan again, which reads it".to_owned())
            }
            _ => (
                error.to_string(),
                "put that right, and apply again: what is applied already stays".to_owned(),
            ),
        };
        // What is checked may be made right by the other items.
        State::Failed { code, message, hint, after_others: self.is_of_check && !error.is_retryable() }
    }
}

/// True when nobody knows whether it was done, and the session is of no use any more.
pub(super) fn is_unknown(error: &datajoint_adapters::Error) -> bool {
    use datajoint_adapters::Error;

    let is_over =
        matches!(error, Error::CommitUnknown { .. } | Error::Interrupted | Error::TransactionOver { .. });
    is_over || error.is_connection_lost()
}

pub(super) fn lock_lost(error: &datajoint_adapters::Error, activity: &Activity) -> State {
    State::failed(
        "lock-lost",
        error.to_string(),
        format!("another {} may be under way: plan again; what is applied already stays", activity.noun),
    )
}
