//! Configures the schemas of a pipeline for their environment: read, compare, plan, apply, and nothing left to do.
//!
//! A [`Deployment`] brings a database to a [`DesiredState`], which a file `deploy.toml` or a program says. Its
//! [`plan`](Deployment::plan) is a value: every object with how it was found and how it is wanted, the statements with
//! what they lock, and a hash by which it can be approved. [`apply`](Deployment::apply) does what is missing, one deploy at
//! a time, and reads everything again. When all is as wanted, no statement but SELECT is sent.
//!
//! Tables and columns that pipelines declare are not changed here: that is no deployment.

mod audit;
mod closed;
mod columns;
mod deployment;
mod desired;
mod doctor;
mod error;
mod grants;
mod maintenance;
mod operations;
mod owner;
mod publication;
mod queues;
mod replica_identity;
mod rights;
mod search_path;
mod verify;

pub use datajoint_plan::{
    Atomicity, Chore, Code, Cost, Error as PlanError, Item, LockLevel, LockPolicy, Plan, Purpose, Shared,
    State, Step, Task,
};
pub use datajoint_sql::Statement;
pub use deployment::Deployment;
pub use doctor::doctor;
pub use error::{Error, Result};
pub use grants::{GrantsSpec, Matrix, MatrixRow, matrix, store_policies};
pub use maintenance::{MaintenanceSpec, Upkeep, maintain};
pub use operations::{DesiredState, OperationName};
pub use publication::{PublicationSpec, PublishedOperation};
pub use replica_identity::{IntoTarget, Mode, ReplicaIdentitySpec, Target, set_replica_identity};
pub use rights::Role;
pub use verify::{Verified, VerifySpec, verify};
