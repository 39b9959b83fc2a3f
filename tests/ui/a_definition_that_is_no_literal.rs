use datajoint::prelude::*;

schema!("lab");

const TEXT: &str = "session : int16";

#[table(Manual, definition = TEXT)]
pub struct Session;

fn main() {}
