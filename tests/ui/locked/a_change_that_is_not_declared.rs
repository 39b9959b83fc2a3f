use datajoint::prelude::*;

schema!("locked");

#[table(Manual)]
/// locked_subject : int32
/// ---
/// weight         : float32
/// note = ""      : varchar(20)
pub struct LockedSubject;

#[table(Lookup, definition = "
    -> LockedSubject
    session : int32
")]
pub struct LockedSession;

mod elsewhere {
    use datajoint::prelude::*;

    schema!("elsewhere");

    #[table(Manual)]
    /// of_another_schema : int32
    pub struct LockedSubject;
}

fn main() {}
