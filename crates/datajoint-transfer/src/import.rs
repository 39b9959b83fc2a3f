use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use datajoint_adapters::RetryPolicy;
use datajoint_definition::Tier;
use datajoint_pipeline::{
    Action, Doing, DynamicDeclaration, DynamicTable, InsertOptions, Instance, Relation as _, StoredRow,
    Transaction,
};
use datajoint_schema::TableName;
use datajoint_sql::{Value, show_value};

use crate::cell::{RowsHash, plain_line};
use crate::closure::{KEYS, among, key, values};
use crate::folder::Folder;
use crate::indexes::Fitted;
use crate::object::Objects;
use crate::parents::renamed;
use crate::rows::{Rows, check};
use crate::spoken::{SpokenOf, check_same};
use crate::{Error, Manifest, Object, Result, TransferReport, Transferred};

/// An object with the table that speaks of it, and the schema that it belongs to by its path in the store.
type Placed<'a> = (&'a TableName, &'a Object, Option<String>);

/// An import that has not begun.
#[derive(Debug)]
#[must_use = "nothing is read before `run`"]
pub struct Import<'a> {
    dj: &'a Instance,
    folder: PathBuf,
    schemas: HashMap<String, String>,
    without_unique: bool,
}

impl<'a> Import<'a> {
    /// Of an export in a folder.
    pub fn new(dj: &'a Instance, folder: impl Into<PathBuf>) -> Self {
        Self { dj, folder: folder.into(), schemas: HashMap::new(), without_unique: false }
    }

    /// Puts the tables of a schema into one of another name.
    pub fn schema(mut self, exported: impl Into<String>, here: impl Into<String>) -> Self {
        self.schemas.insert(exported.into(), here.into());
        self
    }

    /// Leaves out unique indexes too that this database can't have. It then takes rows that such an index refuses.
    pub fn without_unique_indexes(mut self) -> Self {
        self.without_unique = true;
        self
    }

    /// Declares the tables that are missing, puts objects into their stores, inserts all rows or none, and reads them back.
    ///
    /// Rows that are there already must be the same, so that an import can be repeated. Where others write the same rows at
    /// the same time, the rows are inserted again in another transaction, a few times. An index that this database can't have
    /// is left out, which the report says. Fails for a unique one (before anything is declared; one on an expression that only the
    /// database itself refuses, as its table is declared), for a schema that is stamped for another environment than the settings
    /// name, for rows that are there and differ, for files that were changed (before anything is declared), and when what is read back has another hash than what was written.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, all rows are there or none. Tables that were declared stay, and so do objects: the same call
    /// takes up the rest.
    pub async fn run(self) -> Result<TransferReport> {
        let folder = Folder::open(&self.folder)?;
        let manifest = Manifest::read_from(&folder)?;
        let schemas: BTreeSet<&str> = manifest.tables.iter().map(|table| self.here(&table.schema)).collect();
        let mut schemas: Vec<String> = schemas.into_iter().map(str::to_owned).collect();
        self.dj.check_may_change(Action::Import, &schemas).await?;
        // What the folder itself shows to be wrong is told before anything is declared.
        let mut spoken_of = SpokenOf::default();
        for transferred in &manifest.tables {
            check(&folder, transferred, self.dj.codecs(), &self.name_here(transferred), &mut spoken_of)?;
        }
        let path = folder.path_of(Manifest::FILE).display().to_string();
        let (mut objects, mut stores) = (Vec::new(), Objects::new(self.dj.settings()));
        for (table, object) in spoken_of.tables_of(&manifest.objects, &path)? {
            let schema = stores.check(table, object, &folder)?;
            objects.push((table, object, schema.map(|schema| self.here(&schema).to_owned())));
        }
        // An object lies at a schema's place in a store, which need not be one of the tables.
        schemas.extend(objects.iter().filter_map(|(_, _, schema)| schema.clone()));
        schemas.sort();
        schemas.dedup();
        self.dj.check_may_change(Action::Import, &schemas).await?;
        let mut fitted = Vec::new();
        for transferred in &manifest.tables {
            fitted.push(self.fitted(transferred)?);
        }
        let (mut tables, mut declared) = (Vec::new(), Vec::new());
        let outcome = self
            .carry_out((&folder, &manifest, &objects), &schemas, &mut fitted, &mut tables, &mut declared)
            .await;
        match outcome {
            Ok(()) => {
                let left_out = fitted.into_iter().flat_map(|fitted| fitted.left_out).collect();
                Ok(TransferReport { left_out, ..self.renamed(manifest.report()) })
            }
            Err(error) if declared.is_empty() => Err(error),
            Err(error) => Err(Error::Left { tables: declared, source: Box::new(error) }),
        }
    }

    /// Declares and fills the tables; notes those that were not there.
    async fn carry_out<'m>(
        &self,
        (folder, manifest, objects): (&Folder, &'m Manifest, &[Placed<'_>]),
        schemas: &[String],
        fitted: &mut [Fitted],
        tables: &mut Vec<(&'m Transferred, DynamicTable)>,
        declared: &mut Vec<TableName>,
    ) -> Result<()> {
        for (transferred, fitted) in manifest.tables.iter().zip(fitted) {
            let there = self.is_there(transferred).await?;
            let table = self.declare_fitted(transferred, fitted).await;
            if let (false, Ok(table)) = (there, &table) {
                declared.push(table.name().clone());
            }
            tables.push((transferred, fitting(transferred, table?)?));
        }
        // Objects first: a row never speaks of one that is not there.
        let mut stores = Objects::new(self.dj.settings());
        for (table, object, _) in objects {
            // A long import sees what is stamped meanwhile.
            self.dj.check_may_change(Action::Import, schemas).await?;
            stores.restore(table, object, folder).await?;
        }
        let filled = self
            .dj
            .retry_transaction_while(
                RetryPolicy::FILE,
                Error::is_retryable,
                async |transaction: &mut Transaction| {
                    transaction.check_may_change(Action::Import, schemas).await?;
                    for (transferred, table) in tables.iter() {
                        self.fill(transaction, folder, transferred, table).await?;
                    }
                    Ok::<(), Error>(())
                },
            )
            .await;
        // Where all rows were there, nothing was written that would name them.
        let names: Vec<TableName> = tables.iter().map(|(_, table)| table.name().clone()).collect();
        filled.map_err(|error| match error {
            Error::Pipeline(error) => Error::Pipeline(error.unsettled(Doing::Inserting, &names, &[])),
            error => error,
        })
    }

    /// True for a table that is there before the import.
    async fn is_there(&self, transferred: &Transferred) -> Result<bool> {
        let class = match &transferred.master {
            Some(master) => format!("{master}.{}", transferred.class),
            None => transferred.class.clone(),
        };
        match self.dj.table(&format!("{}.{class}", self.here(&transferred.schema))).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_gone() => Ok(false),
            Err(error) => Err(error.into()),
        }
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

    fn name_here(&self, transferred: &Transferred) -> TableName {
        TableName::new(self.here(&transferred.schema), &transferred.table)
    }

    /// The definition of a table as far as this database has its indexes.
    fn fitted(&self, transferred: &Transferred) -> Result<Fitted> {
        let table = self.name_here(transferred);
        Fitted::new(self.dj.backend(), table, &transferred.definition, self.without_unique)
    }

    /// The table as it is here; without indexes that the database itself refuses, where these are none of its constraints.
    async fn declare_fitted(&self, transferred: &Transferred, fitted: &mut Fitted) -> Result<DynamicTable> {
        let refused = match self.declare(transferred, fitted).await {
            Err(refused) if !refused.is_retryable() => refused,
            done => return done,
        };
        for fewer in fitted.with_fewer(self.dj.backend(), &refused.to_string()) {
            if let Ok(table) = self.declare(transferred, &fewer).await {
                *fitted = fewer;
                return Ok(table);
            }
        }
        Err(refused)
    }

    /// The table as it is here.
    async fn declare(&self, transferred: &Transferred, fitted: &Fitted) -> Result<DynamicTable> {
        let path = self.folder.join("manifest.json");
        let tier = match transferred.tier.as_str() {
            "Manual" => Tier::Manual,
            "Lookup" => Tier::Lookup,
            "Imported" => Tier::Imported,
            "Computed" => Tier::Computed,
            "Part" => Tier::Part,
            other => return Err(Error::format(&path, &format!("there is no tier `{other}`"))),
        };
        let definition = renamed(&fitted.definition(), transferred, &self.schemas);
        let declared = self.dj.declare_copy(DynamicDeclaration {
            schema: self.here(&transferred.schema),
            class_name: &transferred.class,
            tier,
            master: transferred.master.as_deref(),
            definition: &definition,
        });
        Ok(declared.await?)
    }

    async fn fill(
        &self,
        transaction: &mut Transaction,
        folder: &Folder,
        transferred: &Transferred,
        table: &DynamicTable,
    ) -> Result<()> {
        let names = key(table.table())?;
        let options = InsertOptions::new().skip_identical().allow_direct_insert().as_stored();
        let (mut keys, mut batch) = (Vec::new(), Vec::new());
        let (mut file, mut meant) = (Rows::open(folder, transferred)?, RowsHash::default());
        while let Some(row) = file.next() {
            let row = row?;
            meant.add(&plain_line(row.values()));
            keys.push(values(&row, &names)?);
            batch.push(row);
            if batch.len() == KEYS {
                // A long import sees what is stamped meanwhile.
                let schema = std::slice::from_ref(&table.name().schema);
                transaction.check_may_change(Action::Import, schema).await?;
                let before = keys.len() - batch.len();
                let batch = std::mem::take(&mut batch);
                table
                    .insert_with(&mut *transaction, batch, options)
                    .await
                    .map_err(|error| of_file(error, before, &names, &keys))?;
            }
        }
        let before = keys.len() - batch.len();
        table
            .insert_with(&mut *transaction, batch, options)
            .await
            .map_err(|error| of_file(error, before, &names, &keys))?;
        file.check()?;
        let (mut found, mut rows) = (RowsHash::default(), 0);
        for keys in self.dj.database().key_lists(&keys, KEYS) {
            let query = DynamicTable::from(Arc::clone(table.table())).restrict(among(&names, keys));
            for StoredRow(row) in query.fetch_as(&mut *transaction).await? {
                found.add(&plain_line(&values(&row, &transferred.attributes)?));
                rows += 1;
            }
        }
        if found == meant {
            return Ok(());
        }
        self.name_change(transaction, folder, transferred, table).await?;
        Err(Error::Changed { table: table.name().clone(), found: rows, expected: transferred.rows })
    }

    /// Fails with the first value that came back as another one.
    async fn name_change(
        &self,
        transaction: &mut Transaction,
        folder: &Folder,
        transferred: &Transferred,
        table: &DynamicTable,
    ) -> Result<()> {
        let names = key(table.table())?;
        let mut file = Rows::open(folder, transferred)?;
        while let Some(row) = file.next() {
            let row = row?;
            let key = values(&row, &names)?;
            let query = DynamicTable::from(Arc::clone(table.table()))
                .restrict(among(&names, std::slice::from_ref(&key)));
            let Some(StoredRow(found)) = query.fetch_as(&mut *transaction).await?.pop() else { continue };
            for attribute in &transferred.attributes {
                let (given, found) = (row.value(attribute)?, found.value(attribute)?);
                if plain_line([given]) != plain_line([found]) {
                    let key =
                        names.iter().zip(&key).map(|(name, value)| format!("{name} = {}", show_value(value)));
                    return Err(Error::OtherValue {
                        table: table.name().clone(),
                        key: key.collect::<Vec<_>>().join(" and "),
                        attribute: attribute.clone(),
                        given: show_value(given),
                        found: show_value(found),
                    });
                }
            }
        }
        Ok(())
    }
}

/// The table, unless it lacks an attribute of the rows.
fn fitting(transferred: &Transferred, table: DynamicTable) -> Result<DynamicTable> {
    let lacks = |name: &&String| table.table().heading.get(name).is_none();
    if let Some(attribute) = transferred.attributes.iter().find(lacks) {
        return Err(Error::OtherTable { table: table.name().clone(), attribute: attribute.clone() });
    }
    check_same(transferred, table.table())?;
    Ok(table)
}

/// A row that was refused by its number among all rows of the file.
fn of_file(error: datajoint_pipeline::Error, before: usize, names: &[String], keys: &[Vec<Value>]) -> Error {
    match error {
        datajoint_pipeline::Error::Row { table, row, source } => {
            let row = row + before as u64;
            let place = usize::try_from(row).ok().and_then(|row| row.checked_sub(1));
            let key = place.and_then(|place| keys.get(place)).into_iter().flatten();
            let key = names.iter().zip(key).map(|(name, value)| format!("{name} = {}", show_value(value)));
            Error::Row { table, row, key: key.collect::<Vec<_>>().join(", "), source }
        }
        error => error.into(),
    }
}
