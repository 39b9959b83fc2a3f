//! The tests of this crate.

mod golden;
mod pipeline;
