use std::sync::Arc;

use datajoint_sql::Value;

use crate::DynamicRow;
use crate::typed::{FromRow, RowReader, ValueError};

/// What the rows of a query can be read into: a type with [`FromRow`], or a [`DynamicRow`].
#[diagnostic::on_unimplemented(
    message = "rows can't be read into `{Self}`",
    note = "put `#[derive(datajoint::FromRow)]` on it, or read into `DynamicRow`"
)]
pub trait QueryRow: Sized + Send + 'static {
    /// The attributes it reads, in order; `None` for all that the query has.
    #[doc(hidden)]
    fn attributes() -> Option<&'static [&'static str]>;

    /// True when values of codecs are decoded, false for those who read them as they stand in the table.
    #[doc(hidden)]
    fn is_decoded() -> bool {
        true
    }

    /// Reads a row with these values; they may be taken out.
    #[doc(hidden)]
    fn read(names: &Arc<[String]>, values: &mut [Value]) -> Result<Self, ValueError>;
}

impl<R: FromRow + Send + 'static> QueryRow for R {
    fn attributes() -> Option<&'static [&'static str]> {
        Some(R::ATTRIBUTES)
    }

    fn read(_: &Arc<[String]>, values: &mut [Value]) -> Result<Self, ValueError> {
        R::from_row(&mut RowReader::new(values))
    }
}

impl QueryRow for DynamicRow {
    fn attributes() -> Option<&'static [&'static str]> {
        None
    }

    fn read(names: &Arc<[String]>, values: &mut [Value]) -> Result<Self, ValueError> {
        Ok(Self::of(Arc::clone(names), values.iter_mut().map(std::mem::take).collect()))
    }
}

/// A row with the values of codecs as they stand in the table: of one with a store, the JSON that describes an object. No store
/// is asked.
///
/// [`InsertOptions::as_stored`](crate::InsertOptions::as_stored) takes rows in this form.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRow(pub DynamicRow);

impl QueryRow for StoredRow {
    fn attributes() -> Option<&'static [&'static str]> {
        None
    }

    fn is_decoded() -> bool {
        false
    }

    fn read(names: &Arc<[String]>, values: &mut [Value]) -> Result<Self, ValueError> {
        DynamicRow::read(names, values).map(Self)
    }
}
