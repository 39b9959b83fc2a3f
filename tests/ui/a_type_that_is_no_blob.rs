use datajoint::prelude::*;

schema!("lab");

#[derive(Debug, Clone, PartialEq)]
pub struct Trace(Vec<f64>);

#[table(Manual, definition = "session : int16\n---\ntrace : <blob>", types(trace = Trace))]
pub struct Session;

fn main() {}
