use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// session : int16
/// ---
/// day : date
/// index (day
/// unique index ()
/// index (day, day)
pub struct Session;

fn main() {}
