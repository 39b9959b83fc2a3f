use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16")]
pub struct Session;

#[table(Manual, definition = "session : int32")]
pub struct Session;

fn main() {}
