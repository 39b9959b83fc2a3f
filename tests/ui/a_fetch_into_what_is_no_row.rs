use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "session : int16\n---\nrate : float64")]
pub struct Session;

struct Rate {
    rate: f64,
}

async fn fetch(dj: &Instance) {
    let _ = Session.fetch_as::<Rate>(dj).await;
}

fn main() {}
