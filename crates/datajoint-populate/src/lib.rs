//! Populates computed DataJoint tables: key source, make, workers and progress.

mod bar;
mod context;
mod describe;
mod error;
mod fingerprint;
mod interrupt;
mod make;
mod maker;
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
#[doc(hidden)]
pub use maker::{HasMaker, HasNoMaker, Probe};
pub use maker::{Made, Maker, Makers, Orders};
pub use populate::{Populate, PopulateTable};
pub use report::{PopulateReport, Progress};
pub use source::progress_of;
pub use upstream::Upstream;
