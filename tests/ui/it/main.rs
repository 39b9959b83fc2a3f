//! Faults that do not compile, and what the compiler says of each.
//!
//! This is a package of its own, so that little has to be compiled before the first of them.

#![allow(clippy::unwrap_used, reason = "a test that meets an error has failed")]

use std::path::Path;

use datajoint::lock::{FILE, Lock};
use datajoint::prelude::*;

schema!("locked");

#[table(Manual)]
/// locked_subject : int32
/// ---
/// weight         : float64
/// born = null    : date
pub struct LockedSubject;

#[table(Manual)]
/// -> LockedSubject
/// session        : int16
pub struct LockedSession;

pipeline! {
    /// The tables of the cases beside a lock.
    pub struct Locked { LockedSubject, LockedSession }
}

/// The lock of the cases that are about one.
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
fn lock() -> String {
    let tables = datajoint::typed::tables(&<Locked as datajoint::Pipeline>::specs()).unwrap();
    let written = Lock::new(&tables).to_string();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("locked").join(FILE);
    if std::env::var("TRYBUILD").is_ok_and(|word| word == "overwrite") {
        std::fs::write(&file, &written).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written);
    written
}

/// Each file beside this folder has a fault; what the compiler says of it stands beside it. Those in `locked/` are compiled beside a
/// lock, and the others, whose tables it lacks, with them.
///
/// `TRYBUILD=overwrite cargo test -p datajoint-tests-ui` records it anew.
#[test]
fn faults_do_not_compile() {
    // The crate that has the cases is made there.
    let folder =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join("../tests/trybuild").join(env!("CARGO_PKG_NAME"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(FILE), lock()).unwrap();
    let cases = trybuild::TestCases::new();
    cases.compile_fail("*.rs");
    cases.compile_fail("locked/*.rs");
}
