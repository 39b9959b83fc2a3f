//! Pipelines on the embedded database, and on those servers that the environment names.

mod activating;
mod deleting;
mod dynamic;
mod fetching;
mod inserting;
mod lab;
mod servers;
