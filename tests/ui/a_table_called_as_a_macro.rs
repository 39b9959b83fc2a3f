use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16")]
pub struct Session;

Session!();

fn main() {}
