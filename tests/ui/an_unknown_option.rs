use datajoint::prelude::*;

schema!("lab");

#[table(Manual, defintion = "session : int16")]
pub struct Session;

fn main() {}
