//! A pipeline: a module for each schema, which import each other as their foreign keys go.

use datajoint::prelude::*;
use datajoint::{Activation, PopulateError};

pub mod subject;

pipeline! {
    /// Every table.
    pub struct Pipeline {
        subject::Subject,
    }
}

/// The version of each schema. Count it up with every change of a definition, and migrate the database before it.
pub const SCHEMA_VERSIONS: &[(&str, &str)] = &[(subject::SCHEMA, "1.0.0")];

/// Makes the database ready for this program.
///
/// In development it declares what is missing, and records the versions of schemas that have none. Where `create_tables`
/// is off, it declares nothing: tables and versions must be there.
pub async fn initialize(dj: &Instance) -> datajoint::Result<Activation> {
    dj.activate_at::<Pipeline>(SCHEMA_VERSIONS).await
}

/// Computes everything that is missing, in the order in which tables refer to each other: a line for each Imported and
/// Computed table, such as `ephys::Spikes.populate(dj).workers(workers).run().await?.to_string()`.
pub async fn populate(_dj: &Instance, _workers: usize) -> Result<Vec<String>, PopulateError> {
    Ok(Vec::new())
}
