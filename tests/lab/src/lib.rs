//! Tables that other crates refer to, written under the lints that a strict user has.
#![deny(
    missing_docs,
    unreachable_pub,
    rustdoc::all,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::unwrap_used
)]
#![forbid(unsafe_code)]

use datajoint::prelude::*;

pub mod colony;
pub mod rig;
pub mod weighing;

pipeline! {
    /// Every table of the lab.
    pub struct Lab {
        colony::{Species, Subject, SubjectWeight},
        rig::{Rig, Calibration},
    }
}
