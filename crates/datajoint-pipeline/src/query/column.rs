use crate::typed::{AttributeValue, Column};

/// A column to fetch: a typed one, or a name with the type asked for.
pub trait ColumnOf {
    /// The Rust type of its values.
    type Value: AttributeValue + Send;

    /// Its name in the query.
    fn column_name(&self) -> &str;
}

impl<T, V: AttributeValue + Send> ColumnOf for Column<T, V> {
    type Value = V;

    fn column_name(&self) -> &str {
        self.name()
    }
}
