use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    -> master
    session : int16
")]
pub struct Session;

fn main() {}
