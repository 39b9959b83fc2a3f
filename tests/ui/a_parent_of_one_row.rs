use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "---\nvalue : int8")]
pub struct Settings;

#[table(Manual, definition = "
    -> Settings
    session : int16
")]
pub struct Session;

fn main() {}
