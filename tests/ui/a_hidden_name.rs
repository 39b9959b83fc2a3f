use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    _session : int16
")]
pub struct Session;

fn main() {}
