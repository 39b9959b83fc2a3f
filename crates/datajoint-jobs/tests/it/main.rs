//! What may become of a job.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

mod model;
