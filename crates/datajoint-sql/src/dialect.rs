//! What each backend says in its own way: one trait a job, which a backend implements in its file of that job.

use std::fmt;

mod catalog;
mod ddl;
mod function;
mod insert;
mod jobs;
mod json;
mod keys;
mod quote;
mod select;
mod session;
mod stamp;
mod twist;

pub(crate) use catalog::Catalog;
pub(crate) use ddl::{Ddl, IndexTails};
pub(crate) use function::{Functions, Guard, Listed};
pub(crate) use insert::Insert;
pub(crate) use jobs::{Clock, Jobs, RowAddress};
pub(crate) use json::{Json, cases, compared};
pub(crate) use keys::{KeyColumn, Keys};
pub(crate) use quote::Quote;
pub(crate) use select::Select;
pub(crate) use session::Sessions;
pub(crate) use stamp::{CommentQuery, Stamps};
pub(crate) use twist::Twist;

/// The SQL of one backend: all jobs of it.
pub(crate) trait Dialect:
    Catalog
    + Ddl
    + Functions
    + Insert
    + Jobs
    + Json
    + Keys
    + Quote
    + Select
    + Sessions
    + Stamps
    + fmt::Debug
    + Sync
{
}
