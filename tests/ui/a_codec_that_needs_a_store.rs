use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    movie : <npy>
")]
pub struct Session;

fn main() {}
