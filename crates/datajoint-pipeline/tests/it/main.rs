//! Pipelines on the embedded database, and on those servers that the environment names.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod activating;
mod deleting;
mod dynamic;
mod fetching;
mod inserting;
mod lab;
mod servers;
mod tasks;
