use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : json
    trace : <blob>
")]
pub struct Session;

fn main() {}
