use datajoint::prelude::*;

schema!("lab");

#[table(Part, definition = "session : int16")]
pub struct A;

#[table(Manual, "session : int16")]
pub struct B;

#[table(Lookup, definition = "session : int16", contents =)]
pub struct C;

#[table(Manual, definition = "session : int16", allow_new_key)]
pub struct D;

#[table(Manual, definition = "session : int16")]
pub struct E<T>;

#[table(Manual, definition = "session : int16")]
pub enum F {}

#[table(Manual, definition = "session : int16")]
pub fn g() {}

#[part("-> master")]
pub struct H;

fn main() {}
