use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    start time : datetime
    weight float64
")]
pub struct Session;

fn main() {}
