use std::collections::BTreeSet;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use datajoint_definition::camel_case;
use datajoint_pipeline::{DynamicRow, DynamicTable, Instance, Query, Relation, Transaction};
use datajoint_schema::{Table, TableName, describe};
use datajoint_sql::Value;

use crate::cell::{RowsHash, line};
use crate::closure::{Closure, KEYS, among, key, values};
use crate::object::Objects;
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
    /// Fails for a folder that holds something, and for stores that are not in the settings.
    pub async fn to(self, folder: &Path) -> Result<TransferReport> {
        std::fs::create_dir_all(folder).map_err(Error::file(folder))?;
        if std::fs::read_dir(folder).map_err(Error::file(folder))?.next().is_some() {
            return Err(Error::NotEmpty { path: folder.display().to_string() });
        }
        // Tables that weren't used before are activated outside of the transaction.
        self.query.heading(self.dj).await.map_err(Error::from)?;
        let mut transaction = self.dj.begin_read().await?;
        let closure = Closure::of(&mut transaction, &self.query, self.descendants).await?;
        let mut manifest = Manifest { version: 1, tables: Vec::new(), objects: Vec::new() };
        let mut spoken_of = BTreeSet::new();
        let tables = closure.into_tables();
        for (number, (table, keys)) in tables.into_iter().enumerate() {
            let file = format!("{:03}.jsonl", number + 1);
            let written = write(&mut transaction, &table, &keys, &folder.join(&file), &mut spoken_of).await?;
            manifest.tables.push(Transferred { file, ..written });
        }
        transaction.rollback().await?;
        let mut objects = Objects::new(self.dj.settings());
        for (table, store, path) in spoken_of {
            manifest.objects.extend(objects.save(&table, &store, &path, folder).await?);
        }
        manifest.objects.sort();
        manifest.objects.dedup();
        manifest.write(folder)?;
        Ok(manifest.report())
    }
}

/// Writes the rows of a table.
async fn write(
    transaction: &mut Transaction,
    table: &Arc<Table>,
    keys: &[Vec<Value>],
    path: &Path,
    spoken_of: &mut BTreeSet<(TableName, String, String)>,
) -> Result<Transferred> {
    let file = std::fs::File::create(path).map_err(Error::file(path))?;
    let mut file = BufWriter::new(file);
    let attributes: Vec<String> = table.heading.visible().map(|attribute| attribute.name.clone()).collect();
    let (mut rows, mut hash) = (0, RowsHash::default());
    let dynamic = DynamicTable::from(Arc::clone(table));
    for keys in keys.chunks(KEYS) {
        for row in dynamic.restrict(among(&key(table), keys)).fetch(&mut *transaction).await? {
            let row = values(&row, &attributes)?;
            note_objects(table, &row, spoken_of);
            let text = line(row.iter());
            hash.add(&text);
            rows += 1;
            writeln!(file, "{text}").map_err(Error::file(path))?;
        }
    }
    file.flush().map_err(Error::file(path))?;
    let class = camel_case(&table.name.table);
    let master = table.master.as_ref().map(|master| camel_case(&master.table));
    let of_part = master.as_ref().and_then(|master| class.strip_prefix(master.as_str())).map(str::to_owned);
    Ok(Transferred {
        schema: table.name.schema.clone(),
        table: table.name.table.clone(),
        class: of_part.unwrap_or(class),
        tier: table.tier.map(|tier| format!("{tier:?}")).unwrap_or_default(),
        master,
        // Every parent with its schema, so that another one can stand there.
        definition: describe(table, |name| format!("{}.{}", name.schema, camel_case(&name.table))),
        attributes,
        rows,
        hash: hash.text(),
        file: String::new(),
    })
}

/// What a row says of objects in stores.
fn note_objects(table: &Table, row: &[Value], spoken_of: &mut BTreeSet<(TableName, String, String)>) {
    let attributes = table.heading.visible().zip(row);
    for (_, value) in attributes.filter(|(attribute, _)| crate::object::is_stored(attribute)) {
        let Value::Json(document) = value else { continue };
        if let (Some(store), Some(path)) = (document["store"].as_str(), document["path"].as_str()) {
            spoken_of.insert((table.name.clone(), store.to_owned(), path.to_owned()));
        }
    }
}

/// Copies the rows of a query over one table, with all that they need, into another database.
///
/// Goes through files in a temporary folder. `with_descendants` takes what depends on them too.
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
