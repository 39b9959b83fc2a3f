use std::fmt;
use std::marker::PhantomData;

use datajoint_sql::{Comparison, Order, Value};

use super::{AttributeValue, ValueError};
use crate::{Condition, attribute};

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

    /// The same attribute with null as `None`, for fetching it where it may be null.
    pub const fn optional(self) -> Column<T, Option<V>> {
        Column::new(self.name)
    }

    /// Rows where it equals the value; `None` stands for null.
    pub fn eq(self, value: impl ComparableWith<V>) -> Condition {
        self.compare(Comparison::Equal, value)
    }

    /// Rows where it differs from the value. Rows where it is null are left out, as in SQL.
    pub fn ne(self, value: impl ComparableWith<V>) -> Condition {
        self.compare(Comparison::NotEqual, value)
    }

    /// Rows where it is less than the value.
    pub fn lt(self, value: impl ComparableWith<V>) -> Condition {
        self.compare(Comparison::Less, value)
    }

    /// Rows where it is the value or less.
    pub fn le(self, value: impl ComparableWith<V>) -> Condition {
        self.compare(Comparison::LessOrEqual, value)
    }

    /// Rows where it is greater than the value.
    pub fn gt(self, value: impl ComparableWith<V>) -> Condition {
        self.compare(Comparison::Greater, value)
    }

    /// Rows where it is the value or greater.
    pub fn ge(self, value: impl ComparableWith<V>) -> Condition {
        self.compare(Comparison::GreaterOrEqual, value)
    }

    /// Rows where it is null.
    pub fn is_null(self) -> Condition {
        attribute(self.name).is_null()
    }

    /// Rows where it has a value.
    pub fn is_not_null(self) -> Condition {
        attribute(self.name).is_not_null()
    }

    /// Rows where it is one of the values; none for an empty list.
    pub fn is_in<O: ComparableWith<V>>(self, values: impl IntoIterator<Item = O>) -> Condition {
        attribute(self.name).among(values.into_iter().map(O::into_operand).collect())
    }

    /// Rows where it lies between two values, both included.
    pub fn between(self, low: impl ComparableWith<V>, high: impl ComparableWith<V>) -> Condition {
        attribute(self.name).within(low.into_operand(), high.into_operand())
    }

    /// Rows where it matches a pattern with `%` for any text and `_` for any character.
    pub fn like(self, pattern: impl Into<String>) -> Condition {
        attribute(self.name).compared(Comparison::Like, Ok(Value::Text(pattern.into())))
    }

    /// The least first, for [`order_by`](crate::Relation::order_by).
    pub fn ascending(self) -> Order {
        attribute(self.name).ascending()
    }

    /// The greatest first, for [`order_by`](crate::Relation::order_by).
    pub fn descending(self) -> Order {
        attribute(self.name).descending()
    }

    fn compare(self, operator: Comparison, value: impl ComparableWith<V>) -> Condition {
        attribute(self.name).compared(operator, value.into_operand())
    }
}

impl<T> Column<T, serde_json::Value> {
    /// A place within the document: `path("rates[0]")`, or `path("[0]")` where the document is an array.
    pub fn path(self, path: &str) -> crate::Attribute {
        place(self.name, path)
    }
}

impl<T> Column<T, Option<serde_json::Value>> {
    /// A place within the document: `path("rates[0]")`, or `path("[0]")` where the document is an array.
    pub fn path(self, path: &str) -> crate::Attribute {
        place(self.name, path)
    }
}

fn place(document: &str, path: &str) -> crate::Attribute {
    let point = if path.starts_with('[') { "" } else { "." };
    crate::attribute(format!("{document}{point}{path}"))
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
    fn into_operand(self) -> Result<Value, ValueError>;
}

impl<V: AttributeValue> ComparableWith<V> for V {
    fn into_operand(self) -> Result<Value, ValueError> {
        self.into_value()
    }
}

impl<V: AttributeValue + Clone> ComparableWith<V> for &V {
    fn into_operand(self) -> Result<Value, ValueError> {
        self.clone().into_value()
    }
}

impl<V: AttributeValue> ComparableWith<V> for Option<V> {
    fn into_operand(self) -> Result<Value, ValueError> {
        self.into_value()
    }
}

impl ComparableWith<String> for &str {
    fn into_operand(self) -> Result<Value, ValueError> {
        Ok(Value::Text(self.to_owned()))
    }
}

impl ComparableWith<Vec<u8>> for &[u8] {
    fn into_operand(self) -> Result<Value, ValueError> {
        Ok(Value::Bytes(self.to_vec()))
    }
}
