use datajoint::prelude::*;

pipeline! {
    pub struct Lab { "session" }
}

fn main() {}
