use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
", external_make)]
pub struct Session;

fn main() {}
