//! Locks, written and read.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod broken;
mod laws;
mod meaning;
mod tables;
