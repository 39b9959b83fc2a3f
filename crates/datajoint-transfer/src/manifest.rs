use std::collections::{HashMap, HashSet};
use std::fmt;
use std::io::{BufReader, Read as _, Write as _};
use std::path::Path;

use datajoint_definition::{camel_case, schema_name_fault, table_name, tier_of};
use serde::{Deserialize, Serialize};

use crate::folder::{Folder, NewFolder};
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
    /// The store; none for the default one, whichever that is where the rows are.
    pub store: Option<String>,
    /// Where it is there.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// The MD5 of its bytes, in hexadecimal digits; none in an export of a release that wrote none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TransferReport {
    /// Each table as `schema.table` with its rows, parents first.
    pub tables: Vec<(String, u64)>,
    /// How many objects in stores.
    pub objects: u64,
    /// How many of these could be compared with nothing but their size: the export is of a release that wrote no hash of them.
    pub uncompared: u64,
    /// Indexes that this database can't have.
    pub left_out: Vec<LeftOut>,
}

/// An index of an export that the database of an import can't have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The table, as `schema.table`.
    pub table: String,
    /// The index, as its definition writes it.
    pub index: String,
    /// Why it can't be there.
    pub reason: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, index, reason } = self;
        write!(formatter, "{table}: the {index} was left out: {reason}")
    }
}

impl fmt::Display for TransferReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines: Vec<String> =
            self.tables.iter().map(|(table, rows)| format!("{table}: {rows}")).collect();
        if self.objects > 0 {
            lines.push(format!("{} in stores", datajoint_definition::count(self.objects, "object")));
        }
        if self.uncompared > 0 {
            lines.push(format!(
                "of {} the size alone was compared: the export is of a release that wrote no hash of objects",
                datajoint_definition::count(self.uncompared, "object")
            ));
        }
        lines.extend(self.left_out.iter().map(ToString::to_string));
        formatter.write_str(&lines.join("\n"))
    }
}

impl Transferred {
    /// What is wrong with its names, which become those of tables.
    fn fault(&self) -> Option<String> {
        let Self { schema, table, class, tier, master, .. } = self;
        schema_name_fault(schema).or_else(|| {
            let is_meant = tier_of(table).is_some_and(|(of_table, of_part)| {
                *tier == of_table.name()
                    && table_name(class, of_table, of_part).as_ref() == Some(table)
                    && of_part.map(camel_case) == *master
            });
            (!is_meant)
                .then(|| format!("the table `{table}` is not that of the class `{class}` and its tier"))
                .or_else(|| self.twice())
        })
    }

    /// An attribute that is named twice: one of the two values of a row would be lost.
    fn twice(&self) -> Option<String> {
        let mut places = HashMap::new();
        (1..).zip(&self.attributes).find_map(|(second, name)| {
            let first = places.insert(name, second)?;
            let table = &self.table;
            Some(format!(
                "the table `{table}` has the attribute `{name}` twice, as number {first} and number {second}"
            ))
        })
    }
}

/// The longest manifest, in bytes: 1 GiB, which is some millions of objects. No export writes a longer one, and none is read.
pub(crate) const LONGEST: u64 = 1 << 30;

fn check_length(bytes: u64) -> Result<()> {
    if bytes > LONGEST { Err(Error::LongManifest { bytes }) } else { Ok(()) }
}

impl Manifest {
    pub(crate) const FILE: &'static str = "manifest.json";

    /// The manifest of an export. Fails when there is none, or one of another version.
    pub fn read(folder: impl AsRef<Path>) -> Result<Self> {
        Self::read_from(&Folder::open(folder.as_ref())?)
    }

    pub(crate) fn read_from(folder: &Folder) -> Result<Self> {
        let path = folder.path_of(Self::FILE);
        let file = folder.read(Self::FILE)?;
        let length = file.metadata().map_err(Error::file(&path))?.len();
        if length > LONGEST {
            let problem = format!("it has {length} bytes, and no export writes more than {LONGEST}");
            return Err(Error::format(&path, &problem));
        }
        let manifest: Self = serde_json::from_reader(BufReader::new(file.take(LONGEST)))
            .map_err(|error| Error::format(&path, &error))?;
        let fault = if manifest.version == 1 {
            manifest.tables.iter().find_map(Transferred::fault).or_else(|| manifest.twice())
        } else {
            Some(format!("it is of version {}, and this program reads version 1", manifest.version))
        };
        fault.map_or(Ok(manifest), |fault| Err(Error::format(&path, &fault)))
    }

    /// A table or an object that stands there twice.
    fn twice(&self) -> Option<String> {
        let (mut tables, mut objects) = (HashSet::new(), HashSet::new());
        let table = self.tables.iter().find(|table| !tables.insert((&table.schema, &table.table)));
        let object = self.objects.iter().find(|object| !objects.insert((&object.store, &object.path)));
        table
            .map(|table| format!("the table `{}.{}` stands there twice", table.schema, table.table))
            .or_else(|| object.map(|object| format!("the object {} stands there twice", object.path)))
    }

    pub(crate) fn write(&self, folder: &mut NewFolder) -> Result<()> {
        let path = folder.path_of(Self::FILE);
        let text = serde_json::to_string_pretty(self).map_err(|error| Error::format(&path, &error))?;
        check_length(text.len() as u64)?;
        folder.create(Self::FILE)?.write_all(text.as_bytes()).map_err(Error::file(&path))
    }

    pub(crate) fn report(&self) -> TransferReport {
        let tables = self
            .tables
            .iter()
            .map(|table| (format!("{}.{}", table.schema, table.table), table.rows))
            .collect();
        let uncompared = self.objects.iter().filter(|object| object.hash.is_none()).count() as u64;
        TransferReport { tables, objects: self.objects.len() as u64, uncompared, left_out: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{LONGEST, Manifest, check_length};

    /// What reading says of a manifest of one table.
    fn read(schema: &str, table: &str, class: &str, tier: &str, master: Option<&str>) -> Result<(), String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let table = json!({
            "schema": schema, "table": table, "class": class, "tier": tier, "master": master,
            "definition": "id : int32", "attributes": ["id"], "rows": 0, "hash": "0".repeat(32), "file": "001.jsonl",
        });
        let text = json!({"version": 1, "tables": [table], "objects": []}).to_string();
        std::fs::write(folder.path().join(Manifest::FILE), text).map_err(|error| error.to_string())?;
        Manifest::read(folder.path()).map(|_| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_manifest_has_an_end() {
        let folder = tempfile::tempdir().unwrap();
        let file = std::fs::File::create(folder.path().join(Manifest::FILE)).unwrap();
        // Nothing of it lies on the disk.
        file.set_len(3 << 30).unwrap();
        let error = Manifest::read(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("it has 3221225472 bytes, and no export writes more than 1073741824"),
            "{error}"
        );
        file.set_len(LONGEST).unwrap();
        let error = Manifest::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("expected value at line 1 column 1"), "it is read no further: {error}");
        assert!(check_length(LONGEST).is_ok());
        let error = check_length(LONGEST + 1).unwrap_err().to_string();
        assert!(error.contains("1073741825 bytes") && error.contains("in several parts"), "{error}");
    }

    #[test]
    fn no_attribute_is_named_twice() {
        let folder = tempfile::tempdir().unwrap();
        let table = json!({
            "schema": "lab", "table": "subject", "class": "Subject", "tier": "Manual", "master": null,
            "definition": "id : int32\n---\nnote : int8", "attributes": ["id", "note", "id"], "rows": 0,
            "hash": "0".repeat(32), "file": "001.jsonl",
        });
        let text = json!({"version": 1, "tables": [table], "objects": []}).to_string();
        std::fs::write(folder.path().join(Manifest::FILE), text).unwrap();
        let error = Manifest::read(folder.path()).unwrap_err().to_string();
        assert!(error.contains("`id` twice, as number 1 and number 3"), "{error}");
    }

    #[test]
    fn names_of_a_manifest_are_those_of_tables() {
        for (table, class, tier, master) in [
            ("subject", "Subject", "Manual", None),
            ("#scan2_d", "Scan2D", "Lookup", None),
            ("__spikes__unit", "Unit", "Part", Some("Spikes")),
        ] {
            assert_eq!(read("lab", table, class, tier, master), Ok(()), "{table}");
        }
        for (table, class, tier, master) in [
            ("~environment", "~environment", "Manual", None),
            ("~~subject", "Subject", "Manual", None),
            ("subject", "~environment", "Manual", None),
            ("subject", "Session", "Manual", None),
            ("subject", "Subject", "Lookup", None),
            ("subject", "Subject", "Manual", Some("Session")),
            ("__spikes__unit", "Unit", "Part", None),
            ("__spikes__unit", "Unit", "Part", Some("Session")),
            ("__spikes__unit", "SpikesUnit", "Part", Some("Spikes")),
            ("", "", "Manual", None),
            ("a\"b", "A\"b", "Manual", None),
        ] {
            assert!(read("lab", table, class, tier, master).is_err(), "{table} {class}");
        }
        for schema in ["", "~x", "a.b", "la\nb", "a`b"] {
            assert!(read(schema, "subject", "Subject", "Manual", None).is_err(), "{schema:?}");
        }
    }
}
