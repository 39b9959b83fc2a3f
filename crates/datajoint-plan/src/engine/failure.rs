//! Why steps were not done, and what that means for their item.

use datajoint_adapters::Kind;
use datajoint_definition::count;
use datajoint_guard::FailureCode;

use crate::{Activity, Code, Error, Item, State};

/// Why steps were not done.
pub(super) struct Failure {
    pub(super) error: Error,
    /// Whether it was a check that failed, and not what it is to check.
    pub(super) is_of_check: bool,
}

impl From<datajoint_adapters::Error> for Failure {
    fn from(error: datajoint_adapters::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<datajoint_pipeline::Error> for Failure {
    fn from(error: datajoint_pipeline::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, is_of_check: false }
    }
}

impl Failure {
    /// What the database said, where it was the database that failed or refused.
    pub(super) fn of_database(&self) -> Option<&datajoint_adapters::Error> {
        self.error.of_database()
    }

    /// True when the same may succeed if it is tried again on the same session.
    pub(super) fn is_retryable(&self) -> bool {
        self.of_database().is_some_and(|error| {
            !error.is_connection_lost() && (error.is_retryable() || is_of_schema_lock(error))
        })
    }

    /// True when nobody knows whether it was done, and the session is of no use any more.
    pub(super) fn is_unknown(&self) -> bool {
        use datajoint_adapters::Error;

        self.of_database().is_some_and(|error| {
            let is_over = matches!(
                error,
                Error::CommitUnknown { .. } | Error::Interrupted | Error::TransactionOver { .. }
            );
            is_over || error.is_connection_lost()
        })
    }

    /// How it stands with an item whose steps failed so.
    pub(super) fn state(&self, item: &Item, activity: &Activity, tries: usize, in_the_way: &str) -> State {
        if let Error::Chore(error) = &self.error {
            let hint = "put that right, and apply again: what is applied already stays";
            return State::failed(FailureCode::Store, error.to_string(), hint);
        }
        let Some(error) = self.of_database() else { return self.not_permitted() };
        let code = match error.code() {
            Some(code) => Code::Server(code.to_owned()),
            None if is_of_schema_lock(error) => FailureCode::Locked.into(),
            None => FailureCode::Connection.into(),
        };
        let wait = "end that session, or apply again when it is done; what is applied already stays";
        let (message, hint) = match error.kind() {
            Some(Kind::LockTimeout) => (
                format!("its lock was not free in {}: {in_the_way}", count(tries as u64, "try")),
                wait.to_owned(),
            ),
            _ if is_of_schema_lock(error) => (error.to_string(), wait.to_owned()),
            Some(Kind::MissingPrivilege) => {
                let Activity { noun, journal, .. } = activity;
                let hint = format!(
                    "{noun} as the owner of the tables, or as a role that is a member of it; who does also writes `{}.{journal}`",
                    item.schema,
                );
                (error.to_string(), hint)
            }
            _ if self.is_unknown() => {
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

    /// That a stamp forbids it by now.
    fn not_permitted(&self) -> State {
        let hint = "what is applied already stays: plan again as a client of that environment";
        State::failed(FailureCode::NotPermitted, self.error.to_string(), hint)
    }
}

/// True when another client changes the schema: the lock that is not free is not one of a table.
fn is_of_schema_lock(error: &datajoint_adapters::Error) -> bool {
    matches!(error, datajoint_adapters::Error::LockTimeout { .. })
}

pub(super) fn lock_lost(error: &datajoint_adapters::Error, activity: &Activity) -> State {
    State::failed(
        FailureCode::LockLost,
        error.to_string(),
        format!("another {} may be under way: plan again; what is applied already stays", activity.noun),
    )
}
