use datajoint::prelude::*;

mod subject {
    use datajoint::prelude::*;

    #[table(Manual, definition = "subject_id : int32")]
    pub struct Subject;
}

fn main() {
    let _ = subject::SubjectRow::new(1);
}
