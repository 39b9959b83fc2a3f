//! What would go.

use std::fmt;

use md5::{Digest as _, Md5};

/// What is to be done with what a plan lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Rows are to be deleted.
    Delete,
    /// Tables are to be dropped, with all their rows.
    Drop,
}

impl fmt::Display for Verb {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Delete => "delete",
            Self::Drop => "drop",
        })
    }
}

/// What goes of one table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Going {
    /// The table, as `schema.table`.
    pub table: String,
    /// How many rows.
    pub rows: u64,
    /// The size of their blobs in the table, in bytes.
    pub bytes: u64,
    /// How many objects in stores they speak of. The objects stay until they are collected.
    pub objects: u64,
    /// The size of these objects, as far as the rows know it, in bytes.
    pub object_bytes: u64,
}

/// What a destructive verb would take away, before it does.
///
/// ```
/// use datajoint_guard::{Going, Plan, Verb};
///
/// let going = Going { table: "lab.session".to_owned(), rows: 3, bytes: 2048, ..Going::default() };
/// let plan = Plan::new(Verb::Delete, "localhost/lab", vec![going]);
/// assert_eq!(plan.to_string(), "delete from localhost/lab:\n  lab.session  3 rows, 2 KiB of blobs\n  3 rows in all");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// What is to be done.
    pub verb: Verb,
    /// The database, as people know it.
    pub database: String,
    /// What goes of each table, in the order in which it goes.
    pub tables: Vec<Going>,
}

impl Plan {
    /// A plan; tables of which nothing goes are left out of a delete.
    pub fn new(verb: Verb, database: impl Into<String>, mut tables: Vec<Going>) -> Self {
        tables.retain(|going| verb == Verb::Drop || going.rows > 0);
        Self { verb, database: database.into(), tables }
    }

    /// True when nothing would go.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }

    /// The rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|going| going.rows).sum()
    }

    /// The size of the blobs and objects of all rows, in bytes.
    pub fn bytes(&self) -> u64 {
        self.tables.iter().map(|going| going.bytes + going.object_bytes).sum()
    }

    /// A short text that another plan does not have: of another verb, database, table or number of rows.
    ///
    /// Who confirms a plan by it confirms what was looked at, and nothing that came later.
    pub fn hash(&self) -> String {
        let mut digest = Md5::new();
        digest.update(format!("{} {}\n", self.verb, self.database));
        for Going { table, rows, bytes, objects, object_bytes } in &self.tables {
            digest.update(format!("{table} {rows} {bytes} {objects} {object_bytes}\n"));
        }
        let bytes = digest.finalize();
        let number = bytes.iter().take(6).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{number:012x}")
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let preposition = if self.verb == Verb::Delete { " from" } else { " in" };
        writeln!(formatter, "{}{preposition} {}:", self.verb, self.database)?;
        let width = self.tables.iter().map(|going| going.table.chars().count()).max().unwrap_or_default();
        for Going { table, rows, bytes, objects, object_bytes } in &self.tables {
            write!(formatter, "  {table:width$}  {}", rows_text(*rows))?;
            if *bytes > 0 {
                write!(formatter, ", {} of blobs", bytes_text(*bytes))?;
            }
            if *objects > 0 {
                write!(formatter, ", {objects} stored objects of {}", bytes_text(*object_bytes))?;
            }
            writeln!(formatter)?;
        }
        write!(formatter, "  {} in all", rows_text(self.rows()))
    }
}

fn rows_text(rows: u64) -> String {
    if rows == 1 { "1 row".to_owned() } else { format!("{rows} rows") }
}

/// A number of bytes as people read it.
///
/// ```
/// assert_eq!(datajoint_guard::bytes_text(1536), "1.5 KiB");
/// ```
pub fn bytes_text(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let (mut tenths, mut unit) = (u128::from(bytes) * 10, 0);
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    match tenths % 10 {
        0 => format!("{} {}", tenths / 10, UNITS[unit]),
        part => format!("{}.{part} {}", tenths / 10, UNITS[unit]),
    }
}
