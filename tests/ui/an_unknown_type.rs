use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "
    session : int33
    ---
    note : varchar(20)
")]
pub struct Session;

fn what_was_understood_is_there(row: SessionRow) -> String {
    row.note
}

fn main() {}
