use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    drug : enum('a-1', 'a 1')
")]
pub struct Session;

fn main() {}
