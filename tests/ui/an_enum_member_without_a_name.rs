use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    outcome : enum('+', '-')
")]
pub struct Session;

fn main() {}
