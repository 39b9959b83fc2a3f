use datajoint::prelude::*;

schema!("locked");

#[table(Manual)]
/// locked_subject : int32
/// ---
/// mass           : float64
/// born = null    : date
pub struct LockedSubject;

mod declared {
    use datajoint::prelude::*;

    schema!("locked");

    #[table(Manual, was(mass = "weight"))]
    /// locked_subject : int32
    /// ---
    /// mass           : float64
    /// born = null    : date
    pub struct LockedSubject;
}

fn main() {}
