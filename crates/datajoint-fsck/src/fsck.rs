//! The comparison.

use std::collections::BTreeSet;
use std::time::Duration;

use datajoint_inventory::{Comparison, Listed, Referred, Sorter, list};
use datajoint_pipeline::Instance;

use crate::judge::Judge;
use crate::rows::Rows;
use crate::{Error, FsckReport};

/// After how long nobody writes an object any more whose row is not there yet.
const A_DAY: Duration = Duration::from_hours(24);

/// A comparison of what rows refer to with what lies in the stores of the settings. It changes nothing.
///
/// Each reference is looked up by name and size, and the files of each folder are compared with its manifest and its row; [`read_all`](Self::read_all) and [`sample`](Self::sample) read objects too. What
/// no row refers to is told for stores that can be listed whole, and only when every schema of the database could be read: a
/// row of another schema may refer to an object.
///
/// Both lists are sorted in the folder for temporary files, and take some tens of megabytes of memory however long they are.
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
    /// Fails when the database does not answer, and when there is no room for temporary files. A store that does not answer is
    /// told in the report.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn run(&self) -> Result<FsckReport, Error> {
        let mut report = FsckReport::default();
        // What is written from now on is not among the objects: its rows may be there, and no object without one.
        let listed = self.take_stock(&mut report).await;
        let chosen = self.chosen().await?;
        let mut referred = Sorter::<Referred>::new();
        let mut untold = BTreeSet::new();
        for name in self.dj.list_schemas().await? {
            match self.dj.schema(&name).await {
                Ok(schema) => {
                    let is_chosen = chosen.contains(&name);
                    let mut rows = Rows::new(&self.dj, self.share, is_chosen, &mut referred, &mut untold);
                    rows.read(&schema, &mut report).await?;
                }
                Err(error) if error.is_gone() => {}
                Err(error) => {
                    untold.insert(format!("the schema `{name}` can't be read: {error}"));
                }
            }
        }
        let comparison = Comparison::new(listed?.sorted()?, referred.sorted()?);
        let judge = Judge {
            dj: &self.dj,
            chosen: &chosen,
            older_than: self.older_than,
            has_told_all: untold.is_empty(),
        };
        judge.judge(comparison, &mut report).await?;
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
    ///
    /// Fails when there is no room for the list.
    async fn take_stock(&self, report: &mut FsckReport) -> Result<Sorter<Listed>, Error> {
        let mut all = Sorter::new();
        for name in self.dj.settings().stores.named.keys() {
            let listed = async {
                let store = self.dj.stores().get(Some(name))?;
                list(&store, &mut all).await?;
                let unfinished = store.unfinished(self.older_than).await.unwrap_or_default();
                report.unfinished.extend(unfinished.iter().map(|path| path.display().to_string()));
                Ok::<_, datajoint_inventory::Error>(())
            };
            match listed.await {
                Err(datajoint_inventory::Error::Store(error)) => report.not_judged.push(error.to_string()),
                listed => listed?,
            }
        }
        Ok(all)
    }
}
