//! What lookup tables are declared with.

use std::sync::Arc;

use datajoint_schema::{Table, TableName};
use datajoint_sql::{Expression, Value};

use super::Activation;
use super::declare::Tries;
use crate::insert::{Columns, Compared, Writer, compared};
use crate::typed::TableSpec;
use crate::{Error, InsertOptions, Instance, Result, Target};

/// The rows that a definition gives its table.
struct Contents {
    table: Arc<Table>,
    columns: Columns,
    rows: Vec<Vec<Value>>,
}

/// Only keys that are not there are inserted, also where `populate` would.
const OPTIONS: InsertOptions = InsertOptions::new().skip_duplicates().allow_direct_insert();

impl Instance {
    /// Inserts those rows of a lookup table's contents whose keys are not there, and counts those that are there otherwise.
    pub(super) async fn fill(&self, spec: &'static TableSpec, activation: &mut Activation) -> Result<()> {
        // What may not declare does not fill either: a deployment does both.
        if spec.contents.is_none() || !self.may_declare(&self.resolve(spec)?.name.schema) {
            return Ok(());
        }
        let Some(contents) = self.contents_of(spec)? else { return Ok(()) };
        let name = contents.table.name.clone();
        let all = Expression::Table(Arc::clone(&contents.table));
        let mut on = Target::from(self);
        let differs = activation.different.iter().any(|(different, _)| *different == name);
        let compared = match self.compared(&contents, !differs).await {
            // What can't be read is there all the same.
            Err(Error::Sql(_)) => self.compared(&contents, false).await?,
            compared => compared?,
        };
        let is_there = match compared {
            Some(Compared { missing, differing }) => {
                if differing > 0 {
                    tracing::warn!(table = %name, rows = differing, "rows differ from the contents of the definition");
                    activation.outdated.push((name.clone(), differing));
                }
                missing == 0
            }
            None => on.count(&all).await? >= contents.rows.len() as u64,
        };
        if is_there {
            return Ok(());
        }
        let before = on.count(&all).await?;
        let mut tries = Tries::default();
        loop {
            // Those keys that another one inserted meanwhile are skipped.
            let outcome = insert(self, &contents).await;
            if !tries.again(outcome.as_ref().err()).await {
                outcome?;
                break;
            }
        }
        let inserted = on.count(&all).await?.saturating_sub(before);
        if inserted > 0 {
            activation.filled.push((name, inserted));
        }
        Ok(())
    }

    /// The lookup tables with rows that are there with other values than their contents say, and how many; for the crates
    /// above this one.
    #[doc(hidden)]
    pub async fn outdated_contents(&self, specs: &[&'static TableSpec]) -> Result<Vec<(TableName, u64)>> {
        let mut outdated = Vec::new();
        for spec in specs {
            let Some(contents) = self.contents_of(spec)? else { continue };
            if let Some(Compared { differing: rows @ 1.., .. }) = self.compared(&contents, true).await? {
                outdated.push((contents.table.name.clone(), rows));
            }
        }
        Ok(outdated)
    }

    fn contents_of(&self, spec: &'static TableSpec) -> Result<Option<Contents>> {
        let Some(contents) = &spec.contents else { return Ok(None) };
        let table = self.resolve(spec)?;
        let rows =
            (contents.rows)().map_err(|source| Error::Row { table: table.name.clone(), row: 1, source })?;
        let columns = Columns::typed(&table, contents.attributes, OPTIONS)?;
        Ok(Some(Contents { table, columns, rows }))
    }

    async fn compared(&self, contents: &Contents, by_values: bool) -> Result<Option<Compared>> {
        let Contents { table, columns, rows } = contents;
        let mut values = Vec::new();
        for (number, row) in (1..).zip(rows) {
            columns.write_values(&mut values, row.clone(), self.backend(), table, number)?;
        }
        // What a codec makes of a value is not known before it is inserted.
        let by_values = by_values && !columns.has_encoded();
        let names: Vec<&str> = columns.names.iter().map(String::as_str).collect();
        compared(&mut Target::from(self), table, &names, &values, by_values).await
    }
}

async fn insert(instance: &Instance, contents: &Contents) -> Result<()> {
    let Contents { table, columns, rows } = contents;
    let mut writer = Writer::new(instance.into(), Arc::clone(table), columns.clone(), OPTIONS);
    for row in rows.iter().cloned() {
        if writer.push_values(row)? {
            writer.flush().await?;
        }
    }
    writer.finish().await?;
    Ok(())
}
