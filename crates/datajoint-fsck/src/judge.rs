//! Both lists, gone through together.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use datajoint_codec::Reference;
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
        let mut asked = Vec::new();
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
                        Presence::Object(found) => compare(reference, found, report),
                        // Which files it had, its manifest says.
                        Presence::Folder | Presence::Absent => asked.push(reference),
                    }
                }
            }
            if asked.len() >= AT_ONCE {
                self.ask(std::mem::take(&mut asked), report).await;
            }
        }
        self.ask(asked, report).await;
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

    /// Asks the store for folders, and for what was not listed: it may have been written since, or lies in no section.
    async fn ask(&self, references: Vec<Referred>, report: &mut FsckReport) {
        let asking = references.into_iter().map(async |referred| {
            let reference = referred.reference();
            let checked = reference.check(self.dj.stores()).await;
            (referred, checked.map_err(|error| problem(&reference, error)))
        });
        let mut asking = std::pin::pin!(futures_util::stream::iter(asking).buffered(AT_ONCE));
        while let Some((referred, checked)) = asking.next().await {
            if let Err(problem) = checked {
                report.fault(fault(referred, problem));
            }
        }
    }
}

/// What is wrong with an object, by what a look at it said.
pub(crate) fn problem(reference: &Reference, error: datajoint_codec::Error) -> Problem {
    use datajoint_codec::Error as Codec;
    use datajoint_store::Error as Store;

    match error {
        Codec::Store(Store::NoObject { path, .. }) if path == reference.path => Problem::Missing,
        Codec::Resized { path, expected, found, .. } if path == reference.path => {
            Problem::OtherSize { expected, found }
        }
        // A file of the folder, or what its manifest says of it.
        Codec::Store(Store::NoObject { .. }) | Codec::Resized { .. } | Codec::Folder { .. } => {
            Problem::Contents { message: error.to_string() }
        }
        other => Problem::Unreadable { message: other.to_string() },
    }
}

/// Tells an object of another size than the row says.
fn compare(reference: Referred, found: u64, report: &mut FsckReport) {
    match reference.size {
        Some(expected) if found != expected => {
            report.fault(fault(reference, Problem::OtherSize { expected, found }));
        }
        _ => {}
    }
}

fn fault(reference: Referred, problem: Problem) -> Fault {
    let Referred { table, attribute, key, store, path, .. } = reference;
    Fault { table, key, attribute, store, path: Some(path), problem }
}
