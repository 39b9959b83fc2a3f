//! One order of values on every backend: enums as they are declared, strings by code points.
//!
//! A column whose own order is another one is replaced by an expression that has it ([`Select::rank`]) wherever
//! order counts: in `<` and its kin, `BETWEEN`, `ORDER BY`, `min` and `max`.
//!
//! [`Select::rank`]: crate::dialect::Select::rank

use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_schema::Table;

use super::Lower;
use super::brackets::{Standing, standings};
use super::computed_type::{attribute_of, call_of, of_one};
use super::query::{Column, ColumnExpression, OrderBy, Query, Relation};
use super::reference::reference;
use super::shared::Shared;
use crate::aggregated::Aggregated;
use crate::backends::dialect;
use crate::bind::bind_operand;
use crate::fragment::Fragment;
use crate::kind::members;
use crate::token::{Token, calls, fragment_of, of_fragment, solid_before, solid_from};
use crate::{Result, Value};

/// The member at a place.
fn member_at(members: &[String], sql: Fragment) -> Fragment {
    let mut texts = Fragment::text("CASE ");
    texts.append(sql);
    for (place, member) in (1_i64..).zip(members) {
        texts.push(&format!(" WHEN {place} THEN "));
        texts.push_value(Value::Text(member.clone()));
    }
    texts.push(" END");
    texts
}

impl Lower {
    /// What to compare where order counts: a column, and a value with it.
    pub(super) fn in_order(&self, column: &Column, value: &Value) -> Result<(Fragment, Fragment)> {
        let sql = column.sql(self.backend);
        match dialect(self.backend).rank(&column.attribute, sql.clone()) {
            Some(rank) => Ok((rank, self.ranked_operand(column, value)?)),
            None => Ok((sql, self.operand(column, value)?)),
        }
    }

    /// What a value is where the rank of a column is compared with it.
    pub(super) fn ranked_operand(&self, column: &Column, value: &Value) -> Result<Fragment> {
        let operand = self.operand(column, value)?;
        let Some(members) = members(&column.attribute) else { return Ok(operand) };
        let bound = bind_operand(self.backend, &column.attribute, value.clone())?;
        let place = (1_i64..).zip(members).find(|(_, member)| bound == Value::Text((*member).clone()));
        let mut operand = Fragment::default();
        operand.push_value(place.map_or(Value::Null, |(place, _)| Value::Int(place)));
        Ok(operand)
    }
}

impl Query {
    /// What to order by for a column; `None` when the column will do.
    pub(super) fn rank(&self, backend: Backend, column: &Column) -> Option<Fragment> {
        if dialect(backend).sorts_enums() && members(&column.attribute).is_some() && self.keeps_type(column) {
            return None;
        }
        dialect(backend).rank(&column.attribute, self.qualified(backend, column))
    }

    /// The same for a part of an order.
    pub(super) fn rank_of(&self, backend: Backend, by: &OrderBy) -> Option<Fragment> {
        match by {
            OrderBy::Column(name) => self.rank(backend, self.column(name)?),
            OrderBy::Expression { .. } => None,
        }
    }

    /// True when a column is one of a table, not of a union, where a server makes strings of enums.
    fn keeps_type(&self, column: &Column) -> bool {
        let ColumnExpression::Name(name) = &column.expression else { return false };
        self.sources.iter().find(|source| source.has(name)).is_some_and(|source| match &source.relation {
            Relation::Table(_) => true,
            Relation::Query(query) => query.column(name).is_some_and(|column| query.keeps_type(column)),
            Relation::Union { .. } => false,
        })
    }

    /// The table that knows the type of `x`, `min(x)` or `max(x)`: that of an enum lies beside the table that declared it.
    pub(super) fn table_of_value(&self, text: &str) -> Option<Arc<Table>> {
        let of_extreme = || call_of(text).filter(|(function, _)| matches!(function.as_str(), "min" | "max"));
        let name = attribute_of(text).or_else(|| of_extreme().map(|(_, name)| name))?;
        let named = |column: &&Column| column.attribute.name.eq_ignore_ascii_case(&name);
        let column = self.columns.iter().find(named)?;
        let table = column.table.as_ref()?;
        match column.attribute.lineage.as_ref().filter(|_| column.attribute.inherited) {
            Some(lineage) => Some(Arc::new(Table { name: lineage.table.clone(), ..(**table).clone() })),
            None => Some(Arc::clone(table)),
        }
    }

    /// Aggregates of columns that the backend would give another order, or compute with fewer digits.
    pub(super) fn aggregates(&self, backend: Backend, tokens: &[Token]) -> Vec<Token> {
        let standings = standings(tokens);
        let mut written = Vec::with_capacity(tokens.len());
        let mut place = 0;
        while let Some(token) = tokens.get(place) {
            let aggregate = self.aggregate_at(backend, tokens, place);
            let ordered = || self.order_at(backend, tokens, place, standings[place]);
            if let Some((sql, end)) = aggregate.or_else(ordered) {
                written.extend(of_fragment(sql));
                place = end;
            } else {
                written.push(token.clone());
                place += 1;
            }
        }
        written
    }

    /// The aggregate that begins at a place, where it has to be another one, and where it ends.
    fn aggregate_at(&self, backend: Backend, tokens: &[Token], place: usize) -> Option<(Fragment, usize)> {
        let function = tokens.get(place)?.name()?;
        let call = calls(tokens, place)?;
        let [argument] = call.arguments[..] else { return None };
        let (distinct, reference) = of_one(argument)?;
        let column = self.referred(backend, &reference)?;
        let (after, end) = self.after_call(backend, tokens, call.end);
        let of = Aggregated { distinct, column: fragment_of(reference.pieces), after };
        Some((aggregate(backend, &function.to_ascii_lowercase(), &column.attribute, &of)?, end))
    }

    /// A column by which rows are ordered within an expression, where its order has to be another one, and where it ends.
    fn order_at(
        &self,
        backend: Backend,
        tokens: &[Token],
        place: usize,
        standing: Standing,
    ) -> Option<(Fragment, usize)> {
        let by = standing.by?;
        let reference = reference(tokens, place)?;
        let is_whole = solid_from(tokens, reference.at.end).is_none_or(|next| {
            let next = &tokens[next];
            next.is(")")
                || next.is(",")
                || ["asc", "desc", "separator", "nulls"].iter().any(|word| next.is_word(word))
        });
        let is_ordered =
            is_whole && solid_before(tokens, by).is_some_and(|before| tokens[before].is_word("order"));
        // What is distinct is ordered by itself, as it is written.
        let first = standing.open.and_then(|open| solid_from(tokens, open + 1));
        let is_distinct = first.is_some_and(|first| tokens[first].is_word("distinct"));
        if !is_ordered || is_distinct {
            return None;
        }
        Some((self.rank(backend, self.referred(backend, &reference)?)?, reference.at.end))
    }

    /// `FILTER (…)` and `OVER (…)`, which belong to the call before a place, and where they end.
    fn after_call(&self, backend: Backend, tokens: &[Token], place: usize) -> (Fragment, usize) {
        let (mut after, mut end) = (Fragment::default(), place);
        while let Some(next) = solid_from(tokens, end)
            && ["filter", "over"].iter().any(|word| tokens[next].is_word(word))
            && let Some(call) = calls(tokens, next)
        {
            after.push(" ");
            after.append(fragment_of(&self.aggregates(backend, &tokens[next..call.end])));
            end = call.end;
        }
        (after, end)
    }
}

fn aggregate(backend: Backend, function: &str, attribute: &Shared, of: &Aggregated) -> Option<Fragment> {
    if !matches!(function, "min" | "max" | "sum" | "avg") {
        return None;
    }
    if let Some(sql) = dialect(backend).aggregate(function, attribute, of) {
        return Some(sql);
    }
    let is_extreme = matches!(function, "min" | "max");
    let rank = dialect(backend).rank(attribute, of.column.clone()).filter(|_| is_extreme)?;
    let sql = of.call(&dialect(backend).called(function), rank);
    Some(match members(attribute) {
        Some(members) => member_at(members, sql),
        None => sql,
    })
}
