use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Manual, definition = "
    -> Subject
    subject_id : uuid
")]
pub struct Session;

fn main() {}
