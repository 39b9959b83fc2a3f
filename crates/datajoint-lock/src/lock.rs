use std::collections::BTreeMap;

use datajoint_schema::{Table, TableName};

use crate::{Error, LockedTable, read};

/// Every table of a pipeline as it was deployed, by name; schemas are named as in `schema!`, without any prefix.
///
/// Its [`Display`](std::fmt::Display) writes the file, in which a change of one attribute changes two lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lock {
    pub(crate) tables: BTreeMap<TableName, LockedTable>,
}

impl Lock {
    /// The lock of these tables.
    pub fn new<'a>(tables: impl IntoIterator<Item = &'a Table>) -> Self {
        let tables = tables.into_iter().map(|table| (table.name.clone(), LockedTable::new(table)));
        Self { tables: tables.collect() }
    }

    /// Reads the file.
    ///
    /// Fails, with the place and what to do, for what is no lock, for one that a later release wrote, and for one that was
    /// changed by hand.
    pub fn parse(text: &str) -> Result<Self, Error> {
        read::read(text)
    }

    /// Every table, by name.
    pub fn tables(&self) -> impl Iterator<Item = &LockedTable> {
        self.tables.values()
    }

    /// The table of this name; `None` where it was not deployed.
    pub fn get(&self, name: &TableName) -> Option<&LockedTable> {
        self.tables.get(name)
    }
}
