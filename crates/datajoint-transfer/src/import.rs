use std::collections::HashMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use datajoint_definition::Tier;
use datajoint_pipeline::{
    DynamicDeclaration, DynamicRow, DynamicTable, InsertOptions, Instance, Relation as _, Transaction,
};
use datajoint_sql::Value;

use crate::cell::{RowsHash, line, read};
use crate::closure::{KEYS, among, key, values};
use crate::object::Objects;
use crate::{Error, Manifest, Result, TransferReport, Transferred};

/// An import that has not begun.
#[derive(Debug)]
#[must_use = "nothing is read before `run`"]
pub struct Import<'a> {
    dj: &'a Instance,
    folder: PathBuf,
    schemas: HashMap<String, String>,
}

impl<'a> Import<'a> {
    /// Of an export in a folder.
    pub fn new(dj: &'a Instance, folder: impl Into<PathBuf>) -> Self {
        Self { dj, folder: folder.into(), schemas: HashMap::new() }
    }

    /// Puts the tables of a schema into one of another name.
    pub fn schema(mut self, exported: impl Into<String>, here: impl Into<String>) -> Self {
        self.schemas.insert(exported.into(), here.into());
        self
    }

    /// Declares the tables that are missing, puts objects into their stores, inserts all rows or none, and reads them back.
    ///
    /// Rows that are there already must be the same, so that an import can be repeated. Fails for rows that are there and
    /// differ, for files that were changed, and when what is read back has another hash than what was written.
    pub async fn run(self) -> Result<TransferReport> {
        let manifest = Manifest::read(&self.folder)?;
        let mut tables = Vec::new();
        for transferred in &manifest.tables {
            tables.push((transferred, self.declare(transferred).await?));
        }
        // Objects first: a row never speaks of one that is not there.
        let mut objects = Objects::new(self.dj.settings());
        for object in &manifest.objects {
            objects.restore(object, &self.folder).await?;
        }
        self.dj
            .transaction(async |transaction: &mut Transaction| {
                for (transferred, table) in &tables {
                    self.fill(transaction, transferred, table).await?;
                }
                Ok::<(), Error>(())
            })
            .await?;
        Ok(self.renamed(manifest.report()))
    }

    fn here<'n>(&'n self, schema: &'n str) -> &'n str {
        self.schemas.get(schema).map_or(schema, String::as_str)
    }

    fn renamed(&self, mut report: TransferReport) -> TransferReport {
        for (name, _) in &mut report.tables {
            if let Some((schema, table)) = name.split_once('.') {
                *name = format!("{}.{table}", self.here(schema));
            }
        }
        report
    }

    /// The table as it is here.
    async fn declare(&self, transferred: &Transferred) -> Result<DynamicTable> {
        let path = self.folder.join("manifest.json");
        let tier = match transferred.tier.as_str() {
            "Manual" => Tier::Manual,
            "Lookup" => Tier::Lookup,
            "Imported" => Tier::Imported,
            "Computed" => Tier::Computed,
            "Part" => Tier::Part,
            other => return Err(Error::format(&path, &format!("there is no tier `{other}`"))),
        };
        let lines = transferred.definition.lines().map(|line| match line.trim_start().strip_prefix("->") {
            Some(rest) => self.reference(rest, transferred),
            None => line.to_owned(),
        });
        let definition = lines.collect::<Vec<_>>().join("\n");
        let declared = self.dj.declare_dynamic(DynamicDeclaration {
            schema: self.here(&transferred.schema),
            class_name: &transferred.class,
            tier,
            master: transferred.master.as_deref(),
            definition: &definition,
        });
        let table = declared.await?;
        let lacks = |name: &&String| table.table().heading.get(name).is_none();
        match transferred.attributes.iter().find(lacks) {
            Some(attribute) => {
                Err(Error::OtherTable { table: table.name().clone(), attribute: attribute.clone() })
            }
            None => Ok(table),
        }
    }

    /// A line of a foreign key with the schema that its parent is in here.
    fn reference(&self, rest: &str, transferred: &Transferred) -> String {
        let master = transferred.master.as_ref().map(|master| format!("{}.{master}", transferred.schema));
        let mut rest = rest.to_owned();
        if let Some(master) = master
            && rest.split_whitespace().last().is_some_and(|parent| parent == master)
        {
            return "-> master".to_owned();
        }
        for (exported, here) in &self.schemas {
            rest = rest.replace(&format!(" {exported}."), &format!(" {here}."));
        }
        format!("->{rest}")
    }

    async fn fill(
        &self,
        transaction: &mut Transaction,
        transferred: &Transferred,
        table: &DynamicTable,
    ) -> Result<()> {
        let path = self.folder.join(&transferred.file);
        let names = key(table.table());
        let options = InsertOptions::new().skip_identical().allow_direct_insert();
        let (mut keys, mut given, mut batch) = (Vec::new(), RowsHash::default(), Vec::new());
        let file = std::fs::File::open(&path).map_err(Error::file(&path))?;
        for text in BufReader::new(file).lines() {
            let text = text.map_err(Error::file(&path))?;
            given.add(&text);
            let row = parsed(&text, transferred, &path)?;
            keys.push(values(&row, &names)?);
            batch.push(row);
            if batch.len() == KEYS {
                table.insert_with(&mut *transaction, std::mem::take(&mut batch), options).await?;
            }
        }
        table.insert_with(&mut *transaction, batch, options).await?;
        if given.text() != transferred.hash || keys.len() as u64 != transferred.rows {
            return Err(Error::format(&path, &"its rows are not those that were written"));
        }
        let (mut found, mut rows) = (RowsHash::default(), 0);
        for keys in keys.chunks(KEYS) {
            let query = DynamicTable::from(Arc::clone(table.table())).restrict(among(&names, keys));
            for row in query.fetch(&mut *transaction).await? {
                found.add(&line(values(&row, &transferred.attributes)?.iter()));
                rows += 1;
            }
        }
        if found == given {
            return Ok(());
        }
        Err(Error::Changed { table: table.name().clone(), found: rows, expected: transferred.rows })
    }
}

fn parsed(text: &str, transferred: &Transferred, path: &Path) -> Result<DynamicRow> {
    let cells: Vec<serde_json::Value> =
        serde_json::from_str(text).map_err(|error| Error::format(path, &error))?;
    let values: Option<Vec<Value>> = cells.into_iter().map(read).collect();
    match values {
        Some(values) if values.len() == transferred.attributes.len() => {
            Ok(transferred.attributes.iter().cloned().zip(values).collect())
        }
        _ => Err(Error::format(path, &"a line is no row")),
    }
}
