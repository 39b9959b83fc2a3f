use datajoint::prelude::*;

schema!("lab");

#[table(Lookup, definition = "session : int16\n---\nname : varchar(20)", contents = [(1, "first"), (2,)])]
pub struct Session;

fn main() {}
