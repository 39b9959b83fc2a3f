use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16\n---\nrate : float64")]
pub struct Session;

fn main() {
    let _ = U("rate") * Session;
    let _ = Session * U("rate");
    let _ = U("rate") - Session;
    let _ = Session + 5;
    let _ = Session.aggr(&Session, 5);
    let columns = |dj: &datajoint::Instance| drop(Session.columns(dj, (Session::rate, "session")));
}
