//! Conditions on rows, before the query that they restrict is known.

use std::ops::{BitAnd, BitOr, Not};

use datajoint_sql::{Matching, Value};

use crate::query::{Measure, Tree};
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
pub struct Condition {
    pub(crate) term: Term,
    measure: Measure,
}

/// A condition as a tree, with queries of the program in it.
pub(crate) type Term = datajoint_sql::Condition<Tree, Open>;

/// What is no condition of SQL before the query is known.
#[derive(Debug, Clone)]
pub(crate) enum Open {
    /// Complete as it is: attributes are looked for when the statement is made.
    Plain(datajoint_sql::Condition),
    /// Keys, which restrict by those of their attributes that the query has.
    Keys { names: KeyNames, spec: Option<&'static TableSpec>, rows: Vec<Vec<Value>> },
    /// Attributes that the query must have.
    Equal(Vec<(String, Value)>),
    /// Not a condition on a row alone: the first rows in an order.
    Top(Top),
    /// A value that can't be bound.
    Invalid(ValueError),
}

/// The names of a key's attributes.
pub(crate) type KeyNames = &'static [&'static str];

impl Condition {
    /// Holds for every row, or for none.
    pub fn constant(truth: bool) -> Self {
        Self::open(Open::Plain(datajoint_sql::Condition::Constant(truth)))
    }

    /// Holds where all the restrictions do; an empty list restricts nothing.
    pub fn all<R: Restriction>(restrictions: impl IntoIterator<Item = R>) -> Self {
        Self::several(restrictions, Term::All)
    }

    /// Holds where any of the restrictions does; an empty list leaves no row.
    pub fn any<R: Restriction>(restrictions: impl IntoIterator<Item = R>) -> Self {
        Self::several(restrictions, Term::Any)
    }

    /// Holds where both do.
    pub fn and(mut self, other: impl Restriction) -> Self {
        let other = other.into_condition();
        match &mut self.term {
            Term::All(terms) => {
                terms.push(other.term);
                self.measure = self.measure.beside(other.measure.around());
                self.checked()
            }
            _ => Self::all([self, other]),
        }
    }

    /// Holds where either does.
    pub fn or(mut self, other: impl Restriction) -> Self {
        let other = other.into_condition();
        match &mut self.term {
            Term::Any(terms) => {
                terms.push(other.term);
                self.measure = self.measure.beside(other.measure.around());
                self.checked()
            }
            _ => Self::any([self, other]),
        }
    }

    /// Holds where this one doesn't, also where it is unknown because of a null.
    #[allow(clippy::should_implement_trait, reason = "the operator is there too")]
    pub fn not(self) -> Self {
        match self.term {
            // What is unknown counts as false, so that twice not is the same rows.
            Term::Not(inner) => Self { term: *inner, measure: self.measure.inside() },
            term => Self { term: Term::Not(Box::new(term)), measure: self.measure.around() }.checked(),
        }
    }

    /// Holds where the row has a match in a query.
    pub(crate) fn matches(query: Tree, matching: Matching) -> Self {
        let measure = query.measure().within_query();
        let term = match matching {
            Matching::Lineage => Term::Matches(query),
            Matching::Name => Term::MatchesByName(query),
        };
        Self { term, measure }
    }

    pub(crate) fn open(open: Open) -> Self {
        Self { term: Term::Open(open), measure: Measure::default() }
    }

    pub(crate) fn invalid(error: ValueError) -> Self {
        Self::open(Open::Invalid(error))
    }

    /// The first rows in an order, where it is that; else the condition itself.
    pub(crate) fn into_top(self) -> Result<Top, Self> {
        match self.term {
            Term::Open(Open::Top(top)) => Ok(top),
            term => Err(Self { term, ..self }),
        }
    }

    fn several<R: Restriction>(
        restrictions: impl IntoIterator<Item = R>,
        together: fn(Vec<Term>) -> Term,
    ) -> Self {
        let mut measure = Measure::default();
        let terms = restrictions.into_iter().map(|restriction| {
            let condition = restriction.into_condition();
            measure = measure.beside(condition.measure);
            condition.term
        });
        let term = together(terms.collect());
        Self { term, measure: measure.around() }.checked()
    }

    /// The condition, or one that fails when it is run, where it is too large for any statement.
    fn checked(self) -> Self {
        match self.measure.check() {
            Ok(()) => self,
            Err(error) => Self::invalid(error),
        }
    }

    /// How large it is, with the queries in it.
    pub(crate) const fn measure(&self) -> Measure {
        self.measure
    }
}

#[doc(hidden)]
impl From<datajoint_sql::Condition> for Condition {
    fn from(condition: datajoint_sql::Condition) -> Self {
        Self::open(Open::Plain(condition))
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
