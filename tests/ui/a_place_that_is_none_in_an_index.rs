use datajoint::prelude::*;

schema!("lab");

#[table(Manual)]
/// session : int16
/// ---
/// doc : json
/// index (doc."first name":char(20), doc[0]:signed)
/// index (session, doc.names[*]:char(20))
/// index (doc.a:regclass)
/// index (doc."-1")
pub struct Session;

fn main() {}
