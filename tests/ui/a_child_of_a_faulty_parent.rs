use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    subject_id : int32
    ---
    name : strng
")]
pub struct Subject;

#[table(Manul, definition = "rig : int32")]
pub struct Rig;

#[table(Manual, definition = "
    -> Subject
    session : int16
")]
pub struct Session;

#[table(Manual, definition = "
    -> Rig
    session : int16
")]
pub struct Calibration;

fn what_was_understood_is_there(row: SessionRow) -> i32 {
    row.subject_id
}

fn main() {}
