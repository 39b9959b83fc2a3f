//! Which keys a table is made for.

use std::sync::Arc;

use datajoint_pipeline::typed::TableSpec;
use datajoint_pipeline::{DynamicRow, DynamicTable, Instance, Proj, Query, Relation};
use datajoint_schema::{ForeignKey, Table};

use crate::Error;

/// The keys that the parents of a table allow: the join of the primary keys of those that its own primary key
/// refers to, under the names they have in the table.
///
/// Fails when the key refers to no parent, and when it has attributes that no parent supplies.
pub(crate) async fn keys_of(
    instance: &Instance,
    spec: &'static TableSpec,
) -> Result<Query<DynamicRow>, Error> {
    let table = instance.resolve(spec)?;
    if let Some(attribute) = table.own_key().next() {
        return Err(Error::OwnKey { table: table.name.clone(), attribute: attribute.name.clone() });
    }
    instance.ensure_active(&[spec]).await?;
    let parents: Vec<Arc<Table>> =
        spec.parents.iter().map(|parent| instance.resolve(parent())).collect::<Result<_, _>>()?;
    let mut source: Option<Query<DynamicRow>> = None;
    for foreign_key in table.foreign_keys.iter().filter(|foreign_key| is_in_key(foreign_key, &table)) {
        let Some(parent) = parents.iter().find(|parent| parent.name == foreign_key.parent) else {
            return Err(Error::NoKeySource { table: table.name.clone() });
        };
        let keys = DynamicTable::from(Arc::clone(parent)).proj(under_names_of_child(foreign_key));
        source = Some(source.map_or(keys.clone(), |source| source.join(&keys)));
    }
    source.ok_or_else(|| Error::NoKeySource { table: table.name.clone() })
}

fn is_in_key(foreign_key: &ForeignKey, table: &Table) -> bool {
    foreign_key.child_columns().all(|column| table.key_names().any(|name| name == column))
}

/// The key of a parent, its attributes renamed as the foreign key does.
fn under_names_of_child(foreign_key: &ForeignKey) -> Proj {
    let renamed = foreign_key.columns.iter().filter(|pair| pair.child != pair.parent);
    renamed.fold(Proj::key(), |keys, pair| keys.rename(&pair.child, &pair.parent))
}
