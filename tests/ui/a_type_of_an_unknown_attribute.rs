use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16", types(sesion = i16))]
pub struct Session;

fn main() {}
