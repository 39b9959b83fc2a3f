use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Computed, definition = "
    -> Subject
    ---
    result : float64
")]
pub struct Session;

fn main() {}
