use datajoint::prelude::*;

schema!("lab");

mod subject {
    use datajoint::prelude::*;
    schema!("subject");
    #[table(Manual, definition = "subject_id : int32")]
    pub struct Subject;
}

#[table(Manual, definition = "
    -> subject::Subjct
    session : int16
")]
pub struct Session;

fn main() {}
