//! Populates computed DataJoint tables: key source, make, workers and progress.

mod above;
mod alert;
#[cfg(feature = "progress")]
mod bar;
mod code;
mod context;
mod describe;
mod error;
mod feed;
mod fingerprint;
mod inputs;
mod interrupt;
mod make;
mod maker;
mod plan;
mod populate;
mod record;
mod report;
mod run;
mod runner;
mod scope;
mod seen;
mod slots;
mod source;
mod stale;
mod stop;
mod together;
mod upstream;
mod version;
mod watch;
mod ways;
mod work;

#[cfg(feature = "progress")]
pub use bar::ProgressBars;
pub use code::Code;
#[doc(hidden)]
pub use code::code_of_tokens;
pub use context::{FetchContext, InsertContext, MakeContext};
pub use error::Error;
pub use make::{Make, MakeError, MakeResult, PlainMake, assert_make};
#[doc(hidden)]
pub use maker::{HasMaker, HasNoMaker, Probe};
pub use maker::{Made, Maker, Makers, Orders};
pub use populate::{Populate, PopulateTable};
pub use report::{PopulateReport, Progress};
pub use runner::Run;
pub use source::{progress_of, source_of};
pub use stale::{Change, Recompute, Stale, StaleRow, StaleRows};
pub use stop::should_stop;
pub use upstream::Upstream;
pub use watch::{PopulateEvent, PopulateWatcher, Watching};
