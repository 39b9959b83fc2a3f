use datajoint::prelude::*;

schema!("lab");

#[table(definition = "session : int16")]
pub struct Session;

fn main() {}
