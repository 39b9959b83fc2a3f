//! Queries as people write them, for messages.

use std::convert::Infallible;
use std::fmt::{self, Write as _};

use datajoint_sql::{
    Comparison, Condition as Plain, Part, Projected, Value, show_expression, show_without_values,
};

use super::{Leaf, Node, Query, Tree};
use crate::Condition;
use crate::condition::{Open, Term};
use crate::error::KeyValues;
use crate::typed::describe;

impl<R> Query<R> {
    /// Returns the query as people write it, between backticks and shortened, for messages.
    pub fn label(&self) -> String {
        shortened(format_args!("{:?}", self.node))
    }

    /// The same with `?` in the place of each value, for what is kept longer than the rows that it tells of: names of
    /// tables, attributes, functions and operators alone.
    #[doc(hidden)]
    pub fn label_without_values(&self) -> String {
        shortened(format_args!("{:-?}", self.node))
    }
}

/// The most letters of a query that are shown.
const MOST: usize = 300;

/// A text between backticks, as much of it as is shown: what follows is not even written.
fn shortened(text: fmt::Arguments<'_>) -> String {
    let mut short = Short { text: "`".to_owned(), left: MOST };
    if short.write_fmt(text).is_err() {
        short.text.push('…');
    }
    short.text.push('`');
    short.text
}

struct Short {
    text: String,
    left: usize,
}

impl fmt::Write for Short {
    /// Fails when there is no more room.
    fn write_str(&mut self, part: &str) -> fmt::Result {
        for letter in part.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(letter);
        }
        Ok(())
    }
}

/// True for a formatter that leaves values out: one of `{:-}`, a sign that has no other meaning.
fn is_without_values(formatter: &fmt::Formatter<'_>) -> bool {
    formatter.sign_minus()
}

/// Writes a value, or `?` where values are left out.
fn value(formatter: &mut fmt::Formatter<'_>, value: &Value) -> fmt::Result {
    if is_without_values(formatter) {
        formatter.write_char('?')
    } else {
        formatter.write_str(&describe(value))
    }
}

/// Writes an expression of a user, without its values where they are left out.
fn expression(formatter: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if is_without_values(formatter) {
        formatter.write_str(&show_without_values(text))
    } else {
        formatter.write_str(&show_expression(text))
    }
}

/// Writes parts one after the other, each as the formatter says: what `write!` writes has a formatter of its own.
macro_rules! parts {
    ($formatter:ident, $($part:expr),+) => {{
        $(fmt::Display::fmt(&$part, $formatter)?;)+
        Ok(())
    }};
}

impl fmt::Display for Tree {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &**self {
            Node::Table(Leaf::Typed(spec)) => formatter.write_str(spec.rust_name()),
            Node::Table(Leaf::Found(table)) => write!(formatter, "{}", table.name),
            Node::Restrict { .. } => {
                let (from, conditions) = self.unrestricted();
                fmt::Display::fmt(from, formatter)?;
                list(formatter, &conditions, "", |formatter, condition| match &condition.term {
                    Term::Not(term) => parts!(formatter, " - (", Shown(&**term), ")"),
                    term => parts!(formatter, " & (", Shown(term), ")"),
                })
            }
            Node::Join { left, right, .. } => parts!(formatter, "(", left, ") * (", right, ")"),
            Node::Extend { left, right } => parts!(formatter, "(", left, ").extend(", right, ")"),
            Node::Union { left, right } => parts!(formatter, "(", left, ") + (", right, ")"),
            Node::Unique { from, attributes } => {
                parts!(formatter, "U(", attributes.join(", "), ") & (", from, ")")
            }
            Node::Aggregate { groups, of, attributes, .. } => {
                parts!(formatter, "(", groups, ").aggr(", of, ", ", Listed(attributes), ")")
            }
            Node::GroupBy { of, by, attributes } => {
                parts!(formatter, "U(", by.join(", "), ").aggr(", of, ", ", Listed(attributes), ")")
            }
            Node::Project { from, attributes } => {
                parts!(formatter, "(", from, ").proj(", Listed(attributes), ")")
            }
            Node::Top { from, order, limit, offset } => {
                fmt::Display::fmt(from, formatter)?;
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
        fmt::Display::fmt(self, formatter)
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
            Self::Plain(plain) => fmt::Display::fmt(&Shown(plain), formatter),
            Self::Keys { names, rows, .. } => {
                list(formatter, rows, " or ", |formatter, row| equalities(formatter, names, row))
            }
            Self::Equal(pairs) => {
                list(formatter, pairs, " and ", |formatter, (name, value)| equality(formatter, name, value))
            }
            Self::Top(top) => write!(formatter, "{top:?}"),
            // It may tell the value.
            Self::Invalid(_) if is_without_values(formatter) => formatter.write_char('?'),
            Self::Invalid(error) => write!(formatter, "{error}"),
        }
    }
}

/// What a projection gives.
struct Listed<'a>(&'a [Projected]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        list(formatter, self.0, ", ", projected)
    }
}

fn projected(formatter: &mut fmt::Formatter<'_>, part: &Projected) -> fmt::Result {
    match part {
        Projected::Keep(name) => formatter.write_str(name),
        Projected::All => formatter.write_str("..."),
        Projected::Drop(name) => write!(formatter, "-{name}"),
        Projected::Rename { new, old } => write!(formatter, "{new}={old}"),
        Projected::Compute { new, text, .. } => {
            write!(formatter, "{new}=")?;
            expression(formatter, text)
        }
    }
}

/// A condition as people write it.
struct Shown<'a, P, X>(&'a Plain<P, X>);

impl<P: Leaves, X: Leaves> fmt::Display for Shown<'_, P, X> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Plain::Constant(truth) => write!(formatter, "{truth}"),
            Plain::Compare { attribute, operator, value } => {
                write!(formatter, "{attribute} {} ", symbol(*operator))?;
                self::value(formatter, value)
            }
            Plain::IsNull(attribute) => write!(formatter, "{attribute} is null"),
            Plain::In { attribute, values } => {
                write!(formatter, "{attribute} in [")?;
                list(formatter, values, ", ", value)?;
                formatter.write_char(']')
            }
            Plain::Between { attribute, low, high } => {
                write!(formatter, "{attribute} between ")?;
                value(formatter, low)?;
                formatter.write_str(" and ")?;
                value(formatter, high)
            }
            Plain::Keys { attributes, rows } => {
                let names: Vec<&str> = attributes.iter().map(String::as_str).collect();
                list(formatter, rows, " or ", |formatter, row| equalities(formatter, &names, row))
            }
            Plain::All(parts) => {
                list(formatter, parts, " and ", |formatter, part| parts!(formatter, "(", Shown(part), ")"))
            }
            Plain::Any(parts) => {
                list(formatter, parts, " or ", |formatter, part| parts!(formatter, "(", Shown(part), ")"))
            }
            Plain::Not(inner) => parts!(formatter, "not (", Shown(&**inner), ")"),
            Plain::Matches(query) | Plain::MatchesByName(query) | Plain::Linked { to: query, .. } => {
                query.show(formatter)
            }
            Plain::Open(open) => open.show(formatter),
            Plain::Sql { text, .. } => expression(formatter, text),
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
    if is_without_values(formatter) {
        return list(formatter, names, " and ", |formatter, name| write!(formatter, "{name} = ?"));
    }
    formatter.write_str(&key_text(names, row))
}

fn equality(formatter: &mut fmt::Formatter<'_>, name: &str, value: &Value) -> fmt::Result {
    write!(formatter, "{name} = ")?;
    self::value(formatter, value)
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
