use datajoint::prelude::*;

schema!("locked");

#[table(Manual, changed_from = "0123456789abcdef", was(weight = "mass"))]
/// locked_subject : int32
/// ---
/// weight         : float64
/// born = null    : date
pub struct LockedSubject;

#[table(Manual, renamed_from = "Visit")]
/// -> LockedSubject
/// session        : int16
pub struct LockedSession;

fn main() {}
