use datajoint::prelude::*;

schema!("lab");

#[table(Manul, definition = "session : int16")]
pub struct Session;

fn main() {}
