//! A pipeline: a module for each schema, which import each other as their foreign keys go.

use datajoint::prelude::*;
use datajoint::{Activation, Run};

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

/// Computes everything that is missing, and shares the work with all others that do.
pub fn populate() -> Run {
    Run::of::<Pipeline>()
}
