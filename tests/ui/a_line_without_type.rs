use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session
    ---
    note : varchar(20)
")]
pub struct Session;

fn main() {}
