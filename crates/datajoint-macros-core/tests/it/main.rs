//! What the macros write, read as a user reads it.

mod derives;
mod faults;
mod locked;
mod makes;
mod modules;
mod payload;
mod support;
mod tables;
