use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    graph : <graph>
")]
pub struct Session;

fn main() {}
