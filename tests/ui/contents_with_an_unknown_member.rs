use datajoint::prelude::*;

schema!("lab");

#[table(Lookup, definition = "sex : enum('M', 'F')", contents = ["M", "U"])]
pub struct Session;

fn main() {}
