use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    note : varchar(20)
    note : varchar(30)
")]
pub struct Session;

fn main() {}
