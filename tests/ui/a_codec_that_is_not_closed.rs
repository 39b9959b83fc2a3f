use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    movie : <blob
")]
pub struct Session;

fn main() {}
