//! Objects as a collection sees them: files and folders that go together.

use std::time::SystemTime;

use datajoint_inventory::Listed;

use crate::state::Note;

/// An object with all that belongs to it: the files of a folder and its manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heap {
    /// What tells it from all others.
    pub(crate) digest: String,
    /// A store through which it is reached.
    pub(crate) store: String,
    /// Its path in that store.
    pub(crate) path: String,
    pub(crate) schema: String,
    pub(crate) by_content: bool,
    pub(crate) is_referenced: bool,
    pub(crate) in_place: Option<Files>,
    pub(crate) aside: Option<Files>,
}

/// Files that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Files {
    pub(crate) count: u64,
    pub(crate) bytes: u64,
    /// When the youngest was written, by the clock of the store.
    pub(crate) youngest: SystemTime,
}

impl Files {
    /// Nothing, or these with one more.
    pub(crate) fn with(files: Option<Self>, size: u64, modified: SystemTime) -> Self {
        files.map_or(Self { count: 1, bytes: size, youngest: modified }, |files| Self {
            count: files.count + 1,
            bytes: files.bytes + size,
            youngest: files.youngest.max(modified),
        })
    }
}

impl Heap {
    pub(crate) fn take(&mut self, object: &Listed) {
        let files = if object.is_aside() { &mut self.aside } else { &mut self.in_place };
        *files = Some(Files::with(*files, object.size, object.modified));
    }

    /// What there is of it: aside when there is any.
    pub(crate) fn files(&self) -> Option<Files> {
        self.aside.or(self.in_place)
    }

    /// What the rules want to know of it.
    pub(crate) fn facts(&self, before: SystemTime, note: Option<Note>) -> crate::Facts {
        crate::Facts {
            by_content: self.by_content,
            is_referenced: self.is_referenced,
            is_in_place: self.in_place.is_some(),
            is_aside: self.aside.is_some(),
            is_old: self.in_place.is_some_and(|files| files.youngest < before),
            note,
        }
    }
}
