//! What is to become of jobs: for those who ask why a key is made, or not.

use std::fmt;

use datajoint_pipeline::{DynamicRow, Restriction};
use datajoint_sql::Value;

use crate::operate::moment;
use crate::queue::number;
use crate::{Error, Jobs, Status};

/// A job that is not done, and what is to become of it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Outlook {
    /// Its key.
    pub key: DynamicRow,
    /// Why it would be done now, or not.
    pub reason: Reason,
}

/// Why a job would be done now, or not. Times are those of the server's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It is due.
    Due {
        /// Since when.
        since: String,
    },
    /// It is not due yet: it was added with a delay, or failed for a reason that may pass.
    Later {
        /// From when on it is.
        from: String,
    },
    /// It is due, and less urgent than what is asked for.
    LessUrgent {
        /// Its priority.
        priority: i64,
    },
    /// A worker has it.
    Reserved {
        /// The host of the worker.
        host: String,
        /// Its process.
        pid: i64,
        /// Since when.
        since: String,
    },
    /// A worker had it whose lease has ended: it is freed.
    Lost {
        /// The host of the worker.
        host: String,
        /// Its process.
        pid: i64,
        /// Since when it had it.
        since: String,
    },
    /// It failed, and waits for somebody to have it tried again.
    Failed {
        /// The first line of its error.
        message: String,
    },
    /// It is not to be done.
    Ignored,
    /// It is in a state that this release does not know.
    Unknown {
        /// As the database has it.
        status: String,
    },
}

impl Reason {
    /// Returns true when a worker that comes now does the job.
    pub const fn runs(&self) -> bool {
        matches!(self, Self::Due { .. } | Self::Lost { .. })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Due { since } => write!(formatter, "it is pending, due since {since}"),
            Self::Later { from } => write!(formatter, "it is pending, and not due before {from}"),
            Self::LessUrgent { priority } => {
                write!(formatter, "it is pending, and its priority {priority} is not urgent enough")
            }
            Self::Reserved { host, pid, since } => {
                write!(formatter, "it is reserved by process {pid} on {host} since {since}")
            }
            Self::Lost { host, pid, since } => {
                write!(formatter, "process {pid} on {host} reserved it at {since}, and is lost: it is freed")
            }
            Self::Failed { message } => {
                write!(formatter, "it failed, and waits for `jobs retry`: {message}")
            }
            Self::Ignored => formatter.write_str("it is ignored until `jobs clear`"),
            Self::Unknown { status } => write!(formatter, "its state `{status}` is not known"),
        }
    }
}

impl Jobs {
    /// Returns what is to become of the jobs that meet a restriction and are not done, for workers that take jobs of this
    /// priority and more urgent ones: so many at most, the most urgent of each state first.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no trace.
    pub async fn outlook(
        &self,
        restriction: impl Restriction,
        priority: Option<u8>,
        limit: u64,
    ) -> Result<Vec<Outlook>, Error> {
        let chosen = datajoint_pipeline::Relation::restrict(&self.query(), restriction);
        let condition = self.instance.condition_of(&chosen).await?;
        let statement = self.sql.outlook(&condition, self.has_leases, limit)?;
        let rows = self.telling(&chosen, self.fetch(&statement).await).await?;
        rows.into_iter().map(|row| self.outlook_of(row, priority)).collect()
    }

    fn outlook_of(&self, mut row: Vec<Value>, highest: Option<u8>) -> Result<Outlook, Error> {
        self.sql.read_key(&mut row)?;
        let names: Vec<String> = self.sql.key_names().map(str::to_owned).collect();
        let said = row.split_off(names.len());
        let text = |place: usize| match said.get(place) {
            Some(Value::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let time = |place: usize| moment(said.get(place)).unwrap_or_default();
        let is_true = |place: usize| number(said.get(place)) == 1;
        let (priority, pid) = (number(said.get(1)), number(said.get(5)));
        let (host, since, scheduled) = (text(4), time(3), time(2));
        let reason = match Status::parse(&text(0)) {
            Some(Status::Pending) if !is_true(7) => Reason::Later { from: scheduled },
            Some(Status::Pending) if highest.is_some_and(|highest| priority > highest.into()) => {
                Reason::LessUrgent { priority }
            }
            Some(Status::Pending) => Reason::Due { since: scheduled },
            Some(Status::Reserved) if is_true(8) => Reason::Lost { host, pid, since },
            Some(Status::Reserved) => Reason::Reserved { host, pid, since },
            Some(Status::Error) => {
                Reason::Failed { message: text(6).lines().next().unwrap_or_default().to_owned() }
            }
            Some(Status::Ignore) => Reason::Ignored,
            Some(Status::Success) | None => Reason::Unknown { status: text(0) },
        };
        Ok(Outlook { key: names.into_iter().zip(row).collect(), reason })
    }
}
