//! Deployments to real servers, and to files.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that meets an error has failed")]

#[path = "../../../../xtask/src/cargo.rs"]
mod cargo;
mod columns;
mod desired;
mod doctor;
mod engine;
mod grants;
mod hook;
mod lab;
mod maintenance;
mod publication;
mod replica_identity;
mod roles;
mod rounds;
mod stamped;
mod states;
mod verify;
