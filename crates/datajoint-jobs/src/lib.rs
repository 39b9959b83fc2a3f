//! Job queues of DataJoint tables: refresh, claim, lease, fence, release.
//!
//! The queue of a table is a table beside it, `~~name`, as DataJoint for Python has it, and workers of both kinds share
//! it. A row says which state the job of a key is in ([`Status`]); what may become of it stands in [`state`].
//!
//! A [`Worker`] is one life of one program. It has a lease, which it renews, and a number, which stands in
//! `connection_id` of what it reserved, below zero: sessions of servers, which workers of Python write there, are above.
//! How often a key failed or was lost stands in `~~~name`, the leases in `~worker`. Python passes over both.

mod error;
mod failure;
mod keeper;
mod operate;
mod outlook;
mod pace;
mod queue;
mod refresh;
pub mod state;
mod worker;

pub use error::Error;
pub use failure::{cut, fingerprint};
pub use operate::{Counts, Failures, Holder};
pub use outlook::{Outlook, Reason};
pub use pace::Pace;
pub use queue::Jobs;
pub use refresh::{Refresh, Refreshed};
pub use state::{Fence, Limits, Status};
pub use worker::{Claimed, Outcome, Worker, WorkerOptions};
