//! Attributes by name, for queries whose attributes are known at run time only.

use datajoint_sql::{Comparison, Condition as Plain, Order, Value};

use crate::typed::ValueError;
use crate::{Bound, Condition};

/// An attribute of a query by its name, or a place within a JSON attribute: `document.rates[0]`, `document."a name"`.
///
/// Compared with a value it is a [`Condition`]. What is not there is an error when the query is run, with the names
/// that are similar. What stands at a place in JSON is compared as what the value is, and is null for it where it is of
/// another kind: a number is compared with numbers alone, a string with strings. With a type after a colon,
/// `document.rate:decimal(8,2)`, the database converts it first.
///
/// ```
/// use datajoint_pipeline::attribute;
///
/// let loud = attribute("gain").ge(3.5) & attribute("setup.probe.kind").eq("tetrode");
/// # let _ = loud;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Attribute(String);

/// The attribute of this name.
pub fn attribute(name: impl Into<String>) -> Attribute {
    Attribute(name.into())
}

impl Attribute {
    /// Rows where it equals the value; `None` stands for null.
    pub fn eq(self, value: impl Into<Bound>) -> Condition {
        self.compare(Comparison::Equal, value)
    }

    /// Rows where it differs from the value. Rows where it is null are left out, as in SQL.
    pub fn ne(self, value: impl Into<Bound>) -> Condition {
        self.compare(Comparison::NotEqual, value)
    }

    /// Rows where it is less than the value.
    pub fn lt(self, value: impl Into<Bound>) -> Condition {
        self.compare(Comparison::Less, value)
    }

    /// Rows where it is the value or less.
    pub fn le(self, value: impl Into<Bound>) -> Condition {
        self.compare(Comparison::LessOrEqual, value)
    }

    /// Rows where it is greater than the value.
    pub fn gt(self, value: impl Into<Bound>) -> Condition {
        self.compare(Comparison::Greater, value)
    }

    /// Rows where it is the value or greater.
    pub fn ge(self, value: impl Into<Bound>) -> Condition {
        self.compare(Comparison::GreaterOrEqual, value)
    }

    /// Rows where it matches a pattern with `%` for any text and `_` for any character.
    pub fn like(self, pattern: &str) -> Condition {
        self.compare(Comparison::Like, pattern)
    }

    /// Rows where it is null, or where nothing stands at the place.
    pub fn is_null(self) -> Condition {
        Plain::IsNull(self.0).into()
    }

    /// Rows where it has a value.
    pub fn is_not_null(self) -> Condition {
        self.is_null().not()
    }

    /// Rows where it is one of the values; none for an empty list.
    pub fn is_in<V: Into<Bound>>(self, values: impl IntoIterator<Item = V>) -> Condition {
        self.among(values.into_iter().map(|value| value.into().into_value()).collect())
    }

    /// Rows where it lies between two values, both included.
    pub fn between(self, low: impl Into<Bound>, high: impl Into<Bound>) -> Condition {
        self.within(low.into().into_value(), high.into().into_value())
    }

    /// The least first, for [`order_by`](crate::Relation::order_by).
    pub fn ascending(self) -> Order {
        Order { attribute: self.0, descending: false }
    }

    /// The greatest first, for [`order_by`](crate::Relation::order_by).
    pub fn descending(self) -> Order {
        Order { attribute: self.0, descending: true }
    }

    fn compare(self, operator: Comparison, value: impl Into<Bound>) -> Condition {
        self.compared(operator, value.into().into_value())
    }

    /// Rows where it compares with a value, if that can be bound.
    pub(crate) fn compared(self, operator: Comparison, value: Result<Value, ValueError>) -> Condition {
        let name = self.0;
        valid(&name.clone(), value.map(|value| Plain::Compare { attribute: name, operator, value }))
    }

    /// Rows where it is one of the values, if these can be bound.
    pub(crate) fn among(self, values: Result<Vec<Value>, ValueError>) -> Condition {
        let name = self.0;
        valid(&name.clone(), values.map(|values| Plain::In { attribute: name, values }))
    }

    /// Rows where it lies between two values, if these can be bound.
    pub(crate) fn within(self, low: Result<Value, ValueError>, high: Result<Value, ValueError>) -> Condition {
        let name = self.0;
        let between = |(low, high)| Plain::Between { attribute: name.clone(), low, high };
        valid(&name, low.and_then(|low| Ok((low, high?))).map(between))
    }
}

/// The condition, or one that fails when it is run, naming the attribute.
fn valid(name: &str, condition: Result<Plain, ValueError>) -> Condition {
    condition.map_or_else(|error| Condition::invalid(error.at(name)), Condition::from)
}
