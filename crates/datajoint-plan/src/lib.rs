//! The engine of plans: read, compare, plan, approve; carry out, and read again.
//!
//! An [`Operation`] puts one kind of object in order: it compares a [`Snapshot`] of the database with what is wanted, and
//! gives an [`Item`] for each object, with the [`Step`]s that make it so. An [`Undertaking`], such as a deployment, is a
//! list of operations and what is wanted of them. The [`Engine`] makes a [`Plan`] of it, which is looked at and approved by
//! its hash; carries it out, one at a time, with a journal, a lock and a [`LockPolicy`]; and reads everything again.
//!
//! The engine knows nothing of what operations mean. What it has to know of a statement stands beside it as a type: how it
//! is run, what it locks, how long it takes and what it is for.

mod blocker;
mod engine;
mod error;
mod item;
mod journal;
mod operation;
mod plan;
mod policy;
mod snapshot;
mod step;

pub use engine::{Engine, Watch};
pub use error::{Error, Result};
pub use item::{Code, Item, State};
pub use journal::interrupted;
pub use operation::{Activity, Operation, Scope, Section, Undertaking, items};
pub use plan::Plan;
pub use policy::LockPolicy;
pub use snapshot::{Row, Snapshot, placeholders};
pub use step::{Atomicity, Chore, Cost, LockLevel, Purpose, Shared, Step, Task};
