//! Rows whose code or inputs are not what they were: found when somebody asks, and never by a worker.

use std::fmt;

use datajoint_pipeline::typed::TableSpec;
use datajoint_pipeline::{Condition, DynamicRow, DynamicTable, Instance, Relation as _, Restriction};
use datajoint_schema::{MADE_BY, MADE_FROM, TableName};
use datajoint_sql::Value;

use crate::{Code, Error};

mod compare;
mod recompute;
mod records;

pub use recompute::Recompute;

use records::Made;

/// A search for rows that were made by other code, or from other rows, than there are now.
///
/// A row is compared with what it recorded when it was made, which `jobs.record_makes` asks for: the [code](Code) of its `make`,
/// and of each table that this read the rows that its key comes from, with the attributes that were read. Rows that recorded
/// nothing, those of DataJoint for Python among them, are unknown, and never stale.
///
/// ```
/// # use datajoint::prelude::*;
/// # schema!("lab");
/// # #[table(Manual)]
/// # /// image_id : int32
/// # /// ---
/// # /// width    : int32
/// # pub struct Image;
/// # #[table(Computed)]
/// # /// -> Image
/// # /// ---
/// # /// area     : int32
/// # pub struct Area;
/// # #[make]
/// # impl PlainMake for Area {
/// #     async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
/// #         let image = cx.upstream::<Image>().fetch_one().await?;
/// #         cx.insert(AreaRow { image_id: image.image_id, area: image.width * image.width }).await
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
/// let dj = dj.with_settings(|settings| settings.jobs.record_makes = true);
/// Image.insert(&dj, [ImageRow::new(1, 20), ImageRow::new(2, 30)]).await?;
/// Area.populate(&dj).run().await?;
/// Image.update_one(&dj, ImageRow::new(2, 31)).await?;
///
/// let stale = Area.stale(&dj).find().await?;
/// assert_eq!(stale.rows[0].to_string(), "{image_id: 2}: rows of lab.image changed (1 row then, 1 row now)");
///
/// stale.recompute(&dj).confirmed().run().await?;
/// Area.populate(&dj).run().await?;
/// assert!(Area.stale(&dj).find().await?.rows.is_empty());
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is looked for before `find`"]
#[derive(Debug, Clone)]
pub struct Stale<'dj> {
    instance: &'dj Instance,
    table: Of,
    code: Code,
    restrictions: Vec<Condition>,
}

#[derive(Debug, Clone)]
enum Of {
    Program(&'static TableSpec),
    Database(Box<DynamicTable>),
}

/// A row that is stale.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StaleRow {
    /// Its key.
    pub key: DynamicRow,
    /// What is not as it was.
    pub changes: Vec<Change>,
}

/// What is not as it was when a row was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Other code would make it now.
    Code {
        /// What made it.
        then: String,
        /// What would make it.
        now: String,
    },
    /// Rows that it was made from are others, or some are gone or new.
    Rows {
        /// Their table, named as in the database.
        table: String,
        /// How many there were.
        then: u64,
        /// How many there are.
        now: u64,
    },
    /// What it was made from can't be looked at any more.
    Gone {
        /// The table, named as in the database.
        table: String,
        /// What is missing.
        what: String,
    },
}

/// What a search found in a table.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StaleRows {
    /// The table.
    pub table: TableName,
    /// The rows that are stale, in the order of their keys.
    pub rows: Vec<StaleRow>,
    /// How many rows are as they would be made now, as far as they recorded it.
    pub current: u64,
    /// How many rows recorded nothing: they were made before the table had columns for that, or by another program.
    pub unknown: u64,
    /// How many of the current rows were made from more rows than a record takes, which were not compared.
    pub unchecked: u64,
    /// True where the table has columns for records.
    pub has_records: bool,
    /// True where something is known of the code that would make the rows now.
    pub knows_code: bool,
    of: DynamicTable,
    /// What the stale rows record.
    records: Vec<Made>,
}

impl<'dj> Stale<'dj> {
    /// Of a table as it is in the database. Of its code nothing is known before it is [told](Self::code).
    pub fn of(instance: &'dj Instance, table: &DynamicTable) -> Self {
        let table = Of::Database(Box::new(table.clone()));
        Self { instance, table, code: Code::UNKNOWN, restrictions: Vec::new() }
    }

    /// Of a table of the program.
    pub(crate) fn of_program(instance: &'dj Instance, spec: &'static TableSpec, code: Code) -> Self {
        Self { instance, table: Of::Program(spec), code, restrictions: Vec::new() }
    }

    /// The code that would make the rows now.
    pub fn code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    /// Only rows that meet a restriction, and those given before.
    pub fn restrict(mut self, restriction: impl Restriction) -> Self {
        self.restrictions.push(restriction.into_condition());
        self
    }

    /// Looks at the rows, and changes nothing.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing, but that a first use may have declared tables.
    pub async fn find(self) -> Result<StaleRows, Error> {
        let Self { instance, table, code, restrictions } = self;
        let of = match table {
            Of::Database(table) => *table,
            Of::Program(spec) => {
                instance.ensure_active(&[spec]).await?;
                DynamicTable::from(instance.resolve(spec)?)
            }
        };
        let rows = of.restrict(Condition::all(&restrictions));
        let has_records = [MADE_BY, MADE_FROM].iter().all(|name| of.table().heading.get(name).is_some());
        let mut found = StaleRows {
            table: of.name().clone(),
            rows: Vec::new(),
            current: 0,
            unknown: 0,
            unchecked: 0,
            has_records,
            knows_code: code.is_known(),
            of,
            records: Vec::new(),
        };
        if !has_records {
            found.unknown = rows.count(instance).await?;
            return Ok(found);
        }
        let made = records::of_query(instance, &found.of, &rows).await?;
        compare::all(instance, made, code, &mut found).await?;
        Ok(found)
    }
}

impl StaleRows {
    /// Has the stale rows made anew: they are deleted, with all that depends on them. Nothing happens before
    /// [`run`](Recompute::run).
    pub fn recompute<'dj>(&self, instance: &'dj Instance) -> Recompute<'dj> {
        Recompute::new(instance, self.of.clone(), self.records.clone())
    }
}

/// `{image_id: 2}: code 3fa2 then, version 2 now`
impl fmt::Display for StaleRow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key: Vec<(&str, &Value)> = self.key.iter().collect();
        let changes: Vec<String> = self.changes.iter().map(ToString::to_string).collect();
        write!(formatter, "{}: {}", crate::describe::row(key.into_iter()), changes.join("; "))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |rows: u64| datajoint_definition::count(rows, "row");
        match self {
            Self::Code { then, now } => write!(formatter, "{then} then, {now} now"),
            Self::Rows { table, then, now } => {
                write!(formatter, "rows of {table} changed ({} then, {} now)", count(*then), count(*now))
            }
            Self::Gone { table, what } => write!(formatter, "{table} can't be compared any more: {what}"),
        }
    }
}
