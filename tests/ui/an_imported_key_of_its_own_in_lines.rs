use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Imported, external_make)]
/// -> Subject
/// scan : int16
pub struct Session;

fn main() {}
