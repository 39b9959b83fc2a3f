use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    count = many : int32
")]
pub struct Session;

fn main() {}
