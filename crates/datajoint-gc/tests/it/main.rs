//! Objects that no row refers to go through quarantine, and nothing else does.
#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod dropped;
mod erase;
mod lab;
mod life;
mod model;
mod refusals;
mod servers;
mod together;
