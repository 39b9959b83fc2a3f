use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int16
    sex : enum('M', 'F')
    ---
    rate : float64
    note = null : varchar(200)
")]
pub struct Session;

fn main() {
    let _ = SessionRow { rate: "fast", ..SessionRow::new(1, SessionSex::F, 2.0) };
}
