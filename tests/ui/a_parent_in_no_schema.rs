use datajoint::prelude::*;

mod subject {
    use datajoint::prelude::*;

    #[table(Manual, definition = "subject_id : int32")]
    pub struct Subject;
}

schema!("lab");

#[table(Manual, definition = "-> subject.Subject\nsession : int16")]
pub struct Session;

fn main() {
    let _ = SessionRow::new(1, 2);
}
