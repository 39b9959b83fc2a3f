use datajoint::prelude::*;

schema!("lab");

#[part(definition = "
    -> master
    trial : int16
")]
pub struct SessionTrial;

fn main() {}
