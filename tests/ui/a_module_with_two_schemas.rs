use datajoint::prelude::*;

schema!("lab");
schema!("lab_two");

fn main() {}
