//! The suite on every backend of this library.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that meets an error has failed")]

mod beside;
#[path = "../../../../xtask/src/cargo.rs"]
mod cargo;
mod cluster;
mod copies;
mod ends;
mod listed;
mod living;
mod logs;
mod mariadb;
mod mysql;
mod overloads;
mod own;
mod page;
mod pooler;
mod postgres;
mod processes;
mod race;
mod roads;
mod shapes;
mod slurm;
mod soak;
mod sources;
mod sqlite;
mod stamps;
mod standby;
mod unsettled;
mod verbs;

use datajoint::{Instance, Settings};
use datajoint_conformance::Capabilities;

/// The server that a variable names, if it is set.
#[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
async fn server(variable: &str, capabilities: Capabilities) -> Option<(Instance, Capabilities)> {
    let url = std::env::var(variable).ok()?;
    let settings = Settings::from_url(&url).unwrap();
    Some((Instance::connect(settings).await.unwrap(), capabilities))
}
