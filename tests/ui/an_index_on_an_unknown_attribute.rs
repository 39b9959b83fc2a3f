use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    date : date
    index (dat)
")]
pub struct Session;

fn main() {}
