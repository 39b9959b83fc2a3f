use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16")]
pub struct Session;

fn run(dj: &Instance) {
    let _ = Session.populate(dj);
}

fn main() {}
