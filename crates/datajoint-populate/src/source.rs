//! Which keys a table is made for.

use std::sync::Arc;

use datajoint_pipeline::typed::TableSpec;
use datajoint_pipeline::{DynamicRow, DynamicTable, Instance, Proj, Query, Relation};
use datajoint_schema::{ForeignKey, Table};

use crate::{Error, Progress};

/// The keys that the parents of a table allow: the join of the primary keys of those that its own primary key
/// refers to, under the names they have in the table.
///
/// Fails when the key refers to no parent, and when it has attributes that no parent supplies.
pub(crate) async fn keys_of(
    instance: &Instance,
    spec: &'static TableSpec,
) -> Result<Query<DynamicRow>, Error> {
    let table = instance.resolve(spec)?;
    check_key(&table)?;
    instance.ensure_active(&[spec]).await?;
    let parents: Vec<Arc<Table>> =
        spec.parents.iter().map(|parent| instance.resolve(parent())).collect::<Result<_, _>>()?;
    keys_among(&table, &parents)
}

/// How far a table of a database is populated, whoever populates it.
///
/// Fails when its key refers to no parent, and when it has attributes that no parent supplies.
///
/// ```
/// # use datajoint::prelude::*;
/// # schema!("lab");
/// # #[table(Manual)]
/// # /// image_id : int32
/// # pub struct Image;
/// # #[table(Computed, external_make)]
/// # /// -> Image
/// # pub struct Seen;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// Image.insert(&dj, (0..20).map(ImageRow::new)).await?;
/// # Seen.fetch(&dj).await?;
///
/// let seen = dj.table("lab.Seen").await?;
/// assert_eq!(datajoint::progress_of(&dj, &seen).await?.remaining, 20);
/// # Ok(())
/// # }
/// ```
///
/// # Cancel safety
///
/// Dropped before its end, it has changed nothing, but that a first use may have declared tables; a transaction that it was
/// given refuses everything from then on.
pub async fn progress_of(instance: &Instance, table: &DynamicTable) -> Result<Progress, Error> {
    let keys = source_of(instance, table).await?;
    let remaining = keys.antijoin(table.proj(())).count(instance).await?;
    Ok(Progress { remaining, total: keys.count(instance).await? })
}

/// The keys that a table of a database is made for, whoever makes it.
///
/// Fails when its key refers to no parent, and when it has attributes that no parent supplies.
///
/// # Cancel safety
///
/// Dropped before its end, it leaves no trace.
pub async fn source_of(instance: &Instance, table: &DynamicTable) -> Result<Query<DynamicRow>, Error> {
    let found = table.table();
    check_key(found)?;
    let mut parents = Vec::new();
    for foreign_key in &found.foreign_keys {
        parents.push(Arc::clone(instance.table(&foreign_key.parent.to_string()).await?.table()));
    }
    keys_among(found, &parents)
}

fn check_key(table: &Table) -> Result<(), Error> {
    match table.own_key().next() {
        Some(attribute) => {
            Err(Error::OwnKey { table: table.name.clone(), attribute: attribute.name.clone() })
        }
        None => Ok(()),
    }
}

fn keys_among(table: &Table, parents: &[Arc<Table>]) -> Result<Query<DynamicRow>, Error> {
    let mut source: Option<Query<DynamicRow>> = None;
    for foreign_key in table.foreign_keys.iter().filter(|foreign_key| is_in_key(foreign_key, table)) {
        let Some(parent) = parents.iter().find(|parent| parent.name == foreign_key.parent) else {
            return Err(Error::NoKeySource { table: table.name.clone() });
        };
        if !foreign_key.is_to_key(parent) {
            return Err(Error::OtherReference {
                table: table.name.clone(),
                attributes: foreign_key.child_columns().map(str::to_owned).collect(),
                parent: parent.name.clone(),
            });
        }
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
