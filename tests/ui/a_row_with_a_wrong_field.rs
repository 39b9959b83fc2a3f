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
    let _ = SessionRow { session: 1, sex: SessionSex::M, rat: 1.0, note: None };
}
