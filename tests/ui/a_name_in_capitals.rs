use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    Session : int16
")]
pub struct Session;

fn main() {}
