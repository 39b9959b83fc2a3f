//! The definition language on real definitions, on every fault, and on anything at all.

mod corpus;
mod faults;
mod laws;
mod lines;
