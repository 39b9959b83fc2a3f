use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
pub struct Session;

fn main() {}
