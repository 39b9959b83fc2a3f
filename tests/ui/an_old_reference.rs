use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Manual, definition = "
    (animal) -> Subject
")]
pub struct Session;

fn main() {}
