//! What can restrict a query.

use std::collections::{BTreeMap, HashMap};

use datajoint_sql::{Matching, Value};

use crate::condition::{Condition, Open};
use crate::typed::{AttributeValue, IntoRow, RowWriter, TableKey, ValueError};
use crate::{DynamicRow, Query, Relation};

/// What can restrict a query, on the right of `&` and `-`.
///
/// | restriction | keeps the rows |
/// |---|---|
/// | [`Condition`]: `Session::day.ge(day)` | for which it holds |
/// | a key: `SessionKey { .. }` | that agree with it on the attributes that both have |
/// | a map, a [`DynamicRow`], `[("subject", 1.into())]` | that have all these values |
/// | a `Vec`, array or slice of restrictions | that meet any of them |
/// | a table or a query | that have a match in it |
/// | [`sql`]`("gain > ?", [3.5])` | for which the text is true |
/// | [`Top`](crate::Top) | that come first in an order |
/// | [`attribute`](crate::attribute)`("document.rate").gt(3)` | for which it holds, also at a place within JSON |
/// | `true`, `false` | all, none |
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't restrict a query",
    note = "restrict by a condition on a column, a key, a map of attributes, a table or query, a list of these, or `sql(..)`"
)]
pub trait Restriction {
    /// The restriction as a condition.
    fn into_condition(self) -> Condition;
}

/// A condition in SQL, with `?` for each value.
///
/// Attributes are named as in the query that it restricts. Values are bound, never written into the text; they are
/// an array or `Vec` of one type, or a tuple of several. `()` is none.
///
/// ```
/// use datajoint_pipeline::sql;
///
/// let condition = sql("gain * 2 > ? and probe <> ?", (7, "tetrode"));
/// let another = sql("gain is not null", ());
/// # let _ = (condition, another);
/// ```
pub fn sql(text: impl Into<String>, values: impl IntoParameters) -> Condition {
    let parameters: Result<Vec<Value>, _> =
        values.into_parameters().into_iter().map(|bound| bound.0).collect();
    match parameters {
        Ok(parameters) => datajoint_sql::Condition::Sql { text: text.into(), parameters }.into(),
        Err(error) => Condition::invalid(error),
    }
}

/// The values of a text of SQL.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no list of values for a text of SQL",
    note = "give a tuple, `(7, \"tetrode\")`, an array or `Vec` of one type, or `()`"
)]
pub trait IntoParameters {
    /// The values in their order.
    fn into_parameters(self) -> Vec<Bound>;
}

impl<V: Into<Bound>, const N: usize> IntoParameters for [V; N] {
    fn into_parameters(self) -> Vec<Bound> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<V: Into<Bound>> IntoParameters for Vec<V> {
    fn into_parameters(self) -> Vec<Bound> {
        self.into_iter().map(Into::into).collect()
    }
}

macro_rules! tuples {
    ($(($($value:ident)*))*) => { $(
        impl<$($value: Into<Bound>),*> IntoParameters for ($($value,)*) {
            #[allow(non_snake_case, reason = "each value is called as its type")]
            fn into_parameters(self) -> Vec<Bound> {
                let ($($value,)*) = self;
                vec![$($value.into()),*]
            }
        }
    )* };
}

tuples! { () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H) }

/// A value bound to a text of SQL; anything that an attribute can hold becomes one.
#[derive(Debug, Clone)]
pub struct Bound(Result<Value, ValueError>);

impl Bound {
    pub(crate) fn into_value(self) -> Result<Value, ValueError> {
        self.0
    }
}

impl<V: AttributeValue> From<V> for Bound {
    fn from(value: V) -> Self {
        Self(value.into_value())
    }
}

impl From<&str> for Bound {
    fn from(text: &str) -> Self {
        Self(Ok(Value::Text(text.to_owned())))
    }
}

/// The condition of a key; called by generated code.
#[doc(hidden)]
pub fn key_condition<K: TableKey>(key: K) -> Condition {
    let names = <K as IntoRow>::ATTRIBUTES;
    let mut values = Vec::with_capacity(names.len());
    match key.into_row(&mut RowWriter::new(&mut values)) {
        Ok(()) => {
            let spec = Some(<K::Table as crate::typed::Table>::spec());
            Condition::open(Open::Keys { names, spec, rows: vec![values] })
        }
        Err(error) => Condition::invalid(error),
    }
}

/// The condition that a row has a match in a table; called by generated code.
#[doc(hidden)]
pub fn match_condition<R: Relation + ?Sized>(relation: &R) -> Condition {
    Condition::matches(relation.query().node, Matching::Lineage)
}

impl Restriction for Condition {
    fn into_condition(self) -> Condition {
        self
    }
}

impl Restriction for &Condition {
    fn into_condition(self) -> Condition {
        self.clone()
    }
}

impl Restriction for datajoint_sql::Condition {
    fn into_condition(self) -> Condition {
        self.into()
    }
}

impl Restriction for bool {
    fn into_condition(self) -> Condition {
        Condition::constant(self)
    }
}

impl<R> Restriction for Query<R> {
    fn into_condition(self) -> Condition {
        Condition::matches(self.node, Matching::Lineage)
    }
}

impl<R> Restriction for &Query<R> {
    fn into_condition(self) -> Condition {
        Condition::matches(self.node.clone(), Matching::Lineage)
    }
}

impl<R: Restriction> Restriction for Vec<R> {
    fn into_condition(self) -> Condition {
        Condition::any(self)
    }
}

impl<R: Restriction + Clone> Restriction for &Vec<R> {
    fn into_condition(self) -> Condition {
        Condition::any(self.iter().cloned())
    }
}

impl<R: Restriction + Clone> Restriction for &[R] {
    fn into_condition(self) -> Condition {
        Condition::any(self.iter().cloned())
    }
}

impl<R: Restriction, const N: usize> Restriction for [R; N] {
    fn into_condition(self) -> Condition {
        Condition::any(self)
    }
}

impl<R: Restriction + Clone, const N: usize> Restriction for &[R; N] {
    fn into_condition(self) -> Condition {
        Condition::any(self.iter().cloned())
    }
}

impl Restriction for DynamicRow {
    fn into_condition(self) -> Condition {
        Condition::open(Open::Equal(self.into_pairs().collect()))
    }
}

impl Restriction for &DynamicRow {
    fn into_condition(self) -> Condition {
        self.clone().into_condition()
    }
}

/// A mapping, all of whose values the rows must have.
impl<V: Into<Bound>, const N: usize> Restriction for [(&str, V); N] {
    fn into_condition(self) -> Condition {
        mapping(self)
    }
}

impl<V: Into<Bound> + Clone, const N: usize> Restriction for &[(&str, V); N] {
    fn into_condition(self) -> Condition {
        mapping(self.iter().cloned())
    }
}

impl<V: Into<Bound> + Clone> Restriction for &[(&str, V)] {
    fn into_condition(self) -> Condition {
        mapping(self.iter().cloned())
    }
}

impl<V: Into<Bound>> Restriction for BTreeMap<String, V> {
    fn into_condition(self) -> Condition {
        mapping(self)
    }
}

impl<V: Into<Bound>, S> Restriction for HashMap<String, V, S> {
    fn into_condition(self) -> Condition {
        let mut pairs: Vec<(String, V)> = self.into_iter().collect();
        pairs.sort_by(|(left, _), (right, _)| left.cmp(right));
        mapping(pairs)
    }
}

fn mapping<N: Into<String>, V: Into<Bound>>(pairs: impl IntoIterator<Item = (N, V)>) -> Condition {
    let pairs = pairs.into_iter().map(|(name, value)| {
        let name = name.into();
        match value.into().into_value() {
            Ok(value) => Ok((name, value)),
            Err(error) => Err(error.at(&name)),
        }
    });
    match pairs.collect() {
        Ok(pairs) => Condition::open(Open::Equal(pairs)),
        Err(error) => Condition::invalid(error),
    }
}
