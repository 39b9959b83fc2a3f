//! Rows and tables away, with what depends on them.

use std::fmt;

use datajoint_schema::TableName;

use crate::typed::Table;
use crate::{Instance, Relation, WriteTarget};

mod cascade;
mod deletion;
mod drop;
mod expected;
mod integrity;
mod seed;

pub use deletion::Deletion;
pub use drop::Dropping;

pub(crate) use cascade::going;
pub(crate) use drop::What;
pub(crate) use seed::Seed;

/// What happens to a part when its master stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PartIntegrity {
    /// Refuses, before anything is changed.
    #[default]
    Enforce,
    /// Goes ahead: masters may be left without some of their parts.
    Ignore,
    /// Takes the masters too, with all that depends on them.
    Cascade,
}

/// What a delete removed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DeleteReport {
    /// The rows of each table, in the order in which they were deleted: children first.
    pub tables: Vec<(TableName, u64)>,
    /// The rows of the table that the delete began with.
    pub rows: u64,
}

impl DeleteReport {
    /// Adds what another delete removed.
    fn add(&mut self, other: Self) {
        self.rows += other.rows;
        for (table, rows) in other.tables {
            match self.tables.iter_mut().find(|(known, _)| *known == table) {
                Some((_, known)) => *known += rows,
                None => self.tables.push((table, rows)),
            }
        }
    }

    /// The rows of all tables.
    pub fn total(&self) -> u64 {
        self.tables.iter().map(|(_, rows)| rows).sum()
    }
}

impl fmt::Display for DeleteReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, rows) in self.tables.iter().filter(|(_, rows)| *rows > 0) {
            writeln!(formatter, "{rows} from {table}")?;
        }
        write!(formatter, "{} in all", self.total())
    }
}

/// The tables that a drop removed, children first.
pub type Dropped = Vec<TableName>;

/// Deleting rows.
pub trait Delete: Relation {
    /// Deletes the rows, and with them every row of every table that depends on them, whether the program knows
    /// the table or not; all in one transaction.
    ///
    /// Takes a table, restricted or not. Fails, before anything is deleted, when a part would lose rows whose
    /// master stays, and, with `safemode` on, when nobody confirms it; see [`Deletion`].
    ///
    /// ```
    /// # use datajoint_config::Settings;
    /// # use datajoint_definition::Tier;
    /// # use datajoint_pipeline::{DynamicDeclaration, DynamicRow, Instance};
    /// use datajoint_pipeline::Delete;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> datajoint_pipeline::Result<()> {
    /// # let dj = Instance::connect(Settings::embedded(":memory:")).await?;
    /// # let (schema, class_name, tier, master) = ("lab", "Session", Tier::Manual, None);
    /// # let definition = "session : int16";
    /// # let session =
    /// #     dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, master, definition }).await?;
    /// session.insert_one(&dj, DynamicRow::new().with("session", 1)?).await?;
    /// let report = (&session & [("session", 1)]).delete(&dj).confirmed().await?;
    /// assert_eq!(report.to_string(), "1 from lab.session\n1 in all");
    /// # Ok(())
    /// # }
    /// ```
    fn delete<'a>(&self, on: impl Into<WriteTarget<'a>>) -> Deletion<'a> {
        Deletion::new(self.query().untyped(), on.into().0, false)
    }

    /// Deletes the rows with one statement, which fails when anything depends on one of them.
    ///
    /// Rows of a part go without their master, and no [`PartIntegrity`] is asked: [`delete`](Self::delete) asks it.
    fn delete_quick<'a>(&self, on: impl Into<WriteTarget<'a>>) -> Deletion<'a> {
        Deletion::new(self.query().untyped(), on.into().0, true)
    }
}

impl<R: Relation> Delete for R {}

/// Dropping typed tables.
pub trait DropTable: Table {
    /// Drops the table with all tables that depend on it, their jobs and their rows of `~lineage`.
    ///
    /// Fails, before anything is dropped, for a part whose master stays, and, with `safemode` on, when nobody confirms
    /// it; see [`Dropping`].
    fn drop(&self, instance: &Instance) -> Dropping {
        Dropping::new(instance, What::Typed(Self::spec()))
    }
}

impl<T: Table> DropTable for T {}
