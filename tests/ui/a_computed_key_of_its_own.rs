use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Computed, definition = "
    -> Subject
    method : int8
    ---
    result : float64
", external_make)]
pub struct Session;

fn main() {}
