use datajoint::prelude::*;

schema!("lab");

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(i16);

#[table(Manual, definition = "session : int16", types(session = Number))]
pub struct Session;

fn main() {}
