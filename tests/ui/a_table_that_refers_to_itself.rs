use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    ---
    -> [nullable] Session.proj(previous='session')
")]
pub struct Session;

fn main() {}
