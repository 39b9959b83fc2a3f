use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    note : varchar(many)
")]
pub struct Session;

fn main() {}
