//! What rows refer to.

use std::collections::BTreeSet;

use datajoint_codec::Reference;
use datajoint_inventory::{Locations, Place, Referred, Sorter, StoredAttribute, attributes, references_of};
use datajoint_pipeline::{DynamicRow, DynamicTable, Instance, Relation as _, Schema, StoredRow};
use datajoint_sql::{Value, show_value};
use futures_util::StreamExt as _;

use crate::judge::problem;
use crate::{Error, Fault, FsckReport, Problem};

/// How many objects are read at once.
const AT_ONCE: usize = 16;

/// How many rows are looked at together.
const ROWS: usize = 256;

/// Reads the rows of schemas.
pub(crate) struct Rows<'a> {
    dj: &'a Instance,
    locations: Locations<'a>,
    share: f64,
    is_chosen: bool,
    referred: &'a mut Sorter<Referred>,
    untold: &'a mut BTreeSet<String>,
}

/// A value whose objects are read.
struct Sampled {
    attribute: StoredAttribute,
    key: String,
    stored: Value,
    references: Vec<Reference>,
}

impl<'a> Rows<'a> {
    /// What reads rows, and this share of their objects where the schema was chosen.
    pub(crate) fn new(
        dj: &'a Instance,
        share: f64,
        is_chosen: bool,
        referred: &'a mut Sorter<Referred>,
        untold: &'a mut BTreeSet<String>,
    ) -> Self {
        Self { dj, locations: Locations::of(dj.stores()), share, is_chosen, referred, untold }
    }

    /// Reads the rows of a schema.
    pub(crate) async fn read(&mut self, schema: &Schema, report: &mut FsckReport) -> Result<(), Error> {
        for table in schema.tables() {
            let attributes = attributes(&table.table().heading);
            if attributes.is_empty() {
                continue;
            }
            let dj = self.dj;
            let names: Vec<&str> = attributes.iter().map(|attribute| attribute.name.as_str()).collect();
            let mut rows = table.proj(&*names).stream_as::<StoredRow>(dj).chunks(ROWS);
            while let Some(chunk) = rows.next().await {
                let mut sampled = Vec::new();
                for row in chunk {
                    match row {
                        Ok(StoredRow(row)) => {
                            self.note(&table, &attributes, &row, &mut sampled, report)?;
                        }
                        Err(error) if error.is_gone() => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                self.read_objects(&table, sampled, report).await;
            }
        }
        Ok(())
    }

    /// Notes what the values of a row refer to.
    fn note(
        &mut self,
        table: &DynamicTable,
        attributes: &[StoredAttribute],
        row: &DynamicRow,
        sampled: &mut Vec<Sampled>,
        report: &mut FsckReport,
    ) -> Result<(), Error> {
        let key = if self.is_chosen { key_of(table, row) } else { String::new() };
        for attribute in attributes {
            let value = row.value(&attribute.name).map_err(datajoint_pipeline::Error::from)?;
            let placed = references_of(self.dj.codecs(), attribute, value)
                .and_then(|references| Ok((self.places(&references)?, references)));
            let (places, references) = match placed {
                Ok(placed) => placed,
                Err(message) => {
                    self.untold.insert(format!("`{}` of `{}`: {message}", attribute.name, table.name()));
                    if self.is_chosen {
                        report.references += 1;
                        let problem = Problem::Unreadable { message };
                        report.fault(fault(table, attribute, key.clone(), None, problem));
                    }
                    continue;
                }
            };
            let mut is_sampled = false;
            for (place, reference) in places.iter().zip(&references) {
                is_sampled |= self.is_chosen && place.is_within(self.share);
                let Reference { store, path, size, is_folder, file_count, is_owned } = reference.clone();
                let referred = Referred {
                    table: table.name().to_string(),
                    attribute: attribute.name.clone(),
                    key: key.clone(),
                    store,
                    path,
                    size,
                    is_folder,
                    file_count,
                    is_owned,
                };
                self.referred.push(place, &referred)?;
            }
            if is_sampled {
                let (attribute, key, stored) = (attribute.clone(), key.clone(), value.clone());
                sampled.push(Sampled { attribute, key, stored, references });
            }
        }
        Ok(())
    }

    /// Where the objects are, or why that can't be told.
    fn places(&mut self, references: &[Reference]) -> Result<Vec<Place>, String> {
        let places: Result<_, _> =
            references.iter().map(|reference| self.locations.place(reference)).collect();
        places.map_err(|error| error.to_string())
    }

    /// Reads objects, and tells those that are not what was written.
    async fn read_objects(&self, table: &DynamicTable, sampled: Vec<Sampled>, report: &mut FsckReport) {
        let reading = sampled.iter().map(|sampled| self.read_object(sampled));
        let mut reading = futures_util::stream::iter(reading).buffered(AT_ONCE);
        for Sampled { attribute, key, references, .. } in &sampled {
            match reading.next().await {
                Some(Outcome::Read) => report.read += references.len() as u64,
                Some(Outcome::Other(message)) => {
                    report.read += references.len() as u64;
                    let problem = Problem::Contents { message };
                    report.fault(fault(table, attribute, key.clone(), references.first(), problem));
                }
                Some(Outcome::Told) | None => {}
            }
        }
    }

    async fn read_object(&self, sampled: &Sampled) -> Outcome {
        let Err(message) = self.read_whole(sampled).await else { return Outcome::Read };
        // What a look at it tells, without reading it, is told when both lists are gone through.
        for reference in &sampled.references {
            let Err(error) = reference.check(self.dj.stores()).await else { continue };
            if reference.is_folder || !matches!(problem(reference, error), Problem::Unreadable { .. }) {
                return Outcome::Told;
            }
        }
        Outcome::Other(message)
    }

    /// Reads what a value refers to, as its codec does.
    async fn read_whole(&self, sampled: &Sampled) -> Result<(), String> {
        let Sampled { attribute, stored, .. } = sampled;
        let coder = self.dj.codecs().coder(self.dj.stores(), &attribute.codec, &attribute.name);
        let coder = coder.map_err(|error| error.to_string())?;
        let Value::Json(document) = stored else { return Err("it is no JSON".to_owned()) };
        coder.verify(document).await.map_err(|error| error.to_string())
    }
}

/// What became of reading an object.
enum Outcome {
    /// It is what was written.
    Read,
    /// It is there, and something else.
    Other(String),
    /// It is not there, or not as its row says, which needs no reading.
    Told,
}

fn fault(
    table: &DynamicTable,
    attribute: &StoredAttribute,
    key: String,
    reference: Option<&Reference>,
    problem: Problem,
) -> Fault {
    Fault {
        table: table.name().to_string(),
        key,
        attribute: attribute.name.clone(),
        store: reference.and_then(|reference| reference.store.clone()),
        path: reference.map(|reference| reference.path.clone()),
        problem,
    }
}

fn key_of(table: &DynamicTable, row: &DynamicRow) -> String {
    let part = |attribute: &datajoint_schema::Attribute| {
        let value = row.value(&attribute.name).ok()?;
        Some(format!("{} = {}", attribute.name, show_value(value)))
    };
    let parts: Vec<String> = table.table().heading.primary_key().filter_map(part).collect();
    format!("({})", parts.join(", "))
}
