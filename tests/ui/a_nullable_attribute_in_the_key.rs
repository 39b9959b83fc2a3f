use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session = null : int16
")]
pub struct Session;

fn main() {}
