use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "subject_id : int32\nday : date")]
pub struct Visit;

#[table(Manual, definition = "
    -> Visit.proj(day='subject_id')
")]
pub struct Session;

fn main() {}
