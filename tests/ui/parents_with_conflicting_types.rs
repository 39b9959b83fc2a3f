use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Manual, definition = "subject_id : varchar(20)")]
pub struct Animal;

#[table(Manual, definition = "
    -> Subject
    -> Animal
")]
pub struct Session;

fn main() {}
