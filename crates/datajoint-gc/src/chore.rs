//! What the chores of a collection have in common.

use std::fmt;
use std::fmt::Write as _;

use datajoint_definition::count;
use datajoint_pipeline::Instance;
use datajoint_store::Store;

use crate::Result;
use crate::heap::Heap;

/// How many objects a store is asked for at once.
pub(crate) const AT_ONCE: usize = 16;

/// The objects of a schema in a store that something is done with.
#[derive(Clone)]
pub(crate) struct Objects {
    pub(crate) dj: Instance,
    pub(crate) store: String,
    pub(crate) schema: String,
    pub(crate) heaps: Vec<Heap>,
}

impl Objects {
    pub(crate) fn open(&self) -> Result<Store> {
        Ok(self.dj.stores().get(Some(&self.store))?)
    }

    /// What tells them from all others, for the hash of a plan.
    pub(crate) fn canonical(&self, action: &str) -> Vec<u8> {
        let mut text = format!("{action} {} {}", self.store, self.schema);
        for heap in &self.heaps {
            let files = heap.files();
            let _ = write!(text, "\n{} {files:?}", heap.digest);
        }
        text.into_bytes()
    }

    pub(crate) fn count(&self) -> String {
        let bytes: u64 = self.heaps.iter().filter_map(Heap::files).map(|files| files.bytes).sum();
        format!("{} of {}", count(self.heaps.len() as u64, "object"), count(bytes, "byte"))
    }

    /// Some of them by name, for people.
    pub(crate) fn shown(&self, formatter: &mut fmt::Formatter<'_>, action: &str) -> fmt::Result {
        const FEW: usize = 3;
        write!(formatter, "{action} {}: ", self.count())?;
        let names: Vec<&str> = self.heaps.iter().take(FEW).map(|heap| heap.path.as_str()).collect();
        formatter.write_str(&names.join(", "))?;
        if self.heaps.len() > FEW { formatter.write_str(", …") } else { Ok(()) }
    }
}

impl fmt::Debug for Objects {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {} in {}", self.count(), self.schema, self.store)
    }
}
