//! The tests of this crate.

mod aggregating;
mod catalog;
mod comparing;
mod declaring;
mod exact;
mod expressions;
mod golden;
mod large;
mod manipulating;
mod own;
mod pipeline;
mod qa;
mod refusing;
mod selecting;
mod show;
mod values;
