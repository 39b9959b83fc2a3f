use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16\n---\nrate : float64")]
pub struct Session;

fn main() {
    let _ = Session & 5;
    let _ = Session.proj(5);
    let _ = Session & sql("rate > ?", 5.0);
}
