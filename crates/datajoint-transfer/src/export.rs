use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use datajoint_definition::{camel_case, class_path};
use datajoint_pipeline::{DynamicRow, DynamicTable, Instance, Query, Relation, StoredRow, Transaction};
use datajoint_schema::{Table, describe};
use datajoint_sql::Value;

use crate::cell::{RowsHash, line};
use crate::closure::{Closure, KEYS, among, key, values};
use crate::folder::NewFolder;
use crate::object::Objects;
use crate::rows::LONGEST_LINE;
use crate::spoken::{SpokenOf, of_table};
use crate::{Error, Import, Manifest, Result, TransferReport, Transferred};

/// An export that has not begun.
#[derive(Debug)]
#[must_use = "nothing is written before `to`"]
pub struct Export<'a> {
    dj: &'a Instance,
    query: Query<DynamicRow>,
    descendants: bool,
}

impl<'a> Export<'a> {
    /// Of the rows of a query over one table, with every row that they refer to and the parts of every master.
    pub fn new(dj: &'a Instance, query: &impl Relation) -> Self {
        Self { dj, query: query.query().untyped(), descendants: false }
    }

    /// With every row that depends on them, too.
    pub const fn with_descendants(mut self) -> Self {
        self.descendants = true;
        self
    }

    /// Writes the rows, as one state of the database has them, into a folder, which is made; a file for each table, one for each object, and `manifest.json`.
    ///
    /// Fails for a folder that holds something, for stores that are not in the settings, and for objects that are damaged. Then
    /// nothing is left of it: the folder is as it was.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, nothing is left of it. A program that is killed may leave a folder without `manifest.json`, which
    /// no import takes: remove it.
    pub async fn to(self, folder: impl AsRef<Path> + Send) -> Result<TransferReport> {
        let mut folder = NewFolder::make(folder.as_ref())?;
        // Tables that weren't used before are activated outside of the transaction.
        self.query.heading(self.dj).await.map_err(Error::from)?;
        let mut transaction = self.dj.begin_read().await?;
        let closure = Closure::of(&mut transaction, &self.query, self.descendants).await?;
        let mut manifest = Manifest { version: 1, tables: Vec::new(), objects: Vec::new() };
        let mut spoken_of = SpokenOf::default();
        let tables = closure.into_tables();
        for (number, (table, keys)) in tables.into_iter().enumerate() {
            let file = format!("{:03}.jsonl", number + 1);
            let written =
                write(&mut transaction, &table, &keys, (&mut folder, &file), &mut spoken_of).await?;
            manifest.tables.push(Transferred { file, ..written });
        }
        transaction.rollback().await?;
        let mut objects = Objects::new(self.dj.settings());
        for (table, store, path) in spoken_of.addresses() {
            manifest.objects.extend(objects.save(table, store, path, &mut folder).await?);
        }
        spoken_of.check(self.dj.stores()).await?;
        manifest.objects.sort();
        // Last: a folder without it is no export.
        manifest.write(&mut folder)?;
        folder.keep();
        Ok(manifest.report())
    }
}

/// Writes the rows of a table.
async fn write(
    transaction: &mut Transaction,
    table: &Arc<Table>,
    keys: &[Vec<Value>],
    (folder, name): (&mut NewFolder, &str),
    spoken_of: &mut SpokenOf,
) -> Result<Transferred> {
    let path = folder.path_of(name);
    let mut file = BufWriter::new(folder.create(name)?);
    let attributes: Vec<String> = table.heading.visible().map(|attribute| attribute.name.clone()).collect();
    let (mut rows, mut hash, stored) = (0, RowsHash::default(), of_table(table));
    let dynamic = DynamicTable::from(Arc::clone(table));
    let dj = transaction.instance().clone();
    let names = key(table)?;
    for keys in dj.database().key_lists(keys, KEYS) {
        for StoredRow(row) in dynamic.restrict(among(&names, keys)).fetch_as(&mut *transaction).await? {
            let row = values(&row, &attributes)?;
            spoken_of.note(dj.codecs(), &table.name, &stored, &row)?;
            let text = line(row.iter());
            if text.len() as u64 > LONGEST_LINE {
                return Err(Error::LongRow {
                    table: table.name.clone(),
                    row: rows + 1,
                    bytes: text.len() as u64,
                });
            }
            hash.add(&text);
            rows += 1;
            writeln!(file, "{text}").map_err(Error::file(&path))?;
        }
    }
    file.flush().map_err(Error::file(&path))?;
    let class = camel_case(&table.name.table);
    let master = table.master.as_ref().map(|master| camel_case(&master.table));
    let of_part = master.as_ref().and_then(|master| class.strip_prefix(master.as_str())).map(str::to_owned);
    Ok(Transferred {
        schema: table.name.schema.clone(),
        table: table.name.table.clone(),
        class: of_part.unwrap_or(class),
        tier: table.tier.map(|tier| tier.name().to_owned()).unwrap_or_default(),
        master,
        // Parents elsewhere with their schema, so that another one can stand there.
        definition: describe(table, |name| match class_path(&name.table) {
            class if name.schema == table.name.schema => class,
            class => format!("{}.{class}", name.schema),
        })?,
        attributes,
        rows,
        hash: hash.text(),
        file: String::new(),
    })
}

/// Copies the rows of a query over one table, with all that they need, into another database.
///
/// Goes through files in a temporary folder. `with_descendants` takes what depends on them too.
///
/// # Cancel safety
///
/// Dropped before its end, all rows are there or none. Tables that were declared stay, and so do objects: the same call
/// takes up the rest.
pub async fn copy(
    from: &Instance,
    query: &impl Relation,
    to: &Instance,
    with_descendants: bool,
) -> Result<TransferReport> {
    let folder = tempfile::tempdir().map_err(Error::file(Path::new("a temporary folder")))?;
    let export = Export { descendants: with_descendants, ..Export::new(from, query) };
    export.to(folder.path()).await?;
    Import::new(to, folder.path()).run().await
}
