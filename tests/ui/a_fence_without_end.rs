use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// Sessions.
///
/// ```definition
/// session : int16
pub struct Session;

fn main() {}
