use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    2nd : int16
")]
pub struct Session;

fn main() {}
