//! What would go.

use std::fmt;

use crate::{Fingerprint, Keys};

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
    /// Which rows: a digest of their keys. Empty where nobody has to confirm them.
    pub keys: Keys,
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
    /// Which rows were asked for, as people read it; `None` for all of a table.
    pub restriction: Option<String>,
    /// What goes of each table, in the order in which it goes.
    pub tables: Vec<Going>,
    /// The schemas that go themselves, with all that is in them.
    pub schemas: Vec<String>,
    /// The statements that were asked for with their values, as a hash of theirs.
    statements: String,
}

impl Plan {
    /// A plan; tables of which nothing goes are left out of a delete.
    pub fn new(verb: Verb, database: impl Into<String>, mut tables: Vec<Going>) -> Self {
        tables.retain(|going| verb == Verb::Drop || going.rows > 0);
        Self {
            verb,
            database: database.into(),
            restriction: None,
            tables,
            schemas: Vec::new(),
            statements: String::new(),
        }
    }

    /// The same for the rows of a query: as people read it, `None` for all, and as the statements that it comes to, each
    /// with its values as bytes that no other has.
    #[must_use]
    pub fn of<S: AsRef<[u8]>>(
        mut self,
        restriction: Option<String>,
        statements: impl IntoIterator<Item = S>,
    ) -> Self {
        let mut fingerprint = Fingerprint::new("statements");
        for statement in statements {
            fingerprint.add(statement);
        }
        self.statements = fingerprint.finish();
        self.restriction = restriction;
        self
    }

    /// The same with schemas that go themselves.
    #[must_use]
    pub fn with_schemas(mut self, schemas: Vec<String>) -> Self {
        self.schemas = schemas;
        self
    }

    /// True when nothing would go.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.schemas.is_empty()
    }

    /// The rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|going| going.rows).sum()
    }

    /// The size of the blobs and objects of all rows, in bytes.
    pub fn bytes(&self) -> u64 {
        self.tables.iter().map(|going| going.bytes + going.object_bytes).sum()
    }

    /// Returns a string of 32 hexadecimal digits that no other plan has: of another verb or database, of other
    /// statements or values, of other tables, or of other rows, though they be as many.
    ///
    /// Who confirms a plan by it confirms what was looked at, and nothing that came later.
    pub fn hash(&self) -> String {
        let mut fingerprint = Fingerprint::new("plan");
        let restriction = self.restriction.as_deref();
        fingerprint.add(self.verb.to_string()).add(&self.database).add(&self.statements);
        fingerprint.add([u8::from(restriction.is_some())]).add(restriction.unwrap_or_default());
        fingerprint.add((self.tables.len() as u64).to_be_bytes());
        for Going { table, rows, bytes, objects, object_bytes, keys } in &self.tables {
            fingerprint.add(table).add(keys.bytes());
            for number in [rows, bytes, objects, object_bytes] {
                fingerprint.add(number.to_be_bytes());
            }
        }
        for schema in &self.schemas {
            fingerprint.add("schema").add(schema);
        }
        fingerprint.finish()
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let preposition = if self.verb == Verb::Delete { " from" } else { " in" };
        writeln!(formatter, "{}{preposition} {}:", self.verb, self.database)?;
        if let Some(restriction) = &self.restriction {
            writeln!(formatter, "  for {restriction}")?;
        }
        let width = self.tables.iter().map(|going| going.table.chars().count()).max().unwrap_or_default();
        for Going { table, rows, bytes, objects, object_bytes, .. } in &self.tables {
            write!(formatter, "  {table:width$}  {}", rows_text(*rows))?;
            if *bytes > 0 {
                write!(formatter, ", {} of blobs", bytes_text(*bytes))?;
            }
            if *objects > 0 {
                let objects = datajoint_definition::count(*objects, "stored object");
                write!(formatter, ", {objects} of {}", bytes_text(*object_bytes))?;
            }
            writeln!(formatter)?;
        }
        for schema in &self.schemas {
            writeln!(formatter, "  the schema {schema} itself")?;
        }
        write!(formatter, "  {} in all", rows_text(self.rows()))
    }
}

fn rows_text(rows: u64) -> String {
    datajoint_definition::count(rows, "row")
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
        _ if bytes == 1 => "1 byte".to_owned(),
        0 => format!("{} {}", tenths / 10, UNITS[unit]),
        part => format!("{}.{part} {}", tenths / 10, UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> Plan {
        let of = |table: &str, key: &str| Going {
            table: table.to_owned(),
            rows: 3,
            bytes: 5,
            objects: 7,
            object_bytes: 11,
            keys: Keys::one([key]),
        };
        Plan::new(Verb::Delete, "localhost", vec![of("lab.session", "1"), of("lab.subject", "2")])
            .of(Some("`lab.subject` & \"id = 1\"".to_owned()), ["DELETE", "1"])
    }

    #[test]
    fn every_field_changes_the_hash() {
        let changes: [fn(Plan) -> Plan; 14] = [
            |plan| plan.with_schemas(vec!["lab".to_owned()]),
            |plan| plan,
            |plan| Plan { verb: Verb::Drop, ..plan },
            |plan| Plan { database: "other".to_owned(), ..plan },
            |plan| Plan { restriction: None, ..plan },
            |plan| Plan { restriction: Some(String::new()), ..plan },
            |plan| plan.of(None, ["DELETE1"]),
            |plan| Plan { tables: plan.tables[..1].to_vec(), ..plan },
            |mut plan| {
                plan.tables.reverse();
                plan
            },
            |mut plan| {
                plan.tables[0].table.push('s');
                plan
            },
            |mut plan| {
                plan.tables[0].rows += 1;
                plan
            },
            |mut plan| {
                let going = &mut plan.tables[0];
                std::mem::swap(&mut going.rows, &mut going.bytes);
                plan
            },
            |mut plan| {
                let going = &mut plan.tables[0];
                std::mem::swap(&mut going.objects, &mut going.object_bytes);
                plan
            },
            |mut plan| {
                plan.tables[0].keys = Keys::one(["3"]);
                plan
            },
        ];
        let hashes: std::collections::BTreeSet<String> =
            changes.iter().map(|change| change(plan()).hash()).collect();
        assert_eq!(hashes.len(), changes.len());
    }

    /// People write hashes down between two runs, which may be of two releases.
    #[test]
    fn the_hash_of_a_plan_stays_the_same() {
        assert_eq!(plan().hash(), "a50b4854205edd2149296b056101ea3e");
    }
}
