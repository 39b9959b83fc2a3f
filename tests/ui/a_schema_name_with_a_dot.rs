use datajoint::prelude::*;

schema!("lab.sessions");

fn main() {}
