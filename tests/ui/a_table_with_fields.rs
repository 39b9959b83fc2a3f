use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16")]
pub struct Session {
    session: i16,
}

fn main() {}
