use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    trace = 'empty' : longblob
")]
pub struct Session;

fn main() {}
