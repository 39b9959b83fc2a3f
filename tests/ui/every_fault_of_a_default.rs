use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// session : int16
/// ---
/// a = 'it's : varchar(20)
/// b = null(1) : int8
/// c = "open : varchar(20)
pub struct Session;

fn main() {}
