//! Conditions on rows, before the query that they restrict is known.

use std::ops::{BitAnd, BitOr, Not};
use std::sync::Arc;

use datajoint_sql::{Matching, Value};

use crate::query::Node;
use crate::typed::{TableSpec, ValueError};
use crate::{Restriction, Top};

/// A condition on the rows of a query; made by comparing columns, by [`sql`](crate::sql), and by anything that is a
/// [`Restriction`].
///
/// Conditions go together with `&`, `|` and `!`, or with [`and`](Self::and), [`or`](Self::or) and
/// [`not`](Self::not). A condition that doesn't fit the query is an error when the query is run.
///
/// ```
/// use datajoint_pipeline::{Condition, sql};
///
/// let loud: Condition = sql("gain > ?", [3.5]) | sql("noise > ?", [0.1]);
/// let quiet = !loud;
/// # let _ = quiet;
/// ```
#[derive(Debug, Clone)]
#[must_use]
pub struct Condition(pub(crate) Term);

/// What a [`Condition`] is made of.
#[derive(Debug, Clone)]
pub(crate) enum Term {
    /// Complete as it is: attributes are looked for when the statement is made.
    Plain(datajoint_sql::Condition),
    /// Keys, which restrict by those of their attributes that the query has.
    Keys {
        names: KeyNames,
        spec: Option<&'static TableSpec>,
        rows: Vec<Vec<Value>>,
    },
    /// Attributes that the query must have.
    Equal(Vec<(String, Value)>),
    /// The row has a match in another query.
    Matches(Arc<Node>, Matching),
    /// Not a condition on a row alone: the first rows in an order.
    Top(Top),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// A value that can't be bound.
    Invalid(ValueError),
}

/// The names of a key's attributes.
pub(crate) type KeyNames = &'static [&'static str];

impl Condition {
    /// Holds for every row, or for none.
    pub fn constant(truth: bool) -> Self {
        Self(Term::Plain(datajoint_sql::Condition::Constant(truth)))
    }

    /// Holds where all the restrictions do; an empty list restricts nothing.
    pub fn all<R: Restriction>(restrictions: impl IntoIterator<Item = R>) -> Self {
        Self(Term::All(restrictions.into_iter().map(R::into_condition).collect()))
    }

    /// Holds where any of the restrictions does; an empty list leaves no row.
    pub fn any<R: Restriction>(restrictions: impl IntoIterator<Item = R>) -> Self {
        Self(Term::Any(restrictions.into_iter().map(R::into_condition).collect()))
    }

    /// Holds where both do.
    pub fn and(self, other: impl Restriction) -> Self {
        match (self.0, other.into_condition().0) {
            (Term::All(mut all), other) => {
                all.push(Self(other));
                Self(Term::All(all))
            }
            (this, other) => Self(Term::All(vec![Self(this), Self(other)])),
        }
    }

    /// Holds where either does.
    pub fn or(self, other: impl Restriction) -> Self {
        match (self.0, other.into_condition().0) {
            (Term::Any(mut any), other) => {
                any.push(Self(other));
                Self(Term::Any(any))
            }
            (this, other) => Self(Term::Any(vec![Self(this), Self(other)])),
        }
    }

    /// Holds where this one doesn't, also where it is unknown because of a null.
    #[allow(clippy::should_implement_trait, reason = "the operator is there too")]
    pub fn not(self) -> Self {
        Self(Term::Not(Box::new(self)))
    }

    pub(crate) fn invalid(error: ValueError) -> Self {
        Self(Term::Invalid(error))
    }
}

impl From<datajoint_sql::Condition> for Condition {
    fn from(condition: datajoint_sql::Condition) -> Self {
        Self(Term::Plain(condition))
    }
}

impl<R: Restriction> BitAnd<R> for Condition {
    type Output = Self;

    fn bitand(self, other: R) -> Self {
        self.and(other)
    }
}

impl<R: Restriction> BitOr<R> for Condition {
    type Output = Self;

    fn bitor(self, other: R) -> Self {
        self.or(other)
    }
}

impl Not for Condition {
    type Output = Self;

    fn not(self) -> Self {
        Self::not(self)
    }
}
