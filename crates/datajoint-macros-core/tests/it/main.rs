//! What the macros write, read as a user reads it.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod derives;
mod faults;
mod locked;
mod makes;
mod modules;
mod payload;
mod support;
mod tables;
