//! The comparison.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::time::Duration;

use datajoint_codec::Reference;
use datajoint_pipeline::{DynamicTable, Instance, Schema};
use datajoint_schema::TableName;
use datajoint_sql::Value;
use datajoint_store::Store;
use futures_util::StreamExt as _;

use crate::listing::{Listed, Place, Referred, add_orphans, list};
use crate::references::{self, Found};
use crate::{Error, Fault, FsckReport, Problem};

/// How many objects are asked for at once.
const AT_ONCE: usize = 16;

/// How many rows are looked at together.
const ROWS: usize = 256;

/// After how long nobody writes an object any more whose row is not there yet.
const A_DAY: Duration = Duration::from_hours(24);

/// A comparison of what rows refer to with what lies in the stores of the settings. It changes nothing.
///
/// Each reference is looked up by name and size; [`read_all`](Self::read_all) and [`sample`](Self::sample) read objects too. What
/// no row refers to is told for stores that can be listed whole, and only when every schema of the database could be read: a
/// row of another schema may refer to an object.
///
/// It keeps the list of all objects in memory, with their paths, while it runs.
///
/// ```
/// # use datajoint_config::Settings;
/// # use datajoint_fsck::Fsck;
/// # use datajoint_pipeline::Instance;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// let report = Fsck::of(&dj).run().await?;
/// assert_eq!(report.exit_status(), 0);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "it begins with `run`"]
pub struct Fsck {
    dj: Instance,
    schemas: Vec<String>,
    older_than: Duration,
    share: f64,
}

/// The stores of the settings with what lies in them.
struct Stock {
    stores: Vec<(Store, Vec<Listed>)>,
    sizes: HashMap<Place, u64>,
}

impl Fsck {
    /// Returns a comparison for all schemas with the prefix of the settings.
    pub fn of(dj: &Instance) -> Self {
        Self { dj: dj.clone(), schemas: Vec::new(), older_than: A_DAY, share: 0.0 }
    }

    /// Looks at these schemas alone, named as in `schema!`.
    pub fn schemas<S: Into<String>>(mut self, schemas: impl IntoIterator<Item = S>) -> Self {
        self.schemas = schemas.into_iter().map(Into::into).collect();
        self
    }

    /// Takes objects that no row refers to for leftovers when they are older than this, by the clock of the store; a day unless
    /// said otherwise. A younger one may belong to a row that is on its way.
    pub fn older_than(mut self, age: Duration) -> Self {
        self.older_than = age;
        self
    }

    /// Reads every object, and compares it with what was written.
    pub fn read_all(self) -> Self {
        self.sample(1.0)
    }

    /// Reads this share of the objects, between 0 and 1, each time the same ones.
    pub fn sample(mut self, share: f64) -> Self {
        self.share = share.clamp(0.0, 1.0);
        self
    }

    /// Compares.
    ///
    /// Fails when the database does not answer. A store that does not is told in the report.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn run(&self) -> Result<FsckReport, Error> {
        let mut report = FsckReport::default();
        // What is written from now on is not among the objects: its rows may be there, and no object without one.
        let stock = self.take_stock(&mut report).await;
        let chosen = self.chosen().await?;
        let (mut referred, mut untold) = (Referred::default(), BTreeSet::new());
        for name in self.dj.list_schemas().await? {
            let schema = match self.dj.schema(&name).await {
                Ok(schema) => schema,
                Err(error) if error.is_gone() => continue,
                Err(error) => {
                    untold.insert(format!("the schema `{name}` can't be read: {error}"));
                    continue;
                }
            };
            let is_chosen = chosen.contains(&name);
            self.look_at(&schema, is_chosen, &stock, &mut referred, &mut untold, &mut report).await?;
        }
        if untold.is_empty() {
            let mut seen = HashSet::new();
            for (store, listed) in &stock.stores {
                let is_chosen = |schema: &str| chosen.contains(schema);
                add_orphans(store, listed, &referred, is_chosen, self.older_than, &mut seen, &mut report);
            }
        }
        report.not_judged.extend(untold);
        Ok(report)
    }

    /// The schemas that are looked at.
    async fn chosen(&self) -> Result<BTreeSet<String>, Error> {
        if !self.schemas.is_empty() {
            return Ok(self.schemas.iter().map(|name| self.dj.schema_name(name)).collect());
        }
        let prefix = &self.dj.settings().database.database_prefix;
        let schemas = self.dj.list_schemas().await?;
        Ok(schemas.into_iter().filter(|name| name.starts_with(prefix.as_str())).collect())
    }

    /// Lists what lies in the stores.
    async fn take_stock(&self, report: &mut FsckReport) -> Stock {
        let mut stock = Stock { stores: Vec::new(), sizes: HashMap::new() };
        for name in self.dj.settings().stores.named.keys() {
            let listed = async {
                let store = self.dj.stores().get(Some(name))?;
                let listed = list(&store).await?;
                report.unfinished.extend(
                    store
                        .unfinished(self.older_than)
                        .await
                        .unwrap_or_default()
                        .iter()
                        .map(|path| path.display().to_string()),
                );
                Ok::<_, datajoint_store::Error>((store, listed))
            };
            match listed.await {
                Ok((store, listed)) => {
                    for Listed { object, .. } in &listed {
                        stock.sizes.insert(Place::of(&store, &object.path), object.size);
                    }
                    stock.stores.push((store, listed));
                }
                Err(error) => report.not_judged.push(error.to_string()),
            }
        }
        stock
    }

    async fn look_at(
        &self,
        schema: &Schema,
        is_chosen: bool,
        stock: &Stock,
        referred: &mut Referred,
        untold: &mut BTreeSet<String>,
        report: &mut FsckReport,
    ) -> Result<(), Error> {
        for table in schema.tables() {
            let attributes = references::attributes(&table);
            if attributes.is_empty() {
                continue;
            }
            let mut rows = references::rows(&self.dj, &table, &attributes).chunks(ROWS);
            while let Some(chunk) = rows.next().await {
                let mut found = Vec::new();
                for row in chunk {
                    match row {
                        Ok(row) => found.extend(references::of_row(&self.dj, &table, &attributes, &row.0)?),
                        Err(error) if error.is_gone() => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                self.note(&table, &found, referred, untold);
                if is_chosen {
                    self.check(&table, found, stock, report).await;
                }
            }
        }
        Ok(())
    }

    /// Notes what rows refer to.
    fn note(
        &self,
        table: &DynamicTable,
        found: &[Found<'_>],
        referred: &mut Referred,
        untold: &mut BTreeSet<String>,
    ) {
        for Found { attribute, references, .. } in found {
            let noted = references.as_ref().map_err(Clone::clone).and_then(|references| {
                for Reference { store, path, is_folder, .. } in references {
                    let store = self.dj.stores().get(store.as_deref()).map_err(|error| error.to_string())?;
                    referred.note(&store, path, *is_folder);
                }
                Ok(())
            });
            if let Err(why) = noted {
                untold.insert(references::untold(table.name(), &attribute.name, &why));
            }
        }
    }

    /// Looks whether what rows refer to is there.
    async fn check(
        &self,
        table: &DynamicTable,
        found: Vec<Found<'_>>,
        stock: &Stock,
        report: &mut FsckReport,
    ) {
        let checks = found.iter().map(|found| self.check_one(table.name(), found, stock));
        let mut checks = futures_util::stream::iter(checks).buffered(AT_ONCE);
        while let Some((references, read, faults)) = checks.next().await {
            report.references += references;
            report.read += read;
            for fault in faults {
                report.fault(fault);
            }
        }
    }

    /// How many references a value has, how many were read, and what is wrong with them.
    async fn check_one(&self, table: &TableName, found: &Found<'_>, stock: &Stock) -> (u64, u64, Vec<Fault>) {
        let fault = |reference: Option<&Reference>, problem| Fault {
            table: table.to_string(),
            key: found.key.clone(),
            attribute: found.attribute.name.clone(),
            store: reference.and_then(|reference| reference.store.clone()),
            path: reference.map(|reference| reference.path.clone()),
            problem,
        };
        let references = match &found.references {
            Ok(references) => references,
            Err(message) => {
                return (1, 0, vec![fault(None, Problem::Unreadable { message: message.clone() })]);
            }
        };
        let (mut faults, mut is_sampled) = (Vec::new(), false);
        for reference in references {
            match self.look_up(reference, stock).await {
                Ok((place, None)) => is_sampled |= place.is_within(self.share),
                Ok((_, Some(problem))) => faults.push(fault(Some(reference), problem)),
                Err(error) => {
                    faults.push(fault(Some(reference), Problem::Unreadable { message: error.to_string() }));
                }
            }
        }
        if !faults.is_empty() || !is_sampled {
            return (references.len() as u64, 0, faults);
        }
        if let Err(message) = self.read(found, references).await {
            faults.push(fault(references.first(), Problem::Contents { message }));
        }
        (references.len() as u64, references.len() as u64, faults)
    }

    async fn look_up(
        &self,
        reference: &Reference,
        stock: &Stock,
    ) -> Result<(Place, Option<Problem>), datajoint_store::Error> {
        let store = self.dj.stores().get(reference.store.as_deref())?;
        store.spec().check_path(&reference.path)?;
        let place = Place::of(&store, &reference.path);
        if reference.is_folder {
            let is_there = !store.objects_in(&reference.path).await?.is_empty();
            return Ok((place, (!is_there).then_some(Problem::Missing)));
        }
        let size = match stock.sizes.get(&place) {
            Some(size) => Some(*size),
            // It may have been written since, or lies in no section.
            None => store.head(&reference.path).await?.map(|object| object.size),
        };
        let problem = match (size, reference.size) {
            (None, _) => Some(Problem::Missing),
            (Some(found), Some(expected)) if found != expected => {
                Some(Problem::OtherSize { expected, found })
            }
            _ => None,
        };
        Ok((place, problem))
    }

    /// Reads what a value refers to, as its codec does.
    async fn read(&self, found: &Found<'_>, references: &[Reference]) -> Result<(), String> {
        let coder = self.dj.codecs().coder(self.dj.stores(), &found.attribute.codec, &found.attribute.name);
        let coder = coder.map_err(|error| error.to_string())?;
        let stored = Value::Json(Box::new(found.stored.clone()));
        let decoded = coder.decode(None, stored).await.map_err(|error| error.to_string())?;
        if !matches!(decoded, Value::Json(_)) {
            return Ok(());
        }
        // A handle, of which nothing was read.
        for reference in references.iter().filter(|reference| !reference.is_folder) {
            let read = async {
                let store = self.dj.stores().get(reference.store.as_deref())?;
                let mut reader = store.reader(&reference.path).await?;
                while let Some(piece) = reader.next().await {
                    piece?;
                }
                Ok::<_, datajoint_store::Error>(())
            };
            read.await.map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}
