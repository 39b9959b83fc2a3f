use datajoint::prelude::*;

schema!("lab");

mod subject {
    use datajoint::prelude::*;
    schema!("subject");
    #[table(Manual, definition = "subject_id : int32")]
    struct Subject;
}

#[table(Manual, definition = "
    -> subject::Subject
    session : int16
")]
pub struct Session;

fn main() {}
