use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Manual, definition = "
    -> Subject.proj(mother='subject')
")]
pub struct Session;

fn main() {}
