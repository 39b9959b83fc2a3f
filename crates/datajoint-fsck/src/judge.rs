//! Both lists, gone through together.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use datajoint_inventory::{Comparison, Listed, Presence, Referred, Step};
use datajoint_pipeline::Instance;
use futures_util::StreamExt as _;

use crate::{Error, Fault, FsckReport, Orphan, Problem};

/// How many objects are asked for together.
const AT_ONCE: usize = 16;

/// What tells what is amiss.
pub(crate) struct Judge<'a> {
    pub(crate) dj: &'a Instance,
    /// The schemas that are looked at.
    pub(crate) chosen: &'a BTreeSet<String>,
    pub(crate) older_than: Duration,
    /// Whether all that rows refer to is known.
    pub(crate) has_told_all: bool,
}

impl Judge<'_> {
    /// Adds what is amiss to a report.
    pub(crate) async fn judge(
        &self,
        mut comparison: Comparison,
        report: &mut FsckReport,
    ) -> Result<(), Error> {
        let before = SystemTime::now().checked_sub(self.older_than).unwrap_or(SystemTime::UNIX_EPOCH);
        let mut absent = Vec::new();
        while let Some(step) = comparison.next()? {
            match step {
                Step::Listed { object, is_referred, .. } => {
                    if self.chosen.contains(&object.schema) {
                        self.look_at(object, is_referred, before, report);
                    }
                }
                Step::Referred { reference, presence, .. } => {
                    let schema = reference.table.split_once('.').map_or("", |(schema, _)| schema);
                    if !self.chosen.contains(schema) {
                        continue;
                    }
                    report.references += 1;
                    match presence {
                        Presence::Object(found) => tell(reference, Some(found), report),
                        Presence::Folder => {}
                        Presence::Absent => absent.push(reference),
                    }
                }
            }
            if absent.len() >= AT_ONCE {
                self.ask(std::mem::take(&mut absent), report).await;
            }
        }
        self.ask(absent, report).await;
        Ok(())
    }

    fn look_at(&self, object: Listed, is_referred: bool, before: SystemTime, report: &mut FsckReport) {
        if object.is_aside() {
            report.quarantined += 1;
            return;
        }
        report.objects += 1;
        if self.has_told_all && !is_referred && object.modified < before {
            let Listed { store, path, size, .. } = object;
            report.orphan(Orphan { store, path, size });
        }
    }

    /// Asks the store for what was not listed: it may have been written since, or lies in no section.
    async fn ask(&self, references: Vec<Referred>, report: &mut FsckReport) {
        let asking = references.into_iter().map(async |reference| {
            let found = async {
                let store = self.dj.stores().get(reference.store.as_deref())?;
                if reference.is_folder {
                    return Ok(store.has_objects_in(&reference.path).await?.then_some(None));
                }
                Ok::<_, datajoint_store::Error>(store.head(&reference.path).await?.map(|it| Some(it.size)))
            };
            (found.await, reference)
        });
        let mut asking = std::pin::pin!(futures_util::stream::iter(asking).buffered(AT_ONCE));
        while let Some((found, reference)) = asking.next().await {
            match found {
                // A folder has no size.
                Ok(Some(None)) => {}
                Ok(Some(Some(size))) => tell(reference, Some(size), report),
                Ok(None) => tell(reference, None, report),
                Err(error) => {
                    report.fault(fault(reference, Problem::Unreadable { message: error.to_string() }));
                }
            }
        }
    }
}

/// Tells an object of another size than the row says, and one that is not there.
fn tell(reference: Referred, found: Option<u64>, report: &mut FsckReport) {
    match (found, reference.size) {
        (None, _) => report.fault(fault(reference, Problem::Missing)),
        (Some(found), Some(expected)) if found != expected => {
            report.fault(fault(reference, Problem::OtherSize { expected, found }));
        }
        _ => {}
    }
}

fn fault(reference: Referred, problem: Problem) -> Fault {
    let Referred { table, attribute, key, store, path, .. } = reference;
    Fault { table, key, attribute, store, path: Some(path), problem }
}
