//! Populating a small pipeline on an embedded database.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that meets an error has failed")]

mod alerts;
mod lab;
mod populate;
mod run;
mod siblings;
mod three_parts;
