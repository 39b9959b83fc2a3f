//! Tables declared with the macros, as a user of the library meets them.

mod derives;
mod inherited;
mod rows;
mod specs;
