use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Manual, definition = "
    -> [optional] Subject
")]
pub struct Session;

fn main() {}
