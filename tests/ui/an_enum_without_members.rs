use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    sex : enum()
")]
pub struct Session;

fn main() {}
