//! The pipeline of a laboratory: a module for each schema, which import each other as their foreign keys go.

use datajoint::prelude::*;
use datajoint::{Activation, Run};

pub mod analysis;
pub mod demo;
pub mod ephys;
pub mod imaging;
pub mod session;
pub mod subject;

pipeline! {
    /// Every table of the laboratory.
    pub struct Pipeline {
        subject::{Species, Subject},
        session::Session,
        ephys::{Recording, Method, Spikes, SpikesEvent},
        imaging::Scan,
        analysis::Correlation,
    }
}

/// The version of each schema. Count it up with every change of a definition, and migrate the database before it.
pub const SCHEMA_VERSIONS: &[(&str, &str)] = &[
    (subject::SCHEMA, "1.0.0"),
    (session::SCHEMA, "1.0.0"),
    (ephys::SCHEMA, "1.0.0"),
    (imaging::SCHEMA, "1.0.0"),
    (analysis::SCHEMA, "1.0.0"),
];

/// Makes the database ready for this program, in the order in which tables refer to each other.
///
/// In development it declares what is missing, and records the versions of schemas that are new. Where `create_tables` is
/// off, it declares and records nothing: tables and versions must be there. A schema of another version is an error, before
/// anything is declared: what raises a version is `record_versions`, once its tables were changed.
pub async fn initialize(dj: &Instance) -> datajoint::Result<Activation> {
    dj.activate_at::<Pipeline>(SCHEMA_VERSIONS).await
}

/// Computes everything that is missing, and shares the work with all others that do.
pub fn populate() -> Run {
    Run::of::<Pipeline>()
}
