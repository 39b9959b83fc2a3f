use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// subject_id : int32
/// ---
/// name       : varchar(40)
pub struct Subject;

#[table(Manual)]
/// -> Subject
/// session    : int16
/// ---
/// weight     : float64      # (g)
pub struct Session;

// The example.
