use datajoint::prelude::*;

pub struct Session;

pipeline! {
    pub struct Lab { Session }
}

fn main() {}
