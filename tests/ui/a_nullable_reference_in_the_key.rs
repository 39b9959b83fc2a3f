use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Manual, definition = "
    -> [nullable] Subject
    session : int16
")]
pub struct Session;

fn main() {}
