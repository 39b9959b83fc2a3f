use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// subject_id : int32
/// ---
/// name       : varchar(40)
pub struct Subject;

// The example.
