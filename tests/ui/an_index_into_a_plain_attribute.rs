use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    note : varchar(20)
    index (note.first:char(20))
")]
pub struct Session;

fn main() {}
