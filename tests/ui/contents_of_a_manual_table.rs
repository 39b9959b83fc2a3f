use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16", contents = [1, 2])]
pub struct Session;

fn main() {}
