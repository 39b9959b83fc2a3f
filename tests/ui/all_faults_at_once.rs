use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Manual, definition = "
    session : int33
    session-date : date
    ---
    note : string
    -> [weak] Subject
")]
pub struct Session;

fn main() {}
