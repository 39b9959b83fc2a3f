use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16")]
pub struct Session;

#[part(Session, definition = "
    trial : int16
")]
pub struct SessionTrial;

fn main() {}
