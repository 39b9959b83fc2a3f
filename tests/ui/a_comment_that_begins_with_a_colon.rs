use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16   # :int16:
")]
pub struct Session;

fn main() {}
