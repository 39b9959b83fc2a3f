//! Names in SQL of users that no server knows.

use datajoint_adapters::Kind;
use datajoint_sql::Unknown;

use crate::Error;

/// The error of a query; for a column or a function that is not there, with the name that was not meant and those that
/// are similar.
pub(crate) fn named(error: Error, unknown: impl FnOnce() -> Unknown) -> Error {
    let Error::Adapter(refusal) = &error else { return error };
    let found = match refusal.kind() {
        Some(Kind::MissingColumn) => unknown().name,
        Some(Kind::MissingFunction) => unknown().function,
        _ => None,
    };
    found.map_or(error, |found| Error::from(*found))
}
