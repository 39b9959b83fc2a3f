use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Manual)]
/// -> Subject
/// -> Subjct
/// session : int16
pub struct Session;

fn main() {}
