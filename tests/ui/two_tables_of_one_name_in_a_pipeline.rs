use datajoint::prelude::*;

mod session {
    use datajoint::prelude::*;
    schema!("lab");

    #[table(Manual, definition = "session : int16")]
    pub struct Session;
}

mod trial {
    use datajoint::prelude::*;
    schema!("lab");

    #[table(Manual, definition = "trial : int16")]
    pub struct Session;
}

pipeline! {
    pub struct Lab { session::Session, trial::Session }
}

fn main() {}
