//! Tests of tables, their merging and their graph, as definitions declare them.

mod describing;
mod differing;
mod faults;
mod graphs;
mod hidden;
mod laws;
mod pipeline;
mod resolving;
