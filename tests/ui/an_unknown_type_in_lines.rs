use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// session : int16
/// ---
/// rate : double float
pub struct Session;

fn main() {}
