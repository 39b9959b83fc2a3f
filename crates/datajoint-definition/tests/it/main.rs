//! The definition language on real definitions, on every fault, and on anything at all.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that meets an error has failed")]

mod corpus;
mod everything;
mod faults;
mod laws;
mod lines;
