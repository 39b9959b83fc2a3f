use std::fmt;
use std::marker::PhantomData;

use datajoint_sql::{Comparison, Order, Value};

use super::{AttributeValue, ValueError};
use crate::Condition;

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
        datajoint_sql::Condition::IsNull(self.name.to_owned()).into()
    }

    /// Rows where it has a value.
    pub fn is_not_null(self) -> Condition {
        self.is_null().not()
    }

    /// Rows where it is one of the values; none for an empty list.
    pub fn is_in<O: ComparableWith<V>>(self, values: impl IntoIterator<Item = O>) -> Condition {
        let values: Result<Vec<Value>, _> = values.into_iter().map(O::into_operand).collect();
        self.or_invalid(
            values.map(|values| datajoint_sql::Condition::In { attribute: self.name.to_owned(), values }),
        )
    }

    /// Rows where it lies between two values, both included.
    pub fn between(self, low: impl ComparableWith<V>, high: impl ComparableWith<V>) -> Condition {
        let between =
            |low, high| datajoint_sql::Condition::Between { attribute: self.name.to_owned(), low, high };
        self.or_invalid(low.into_operand().and_then(|low| Ok(between(low, high.into_operand()?))))
    }

    /// Rows where it matches a pattern with `%` for any text and `_` for any character.
    pub fn like(self, pattern: impl Into<String>) -> Condition {
        datajoint_sql::Condition::Compare {
            attribute: self.name.to_owned(),
            operator: Comparison::Like,
            value: Value::Text(pattern.into()),
        }
        .into()
    }

    /// The least first, for [`order_by`](crate::Relation::order_by).
    pub fn ascending(self) -> Order {
        Order { attribute: self.name.to_owned(), descending: false }
    }

    /// The greatest first, for [`order_by`](crate::Relation::order_by).
    pub fn descending(self) -> Order {
        Order { attribute: self.name.to_owned(), descending: true }
    }

    fn compare(self, operator: Comparison, value: impl ComparableWith<V>) -> Condition {
        self.or_invalid(value.into_operand().map(|value| datajoint_sql::Condition::Compare {
            attribute: self.name.to_owned(),
            operator,
            value,
        }))
    }

    fn or_invalid(self, condition: Result<datajoint_sql::Condition, ValueError>) -> Condition {
        condition.map_or_else(|error| Condition::invalid(error.at(self.name)), Condition::from)
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
