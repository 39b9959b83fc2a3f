use super::{FromRow, IntoRow, TableSpec};

/// Holds for every `#[table]` struct, even when its definition has faults.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table",
    label = "named by `->` in a definition",
    note = "put `#[table(...)]` on `{Self}`"
)]
pub trait Declared {}

/// Compiles only for tables; called by generated code.
pub const fn assert_declared<T: Declared>() {}

/// The schema that a module stands for; `schema!` makes it.
pub trait SchemaName {
    /// The name as given to `schema!`.
    const NAME: &'static str;
}

/// A table declared with `#[table]` or `#[part]`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a table", note = "put `#[table(...)]` on `{Self}`")]
pub trait Table: Declared + Copy + Send + Sync + 'static {
    /// One row, with every visible attribute.
    type Row: TableRow<Table = Self>;

    /// The primary key.
    type Key: TableKey<Table = Self>;

    /// A number made from the resolved primary key: parents and children compiled by different
    /// versions of the macros do not meet unnoticed.
    const KEY_ID: u64;

    /// What the macro knows of the table.
    fn spec() -> &'static TableSpec;
}

/// The row type of a table.
pub trait TableRow: FromRow + IntoRow + Send + 'static {
    /// The table.
    type Table: Table<Row = Self>;

    /// The primary key of the row.
    fn key(&self) -> <Self::Table as Table>::Key;
}

/// The key type of a table.
pub trait TableKey: FromRow + IntoRow + Clone + Send + Sync + 'static {
    /// The table.
    type Table: Table<Key = Self>;
}

/// A table filled by `populate`: Imported or Computed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not filled by `populate`",
    note = "only Imported and Computed tables are"
)]
pub trait AutoPopulated: Table {}

/// A part of a master.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a part", note = "put `#[part(Master, ...)]` on it")]
pub trait Part: Table {
    /// Its master.
    type Master: Table;
}

/// A table whose rows the `make` of `Maker` may write: `Maker` itself and its parts.
#[diagnostic::on_unimplemented(
    message = "`make` of `{Maker}` can't insert into `{Self}`",
    label = "neither `{Maker}` nor one of its parts",
    note = "`make` writes its own table and its parts only"
)]
pub trait WrittenBy<Maker>: Table {}

/// A table that has `Ancestor` among its ancestors.
#[diagnostic::on_unimplemented(
    message = "`{Ancestor}` is not upstream of `{Self}`",
    label = "not an ancestor of `{Self}`",
    note = "`make` reads only what `{Self}` depends on: add `-> {Ancestor}` to its definition"
)]
pub trait HasAncestor<Ancestor>: Table {}

// Without this, the compiler would speak of numbers.
#[diagnostic::do_not_recommend]
impl<T, A> HasAncestor<A> for T
where
    T: Table + DescendsFrom<A::Id>,
    A: Identified,
{
}

/// A table with a number as a type, by which tables of other crates can speak of it.
pub trait Identified: Table {
    /// The number.
    type Id;
}

/// The number of a table as a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableId<const NUMBER: u64>;

/// A table below the one with this number.
pub trait DescendsFrom<Id> {}

/// The Rust type of attribute `N` of the primary key, counted from 0.
pub trait KeyAttributeAt<const N: usize> {
    /// The type.
    type Value;
}
