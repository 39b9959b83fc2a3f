//! Tests across the crates of the workspace.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

#[path = "../../xtask/src/cargo.rs"]
mod cargo;
mod ending;
mod findings;
mod macros;
mod new_project;
mod templates;
