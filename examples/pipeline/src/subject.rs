//! Who is recorded.

use datajoint::prelude::*;

schema!("subject");

/// The schema of this module.
pub const SCHEMA: &str = "subject";

#[table(Lookup, contents = [("mouse",), ("rat",)])]
/// # Kinds of animals
/// species : varchar(32)
pub struct Species;

#[table(Manual)]
/// # An animal
/// subject_id  : int32
/// ---
/// -> Species
/// born = null : date
pub struct Subject;
