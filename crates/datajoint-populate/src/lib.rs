//! Populates computed DataJoint tables: key source, make, workers and progress.

mod bar;
mod context;
mod fingerprint;
mod interrupt;
mod make;
mod report;
mod upstream;
mod ways;

pub use context::{FetchContext, InsertContext, MakeContext};
pub use make::{Make, MakeError, MakeResult, PlainMake, assert_make};
pub use upstream::Upstream;
#[derive(Debug)]
pub struct Error;
impl std::fmt::Display for Error { fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { Ok(()) } }
