//! Populates computed DataJoint tables: key source, make, workers and progress.

mod bar;
mod context;
mod describe;
mod error;
mod fingerprint;
mod interrupt;
mod make;
mod plan;
mod populate;
mod record;
mod report;
mod run;
mod scope;
mod seen;
mod source;
mod upstream;
mod ways;
mod work;

pub use context::{FetchContext, InsertContext, MakeContext};
pub use error::Error;
pub use make::{Make, MakeError, MakeResult, PlainMake, assert_make};
pub use populate::{Populate, PopulateTable};
pub use report::{PopulateReport, Progress};
pub use upstream::Upstream;
