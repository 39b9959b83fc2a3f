use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16\n---\nrate : float64")]
pub struct Session;

fn main() {
    let _ = Session.proj((Session::session, Session::rat));
}
