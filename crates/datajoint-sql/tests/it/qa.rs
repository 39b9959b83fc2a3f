//! Short ways to write queries over four small tables.

use std::sync::Arc;

use datajoint_definition::Tier;
use datajoint_schema::Table;
use datajoint_sql::{Comparison, Condition, Expression, Matching, Order, Part, Projected, Value};

use crate::pipeline::declare;

pub(crate) fn table_a() -> Table {
    let definition =
        "a : int32\n---\nx : varchar(20)\ndoc=null : json\nf=null : float64\nsex='M' : enum('M', 'F')";
    declare("qa", "A", Tier::Manual, definition, &[])
}

pub(crate) fn table_b() -> Table {
    declare("qa", "B", Tier::Manual, "-> A\nb : int32\n---\ny : int32", &[&table_a()])
}

pub(crate) fn a() -> Expression {
    Expression::Table(Arc::new(table_a()))
}

pub(crate) fn b() -> Expression {
    Expression::Table(Arc::new(table_b()))
}

pub(crate) fn c() -> Expression {
    Expression::Table(Arc::new(declare("qa", "C", Tier::Manual, "c : int32\n---\n-> A", &[&table_a()])))
}

/// Its key has the same name as that of `A`, but another meaning.
pub(crate) fn d() -> Expression {
    Expression::Table(Arc::new(declare("qa", "D", Tier::Manual, "a : int32\n---\nz=null : int32", &[])))
}

pub(crate) fn r() -> Expression {
    let definition = "-> A.proj(a1='a')\n-> A.proj(a2='a')";
    Expression::Table(Arc::new(declare("qa", "R", Tier::Manual, definition, &[&table_a(), &table_a()])))
}

pub(crate) fn restrict(from: Expression, condition: Condition) -> Expression {
    Expression::Restrict { from: Part::new(from), condition }
}

pub(crate) fn join(left: Expression, right: Expression) -> Expression {
    Expression::Join { left: Part::new(left), right: Part::new(right), matching: Matching::Lineage }
}

pub(crate) fn project(from: Expression, attributes: &[Projected]) -> Expression {
    Expression::Project { from: Part::new(from), attributes: attributes.to_vec() }
}

/// `x` ascends, `-x` descends.
pub(crate) fn top(from: Expression, order: &[&str], limit: Option<u64>, offset: u64) -> Expression {
    let order = order.iter().map(|name| Order {
        attribute: name.trim_start_matches('-').to_owned(),
        descending: name.starts_with('-'),
    });
    Expression::Top { from: Part::new(from), order: order.collect(), limit, offset }
}

pub(crate) fn compare(attribute: &str, operator: Comparison, value: Value) -> Condition {
    Condition::Compare { attribute: attribute.to_owned(), operator, value }
}

pub(crate) fn equal(attribute: &str, value: impl Into<Operand>) -> Condition {
    compare(attribute, Comparison::Equal, value.into().0)
}

pub(crate) struct Operand(Value);

impl From<i64> for Operand {
    fn from(value: i64) -> Self {
        Self(Value::Int(value))
    }
}

impl From<&str> for Operand {
    fn from(value: &str) -> Self {
        Self(Value::Text(value.to_owned()))
    }
}

impl From<Value> for Operand {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

pub(crate) fn sql(text: &str, parameters: &[Value]) -> Condition {
    Condition::Sql { text: text.to_owned(), parameters: parameters.to_vec() }
}

pub(crate) fn not(condition: Condition) -> Condition {
    Condition::Not(Box::new(condition))
}

pub(crate) fn matches(expression: Expression) -> Condition {
    Condition::Matches(Part::new(expression))
}

pub(crate) fn rename(new: &str, old: &str) -> Projected {
    Projected::Rename { new: new.to_owned(), old: old.to_owned() }
}

pub(crate) fn compute(new: &str, text: &str) -> Projected {
    Projected::Compute { new: new.to_owned(), text: text.to_owned(), parameters: Vec::new() }
}

pub(crate) fn extend(left: Expression, right: Expression) -> Expression {
    Expression::Extend { left: Part::new(left), right: Part::new(right) }
}

pub(crate) fn aggregate(groups: Expression, of: Expression, attributes: &[Projected]) -> Expression {
    let (groups, of) = (Part::new(groups), Part::new(of));
    Expression::Aggregate { groups, of, attributes: attributes.to_vec(), keeps_all: true }
}

pub(crate) fn aggregate_matching(groups: Expression, of: Expression, attributes: &[Projected]) -> Expression {
    let (groups, of) = (Part::new(groups), Part::new(of));
    Expression::Aggregate { groups, of, attributes: attributes.to_vec(), keeps_all: false }
}

pub(crate) fn union(left: Expression, right: Expression) -> Expression {
    Expression::Union { left: Part::new(left), right: Part::new(right) }
}

pub(crate) fn unique(from: Expression, names: &[&str]) -> Expression {
    let attributes = names.iter().map(|name| (*name).to_owned()).collect();
    Expression::Unique { from: Part::new(from), attributes }
}

pub(crate) fn group_by(of: Expression, by: &[&str], attributes: &[Projected]) -> Expression {
    let by = by.iter().map(|name| (*name).to_owned()).collect();
    Expression::GroupBy { of: Part::new(of), by, attributes: attributes.to_vec() }
}
