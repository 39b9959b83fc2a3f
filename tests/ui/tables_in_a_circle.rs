use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "-> Hen")]
pub struct Egg;

#[table(Manual, definition = "-> Egg")]
pub struct Hen;

fn main() {}
