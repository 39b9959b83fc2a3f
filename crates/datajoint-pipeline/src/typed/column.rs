use std::fmt;
use std::marker::PhantomData;

use datajoint_sql::{Comparison, Condition, Value};

use super::AttributeValue;

/// An attribute of a table as a constant: `Recording::sampling_rate`.
///
/// `T` is the table, `V` the Rust type of the attribute's values; comparing it with a value of
/// another type does not compile.
pub struct Column<T, V> {
    name: &'static str,
    marker: PhantomData<fn() -> (T, V)>,
}

impl<T, V> Column<T, V> {
    /// The attribute of this name; called by generated code.
    pub const fn new(name: &'static str) -> Self {
        Self { name, marker: PhantomData }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        self.name
    }
}

impl<T, V> Clone for Column<T, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, V> Copy for Column<T, V> {}

impl<T, V> fmt::Debug for Column<T, V> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name)
    }
}

/// A value that an attribute of type `V` can be compared with.
#[diagnostic::on_unimplemented(message = "an attribute of type `{V}` can't be compared with `{Self}`")]
pub trait ComparableWith<V> {
    /// The value as bound to the statement.
    fn into_operand(self) -> Value;
}
