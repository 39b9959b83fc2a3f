use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16\n---\nrate : float64")]
pub struct Session;

async fn insert(dj: &Instance) {
    let _ = Session.insert_one(dj, (1, 2.0)).await;
    let _ = Session.insert(dj, SessionRow::new(1, 2.0)).await;
}

fn main() {}
