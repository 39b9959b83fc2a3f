#![allow(non_camel_case_types)]

use datajoint::prelude::*;

schema!("lab");

#[table(Manual, definition = "number : int16")]
pub struct session;

fn main() {}
