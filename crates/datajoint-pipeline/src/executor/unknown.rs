//! Names in SQL of users that no server knows.

use datajoint_adapters::Kind;
use datajoint_sql::Unknown;

use crate::{Error, Target};

/// The error of a query; for a column that is not there, with the name that was not meant and those that
/// are similar.
pub(crate) fn named(error: Error, unknown: impl FnOnce() -> Unknown) -> Error {
    let Error::Adapter(refusal) = &error else { return error };
    let is_missing = refusal.kind() == Some(Kind::MissingColumn);
    let found = is_missing.then(|| unknown().name).flatten();
    found.map_or(error, |found| Error::from(*found))
}

impl Target<'_> {
    /// The same, which the transaction tells from now on.
    pub(crate) fn named(&self, error: Error, unknown: impl FnOnce() -> Unknown) -> Error {
        match named(error, unknown) {
            error @ Error::Adapter(_) => error,
            found => self.telling(found),
        }
    }
}
