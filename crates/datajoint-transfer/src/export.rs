use std::collections::BTreeSet;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use datajoint_definition::{camel_case, class_path};
use datajoint_pipeline::{DynamicRow, DynamicTable, Instance, Query, Relation, StoredRow, Transaction};
use datajoint_schema::{Table, TableName, describe};
use datajoint_sql::Value;
use serde_json::Value as Json;

use crate::cell::{RowsHash, line};
use crate::closure::{Closure, KEYS, among, key, values};
use crate::folder::Folder;
use crate::object::Objects;
use crate::{Error, Import, Manifest, Result, TransferReport, Transferred};

/// An object that rows speak of: their table, its store, none for the default one, and its path there.
type Spoken = (TableName, Option<String>, String);

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
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, a part of the folder may be there: remove it.
    pub async fn to(self, folder: impl AsRef<Path> + Send) -> Result<TransferReport> {
        let folder = folder.as_ref().to_owned();
        let folder = folder.as_path();
        std::fs::create_dir_all(folder).map_err(Error::file(folder))?;
        if std::fs::read_dir(folder).map_err(Error::file(folder))?.next().is_some() {
            return Err(Error::NotEmpty { path: folder.display().to_string() });
        }
        let folder = Folder::open(folder)?;
        // Tables that weren't used before are activated outside of the transaction.
        self.query.heading(self.dj).await.map_err(Error::from)?;
        let mut transaction = self.dj.begin_read().await?;
        let closure = Closure::of(&mut transaction, &self.query, self.descendants).await?;
        let mut manifest = Manifest { version: 1, tables: Vec::new(), objects: Vec::new() };
        let mut spoken_of = BTreeSet::new();
        let tables = closure.into_tables();
        for (number, (table, keys)) in tables.into_iter().enumerate() {
            let file = format!("{:03}.jsonl", number + 1);
            let written = write(&mut transaction, &table, &keys, (&folder, &file), &mut spoken_of).await?;
            manifest.tables.push(Transferred { file, ..written });
        }
        transaction.rollback().await?;
        let mut objects = Objects::new(self.dj.settings());
        for (table, store, path) in spoken_of {
            manifest.objects.extend(objects.save(&table, store.as_deref(), &path, &folder).await?);
        }
        manifest.objects.sort();
        manifest.objects.dedup();
        manifest.write(&folder)?;
        Ok(manifest.report())
    }
}

/// Writes the rows of a table.
async fn write(
    transaction: &mut Transaction,
    table: &Arc<Table>,
    keys: &[Vec<Value>],
    (folder, name): (&Folder, &str),
    spoken_of: &mut BTreeSet<Spoken>,
) -> Result<Transferred> {
    let path = folder.path_of(name);
    let mut file = BufWriter::new(folder.create(name)?);
    let attributes: Vec<String> = table.heading.visible().map(|attribute| attribute.name.clone()).collect();
    let (mut rows, mut hash) = (0, RowsHash::default());
    let dynamic = DynamicTable::from(Arc::clone(table));
    let dj = transaction.instance().clone();
    for keys in dj.database().key_lists(keys, KEYS) {
        for StoredRow(row) in dynamic.restrict(among(&key(table), keys)).fetch_as(&mut *transaction).await? {
            let row = values(&row, &attributes)?;
            note_objects(table, &row, spoken_of)?;
            let text = line(row.iter());
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
        // Every parent with its schema, so that another one can stand there.
        definition: describe(table, |name| format!("{}.{}", name.schema, class_path(&name.table))),
        attributes,
        rows,
        hash: hash.text(),
        file: String::new(),
    })
}

/// What a row says of objects in stores.
///
/// Fails for metadata that name no object: an export without it would look whole.
fn note_objects(table: &Table, row: &[Value], spoken_of: &mut BTreeSet<Spoken>) -> Result<()> {
    let attributes = table.heading.visible().zip(row);
    for (attribute, value) in attributes.filter(|(attribute, _)| crate::object::is_stored(attribute)) {
        if *value == Value::Null {
            continue;
        }
        let found = match value {
            Value::Json(document) => match (&document["store"], &document["path"]) {
                (Json::Null, Json::String(path)) => Some((None, path)),
                (Json::String(store), Json::String(path)) => Some((Some(store.clone()), path)),
                _ => None,
            },
            _ => None,
        };
        let (store, path) = found.ok_or_else(|| Error::NoObject {
            table: table.name.clone(),
            attribute: attribute.name.clone(),
            found: match value {
                Value::Json(document) => document.to_string().chars().take(200).collect(),
                _ => "no JSON object".to_owned(),
            },
        })?;
        spoken_of.insert((table.name.clone(), store, path.clone()));
    }
    Ok(())
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
