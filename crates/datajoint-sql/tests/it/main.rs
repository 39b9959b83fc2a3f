//! The tests of this crate.

mod aggregating;
mod catalog;
mod declaring;
mod golden;
mod manipulating;
mod pipeline;
mod qa;
mod selecting;
mod show;
mod values;
