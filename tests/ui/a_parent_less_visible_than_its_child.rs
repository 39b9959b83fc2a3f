use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
struct Subject;

#[table(Manual, definition = "
    -> Subject
    session : int16
")]
pub struct Session;

fn main() {}
