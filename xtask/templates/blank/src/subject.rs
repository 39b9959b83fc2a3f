//! Who is recorded.

use datajoint::prelude::*;

schema!("subject");

/// The schema of this module.
pub const SCHEMA: &str = "subject";

#[table(Manual)]
/// # A subject of the experiment
/// subject_id : int32
/// ---
/// note = ""  : varchar(200)
pub struct Subject;
