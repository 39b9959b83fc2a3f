use datajoint::prelude::*;

schema!("lab");

pub struct Subject;

#[table(Manual, definition = "
    -> Subject
    session : int16
")]
pub struct Session;

fn main() {}
