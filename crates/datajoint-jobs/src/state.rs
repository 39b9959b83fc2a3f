//! States of jobs, and what takes one to the next. There is no clock here, and nothing is sent.

use std::fmt;
use std::ops::Range;
use std::time::Duration;

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// To be done, as soon as it is due.
    Pending,
    /// A worker has it.
    Reserved,
    /// Done, where jobs are kept that are done.
    Success,
    /// Failed, until somebody has it tried again.
    Error,
    /// Not to be done.
    Ignore,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Reserved, Self::Success, Self::Error, Self::Ignore];

    /// Returns the name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Reserved => "reserved",
            Self::Success => "success",
            Self::Error => "error",
            Self::Ignore => "ignore",
        }
    }

    /// Returns the state of this name.
    ///
    /// ```
    /// use datajoint_jobs::Status;
    ///
    /// assert_eq!(Status::parse("reserved"), Some(Status::Reserved));
    /// ```
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.name())
    }
}

/// Who has a job, by its `connection_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Owner {
    /// Nobody.
    Nobody,
    /// A worker of this library, in one life of its program.
    Worker(i64),
    /// A worker of Python, by the session of the server that it reserved in.
    Session(i64),
}

impl Owner {
    /// Returns who is meant by a `connection_id`.
    pub const fn of(connection_id: i64) -> Self {
        match connection_id {
            0 => Self::Nobody,
            1.. => Self::Session(connection_id),
            _ => Self::Worker(connection_id.saturating_neg()),
        }
    }

    /// True when nobody works on the job any more.
    ///
    /// `has_lease` is whether the lease of the worker runs, `is_known` whether the server knows the session still, if it
    /// tells. A session may be young, and its worker about to show itself by another: it has as long as a lease.
    pub fn is_lost(self, has_lease: bool, is_known: Option<bool>, age: Duration, lease: Duration) -> bool {
        match self {
            Self::Nobody => false,
            Self::Worker(_) => !has_lease,
            Self::Session(_) => is_known == Some(false) && age > lease,
        }
    }
}

/// How a worker finds its reservation in the transaction that writes the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fence {
    /// The job is still its own.
    Held,
    /// There is no job any more: a late worker of Python may have removed it. What the table says decides: the row goes in
    /// unless there is one.
    Gone,
    /// Somebody else has the job now, or may take it: the result must not be written.
    Taken,
}

impl Fence {
    /// Judges a job by its owner and its state, `None` where there is none.
    ///
    /// A late worker of Python writes errors over whatever is there, and leaves the owner: that takes nothing away.
    pub fn judge(worker: i64, found: Option<(Owner, Status)>) -> Self {
        match found {
            None => Self::Gone,
            Some((Owner::Worker(owner), Status::Reserved | Status::Error)) if owner == worker => Self::Held,
            Some(_) => Self::Taken,
        }
    }

    /// True when the result may be written.
    pub fn lets_write(self) -> bool {
        self != Self::Taken
    }
}

/// How often the same key is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most tries of a key that fails for reasons that may pass.
    pub attempts: u32,
    /// After how many workers that were lost with it a key is left alone.
    pub losses: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { attempts: 5, losses: 3 }
    }
}

/// The way on for a job that was not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It is pending again, due after a while.
    Again(Duration),
    /// It is an error.
    Stop,
}

impl Limits {
    /// Returns the way on for a job that failed, and had failed so often before for reasons that may pass.
    ///
    /// ```
    /// use std::time::Duration;
    /// use datajoint_jobs::Limits;
    /// use datajoint_jobs::state::Next;
    ///
    /// let limits = Limits { attempts: 3, losses: 3 };
    /// assert_eq!(limits.after_failure(true, 1), Next::Again(Duration::from_secs(2)));
    /// assert_eq!(limits.after_failure(true, 2), Next::Stop);
    /// assert_eq!(limits.after_failure(false, 0), Next::Stop);
    /// ```
    pub fn after_failure(self, may_pass: bool, failures: u32) -> Next {
        const LONGEST: u64 = 300;
        if !may_pass || failures.saturating_add(1) >= self.attempts {
            return Next::Stop;
        }
        Next::Again(Duration::from_secs(
            1_u64.checked_shl(failures).map_or(LONGEST, |wait| wait.min(LONGEST)),
        ))
    }

    /// True for a key that so many workers were lost with, when one more is too many: it is made alone in its process, so
    /// that it is lost by its own doing.
    ///
    /// ```
    /// use datajoint_jobs::Limits;
    ///
    /// let limits = Limits { attempts: 5, losses: 3 };
    /// assert!(!limits.is_suspect(1) && limits.is_suspect(2));
    /// ```
    pub fn is_suspect(self, losses: u32) -> bool {
        losses.saturating_add(1) >= self.losses
    }

    /// The losses of keys that are claimed: of those that are suspects, or of the others.
    pub(crate) fn claimed(self, suspects: bool) -> Range<u32> {
        let last = self.losses.saturating_sub(1);
        if suspects { last..u32::MAX } else { 0..last }
    }

    /// Returns the way on for a job whose worker was lost, as so many were with it before.
    pub fn after_loss(self, losses: u32) -> Next {
        if self.is_suspect(losses) { Next::Stop } else { Next::Again(Duration::ZERO) }
    }
}
