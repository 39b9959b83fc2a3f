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

/// A name of an attribute: a text or a typed column.
pub trait ColumnName {
    /// The name.
    fn name_of_column(&self) -> &str;
}

impl ColumnName for &str {
    fn name_of_column(&self) -> &str {
        self
    }
}

impl ColumnName for String {
    fn name_of_column(&self) -> &str {
        self
    }
}

impl<T, V> ColumnName for Column<T, V> {
    fn name_of_column(&self) -> &str {
        self.name()
    }
}
