use datajoint_definition::parse;
use datajoint_schema::{Declaration, Parent, Table, TierColumns, add_tier_columns, resolve as resolve_table};

use crate::typed::TableSpec;
use crate::{Error, Instance, Result};

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
    let schema = instance.schema_name(spec.schema);
    let (definition, mut faults) = parse(spec.definition);
    let parents: Vec<Parent> = spec
        .parents
        .iter()
        .map(|parent| instance.resolve(parent()).map(|table| table.as_parent()))
        .collect::<Result<_>>()?;
    let master = match spec.master {
        Some(master) => Some(instance.resolve(master())?.as_parent()),
        None => None,
    };
    let (mut table, found) = resolve_table(&Declaration {
        schema: &schema,
        class_name: spec.class_name,
        tier: spec.tier,
        definition: &definition,
        parents: &parents,
        master: master.as_ref(),
    });
    faults.extend(found);
    faults.retain(datajoint_definition::Diagnostic::is_error);
    if !faults.is_empty() {
        let definition = spec.definition.to_owned();
        return Err(Error::Definition { table: table.name, definition, faults });
    }
    add_tier_columns(&mut table, instance.tier_columns());
    Ok(table)
}
