use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32")]
pub struct Subject;

#[table(Manual, definition = "-> Subject", types(subject_id = i64))]
pub struct Session;

fn main() {}
