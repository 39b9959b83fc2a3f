//! Populating a small pipeline on an embedded database.
#![recursion_limit = "256"]

mod lab;
mod populate;
mod three_parts;
