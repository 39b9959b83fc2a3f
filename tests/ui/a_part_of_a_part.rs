use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16")]
pub struct Session;

#[part(Session, definition = "-> master\ntrial : int16")]
pub struct SessionTrial;

#[part(SessionTrial, definition = "-> master\nlick : int16")]
pub struct SessionTrialLick;

fn main() {}
