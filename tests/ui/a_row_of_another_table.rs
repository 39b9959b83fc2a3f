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

#[table(Manual, definition = "cage : int32")]
pub struct Cage;

use datajoint::Table;

fn main() {
    fn takes<T: Table>(_: T::Row) {}
    takes::<Session>(CageRow::new(1));
}
