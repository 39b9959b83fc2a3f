//! How far a pipeline is, as data and as a page in the browser.
//!
//! An [`Overview`] says of each table how many rows it has, how many keys remain, and what its jobs do. A [`Dashboard`]
//! serves one page with that, with the graph of the tables, the failures by their faults, and who works. The page needs nothing
//! from the internet. With the feature `metrics` it gives the same numbers to Prometheus, at `/metrics`.

mod access;
mod error;
mod failing;
#[cfg(feature = "metrics")]
mod metrics;
mod overview;
mod page;
mod rates;
mod server;

pub use error::Error;
pub use overview::{Overview, QueueOverview, TableOverview};
pub use rates::Rates;
pub use server::{Dashboard, Serving};
