use datajoint_schema::{Parent, Table, TierColumns, add_tier_columns};

use crate::typed::{TableSpec, table};
use crate::{Instance, Result};

impl Instance {
    /// The hidden columns that the settings ask for.
    pub(crate) fn tier_columns(&self) -> TierColumns {
        let settings = self.settings();
        TierColumns {
            job_metadata: settings.jobs.add_job_metadata,
            make_records: settings.jobs.record_makes,
            provenance: settings.provenance.capture,
        }
    }
}

/// The table that a spec declares, with the hidden columns that the settings ask for.
pub(super) fn resolve(instance: &Instance, spec: &'static TableSpec) -> Result<Table> {
    let parents: Vec<Parent> = spec
        .parents
        .iter()
        .map(|parent| instance.resolve(parent()).map(|table| table.as_parent()))
        .collect::<Result<_>>()?;
    let master = match spec.master {
        Some(master) => Some(instance.resolve(master())?.as_parent()),
        None => None,
    };
    let mut table = table(spec, &instance.schema_name(spec.schema), &parents, master.as_ref())?;
    add_tier_columns(&mut table, instance.tier_columns());
    Ok(table)
}
