//! Configures the schemas of a pipeline for their environment: read, compare, plan, apply, and nothing left to do.
//!
//! A [`Deployment`] brings a database to what is [`Wanted`], which a file `deploy.toml` or a program says. Its
//! [`plan`](Deployment::plan) is a value: every object with how it was found and how it is wanted, the statements with
//! what they lock, and a hash by which it can be approved. [`apply`](Deployment::apply) does what is missing, one deploy at
//! a time, and reads everything again. When all is as wanted, no statement but SELECT is sent.
//!
//! Tables and columns that pipelines declare are not changed here: that is no deployment.

mod blocker;
mod columns;
mod deployment;
mod doctor;
mod grants;
mod journal;
mod look;
mod maintenance;
mod owner;
mod plan;
mod publication;
mod replica_identity;
mod verify;
mod wanted;

mod error;

pub use deployment::{Deployment, Patience};
pub use doctor::doctor;
pub use error::{Error, Result};
pub use grants::{Matrix, Role, matrix, store_policies};
pub use plan::{Class, Item, Lasts, Locks, Operation, Plan, State, Step};
pub use replica_identity::{Mode, set_replica_identity};
pub use verify::{Verified, verify};
pub use wanted::{
    GrantsWanted, MaintenanceWanted, PublicationWanted, ReplicaIdentityWanted, VerifyWanted, Wanted,
};
