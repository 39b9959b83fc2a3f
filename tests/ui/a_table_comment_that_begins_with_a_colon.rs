use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    # : sessions
    session : int16
")]
pub struct Session;

fn main() {}
