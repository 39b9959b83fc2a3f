//! Tests across the crates of the workspace.

mod macros;
mod ui;
