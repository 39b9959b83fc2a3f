use datajoint_sql::Value;

use crate::typed::{AttributeValue, Column, ValueError};

/// A column to fetch: a typed one, or a name with the type asked for.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no column",
    note = "give an attribute of a table, `Session::weight`; `column_as` takes a name"
)]
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

/// Columns to fetch side by side: a tuple of up to eight.
pub trait ColumnsOf: Send + Sync {
    /// Their values, as a tuple.
    type Values: Send;

    /// Their names in the query.
    fn column_names(&self) -> Vec<&str>;

    /// The values of a row, which stand in the order of the names; each is left null.
    #[doc(hidden)]
    fn read(&self, values: &mut [Value]) -> Result<Self::Values, ValueError>;
}

macro_rules! tuples {
    ($(($($column:ident $place:tt),*))*) => { $(
        impl<$($column: ColumnOf + Send + Sync),*> ColumnsOf for ($($column,)*) {
            type Values = ($($column::Value,)*);

            fn column_names(&self) -> Vec<&str> {
                vec![$(self.$place.column_name()),*]
            }

            fn read(&self, values: &mut [Value]) -> Result<Self::Values, ValueError> {
                Ok(($(
                    $column::Value::from_value(std::mem::take(&mut values[$place]))
                        .map_err(|error| error.at(self.$place.column_name()))?,
                )*))
            }
        }
    )* };
}

tuples! {
    (A 0)
    (A 0, B 1)
    (A 0, B 1, C 2)
    (A 0, B 1, C 2, D 3)
    (A 0, B 1, C 2, D 3, E 4)
    (A 0, B 1, C 2, D 3, E 4, F 5)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6)
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7)
}
