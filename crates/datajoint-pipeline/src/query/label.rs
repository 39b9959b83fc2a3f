//! Queries as people write them, for messages.

use std::convert::Infallible;
use std::fmt::{self, Write as _};

use datajoint_sql::{Comparison, Condition as Plain, Part, Projected, Value, show_expression};

use super::{Leaf, Node, Query, Tree};
use crate::Condition;
use crate::condition::{Open, Term};
use crate::error::KeyValues;
use crate::typed::describe;

impl<R> Query<R> {
    /// Returns the query as people write it, between backticks and shortened, for messages.
    pub fn label(&self) -> String {
        let mut text = format!("`{:?}", self.node);
        if let Some((end, _)) = text.char_indices().nth(300) {
            text.truncate(end);
            text.push('…');
        }
        text.push('`');
        text
    }
}

impl fmt::Display for Tree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &**self {
            Node::Table(Leaf::Typed(spec)) => formatter.write_str(spec.rust_name()),
            Node::Table(Leaf::Found(table)) => write!(formatter, "{}", table.name),
            Node::Restrict { .. } => {
                let (from, conditions) = self.unrestricted();
                write!(formatter, "{from:?}")?;
                list(formatter, &conditions, "", |formatter, condition| match &condition.term {
                    Term::Not(term) => write!(formatter, " - ({})", Shown(&**term)),
                    term => write!(formatter, " & ({})", Shown(term)),
                })
            }
            Node::Join { left, right, .. } => write!(formatter, "({left:?}) * ({right:?})"),
            Node::Extend { left, right } => write!(formatter, "({left:?}).extend({right:?})"),
            Node::Union { left, right } => write!(formatter, "({left:?}) + ({right:?})"),
            Node::Unique { from, attributes } => {
                write!(formatter, "U({}) & ({from:?})", attributes.join(", "))
            }
            Node::Aggregate { groups, of, attributes, .. } => {
                write!(formatter, "({groups:?}).aggr({of:?}, ")?;
                list(formatter, attributes, ", ", projected)?;
                formatter.write_char(')')
            }
            Node::GroupBy { of, by, attributes } => {
                write!(formatter, "U({}).aggr({of:?}, ", by.join(", "))?;
                list(formatter, attributes, ", ", projected)?;
                formatter.write_char(')')
            }
            Node::Project { from, attributes } => {
                write!(formatter, "({from:?}).proj(")?;
                list(formatter, attributes, ", ", projected)?;
                formatter.write_char(')')
            }
            Node::Top { from, order, limit, offset } => {
                write!(formatter, "{from:?}")?;
                for part in order {
                    write!(
                        formatter,
                        " by {}{}",
                        part.attribute,
                        if part.descending { " desc" } else { "" }
                    )?;
                }
                if let Some(limit) = limit {
                    write!(formatter, " limit {limit}")?;
                }
                if *offset > 0 { write!(formatter, " offset {offset}") } else { Ok(()) }
            }
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown(&self.term).fmt(formatter)
    }
}

/// A leaf of a condition, as people write it.
trait Leaves {
    fn show(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result;
}

impl Leaves for Tree {
    fn show(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

impl Leaves for Part {
    fn show(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("has a match")
    }
}

impl Leaves for Infallible {
    fn show(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl Leaves for Open {
    fn show(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(plain) => write!(formatter, "{}", Shown(plain)),
            Self::Keys { names, rows, .. } => {
                list(formatter, rows, " or ", |formatter, row| equalities(formatter, names, row))
            }
            Self::Equal(pairs) => {
                list(formatter, pairs, " and ", |formatter, (name, value)| equality(formatter, name, value))
            }
            Self::Top(top) => write!(formatter, "{top:?}"),
            Self::Invalid(error) => write!(formatter, "{error}"),
        }
    }
}

fn projected(formatter: &mut fmt::Formatter<'_>, part: &Projected) -> fmt::Result {
    match part {
        Projected::Keep(name) => formatter.write_str(name),
        Projected::All => formatter.write_str("..."),
        Projected::Drop(name) => write!(formatter, "-{name}"),
        Projected::Rename { new, old } => write!(formatter, "{new}={old}"),
        Projected::Compute { new, text, .. } => write!(formatter, "{new}={}", show_expression(text)),
    }
}

/// A condition as people write it.
struct Shown<'a, P, X>(&'a Plain<P, X>);

impl<P: Leaves, X: Leaves> fmt::Display for Shown<'_, P, X> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Plain::Constant(truth) => write!(formatter, "{truth}"),
            Plain::Compare { attribute, operator, value } => {
                write!(formatter, "{attribute} {} {}", symbol(*operator), describe(value))
            }
            Plain::IsNull(attribute) => write!(formatter, "{attribute} is null"),
            Plain::In { attribute, values } => {
                write!(formatter, "{attribute} in [")?;
                list(formatter, values, ", ", |formatter, value| formatter.write_str(&describe(value)))?;
                formatter.write_char(']')
            }
            Plain::Between { attribute, low, high } => {
                write!(formatter, "{attribute} between {} and {}", describe(low), describe(high))
            }
            Plain::Keys { attributes, rows } => {
                let names: Vec<&str> = attributes.iter().map(String::as_str).collect();
                list(formatter, rows, " or ", |formatter, row| equalities(formatter, &names, row))
            }
            Plain::All(parts) => {
                list(formatter, parts, " and ", |formatter, part| write!(formatter, "({})", Shown(part)))
            }
            Plain::Any(parts) => {
                list(formatter, parts, " or ", |formatter, part| write!(formatter, "({})", Shown(part)))
            }
            Plain::Not(inner) => write!(formatter, "not ({})", Shown(&**inner)),
            Plain::Matches(query) | Plain::MatchesByName(query) | Plain::Linked { to: query, .. } => {
                query.show(formatter)
            }
            Plain::Open(open) => open.show(formatter),
            Plain::Sql { text, .. } => formatter.write_str(&show_expression(text)),
        }
    }
}

const fn symbol(operator: Comparison) -> &'static str {
    match operator {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::Like => "like",
    }
}

/// `a = 1 and b = 2`.
pub(crate) fn key_text(names: &[&str], row: &[Value]) -> String {
    KeyValues::of(names, row).to_string()
}

fn equalities(formatter: &mut fmt::Formatter<'_>, names: &[&str], row: &[Value]) -> fmt::Result {
    formatter.write_str(&key_text(names, row))
}

fn equality(formatter: &mut fmt::Formatter<'_>, name: &str, value: &Value) -> fmt::Result {
    write!(formatter, "{name} = {}", describe(value))
}

fn list<T>(
    formatter: &mut fmt::Formatter<'_>,
    items: &[T],
    separator: &str,
    mut show: impl FnMut(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    // Messages need no more.
    for (place, item) in items.iter().take(8).enumerate() {
        if place > 0 {
            formatter.write_str(separator)?;
        }
        show(formatter, item)?;
    }
    if items.len() > 8 { write!(formatter, "{separator}… ({} in all)", items.len()) } else { Ok(()) }
}
