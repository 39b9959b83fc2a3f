use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What an export holds, as its file `manifest.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of the format: 1.
    pub version: u32,
    /// Its tables, parents first.
    pub tables: Vec<Transferred>,
    /// The objects that lie beside them, below `objects/<store>/`.
    pub objects: Vec<Object>,
}

/// A table of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transferred {
    /// Its schema.
    pub schema: String,
    /// Its name in the database.
    pub table: String,
    /// Its class.
    pub class: String,
    /// Its tier: `Manual`, `Lookup`, `Imported`, `Computed` or `Part`.
    pub tier: String,
    /// The class of the master of a part.
    pub master: Option<String>,
    /// Its definition.
    pub definition: String,
    /// The attributes of a row, in order.
    pub attributes: Vec<String>,
    /// How many rows there are.
    pub rows: u64,
    /// Their hash: the sum of the MD5 of each line of the file, in hexadecimal digits.
    pub hash: String,
    /// The file with the rows, each a line.
    pub file: String,
}

/// An object of a store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Object {
    /// The store.
    pub store: String,
    /// Where it is there.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
}

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TransferReport {
    /// Each table as `schema.table` with its rows, parents first.
    pub tables: Vec<(String, u64)>,
    /// How many objects in stores.
    pub objects: u64,
}

impl fmt::Display for TransferReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<String> =
            self.tables.iter().map(|(table, rows)| format!("{table}: {rows}")).collect();
        if self.objects > 0 {
            lines.push(format!("{} objects in stores", self.objects));
        }
        formatter.write_str(&lines.join("\n"))
    }
}

impl Manifest {
    const FILE: &'static str = "manifest.json";

    /// The manifest of an export. Fails when there is none, or one of another version.
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(Self::FILE);
        let text = std::fs::read_to_string(&path).map_err(Error::file(&path))?;
        let manifest: Self = serde_json::from_str(&text).map_err(|error| Error::format(&path, &error))?;
        if manifest.version == 1 {
            return Ok(manifest);
        }
        Err(Error::format(
            &path,
            &format!("it is of version {}, and this program reads version 1", manifest.version),
        ))
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(Self::FILE);
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::format(&path, &error))?;
        std::fs::write(&path, text).map_err(Error::file(&path))
    }

    pub(crate) fn report(&self) -> TransferReport {
        let tables = self
            .tables
            .iter()
            .map(|table| (format!("{}.{}", table.schema, table.table), table.rows))
            .collect();
        TransferReport { tables, objects: self.objects.len() as u64 }
    }
}
