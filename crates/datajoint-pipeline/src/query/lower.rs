//! A query with its tables known: what SQL is made of.

use std::sync::Arc;

use datajoint_schema::{Heading, Table};
use datajoint_sql::{Comparison, Condition as Plain, Expression, Matching, Select, Value};
use futures_util::future::BoxFuture;

use super::Node;
use crate::condition::Term;
use crate::error::nearest;
use crate::typed::{TableSpec, ValueError};
use crate::{Condition, Error, Instance, Result, Target};

/// A query of an instance.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) expression: Expression,
    pub(crate) heading: Heading,
}

impl Node {
    /// Every table of the program that the query reads.
    pub(crate) fn specs(&self, found: &mut Vec<&'static TableSpec>) {
        match self {
            Self::Typed(spec) => {
                if !found.iter().any(|known| std::ptr::eq(*known, *spec)) {
                    found.push(spec);
                }
            }
            Self::Found(_) => {}
            Self::Restrict { from, condition } => {
                from.specs(found);
                condition.specs(found);
            }
            Self::Join { left, right, .. }
            | Self::Extend { left, right }
            | Self::Union { left, right }
            | Self::Aggregate { groups: left, of: right, .. } => {
                left.specs(found);
                right.specs(found);
            }
            Self::Project { from, .. }
            | Self::Top { from, .. }
            | Self::Unique { from, .. }
            | Self::GroupBy { of: from, .. } => from.specs(found),
        }
    }

    /// The query with its tables known; those that weren't used before are activated.
    pub(crate) fn lower_on<'a>(&'a self, on: &'a mut Target<'_>) -> BoxFuture<'a, Result<Lowered>> {
        Box::pin(async {
            let expression = self.expression_on(on).await?;
            let heading = datajoint_sql::heading(&expression)?;
            Ok(Lowered { expression, heading })
        })
    }

    /// The same without its heading, for what a statement is made of alone.
    async fn expression_on(&self, on: &mut Target<'_>) -> Result<Expression> {
        let mut specs = Vec::new();
        self.specs(&mut specs);
        on.ensure(&specs).await?;
        self.lower(on.instance())
    }

    /// The same, for callers that are compiled into programs.
    pub(crate) fn expression<'a>(&'a self, on: &'a mut Target<'_>) -> BoxFuture<'a, Result<Expression>> {
        Box::pin(self.expression_on(on))
    }

    /// The statement that fetches the rows.
    pub(crate) fn select_on<'a>(&'a self, on: &'a mut Target<'_>) -> BoxFuture<'a, Result<Select>> {
        Box::pin(async {
            let expression = self.expression_on(on).await?;
            Ok(datajoint_sql::select(on.backend(), &expression)?)
        })
    }

    /// How many rows there are.
    pub(crate) fn count_on<'a>(&'a self, mut on: Target<'a>) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            let expression = self.expression_on(&mut on).await?;
            on.count(&expression).await
        })
    }

    /// True when there are rows.
    pub(crate) fn exists_on<'a>(&'a self, mut on: Target<'a>) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let expression = self.expression_on(&mut on).await?;
            on.exists(&expression).await
        })
    }

    pub(crate) fn lower(&self, instance: &Instance) -> Result<Expression> {
        Ok(match self {
            Self::Typed(spec) => Expression::Table(instance.resolve(spec)?),
            Self::Found(table) => Expression::Table(Arc::clone(table)),
            Self::Restrict { from, condition } => {
                let from = Box::new(from.lower(instance)?);
                let condition = condition.lower(instance, &from)?;
                Expression::Restrict { from, condition }
            }
            Self::Join { left, right, matching } => Expression::Join {
                left: Box::new(left.lower(instance)?),
                right: Box::new(right.lower(instance)?),
                matching: *matching,
            },
            Self::Extend { left, right } => Expression::Extend {
                left: Box::new(left.lower(instance)?),
                right: Box::new(right.lower(instance)?),
            },
            Self::Aggregate { groups, of, attributes, keeps_all } => Expression::Aggregate {
                groups: Box::new(groups.lower(instance)?),
                of: Box::new(of.lower(instance)?),
                attributes: attributes.clone(),
                keeps_all: *keeps_all,
            },
            Self::Union { left, right } => Expression::Union {
                left: Box::new(left.lower(instance)?),
                right: Box::new(right.lower(instance)?),
            },
            Self::Unique { from, attributes } => {
                Expression::Unique { from: Box::new(from.lower(instance)?), attributes: attributes.clone() }
            }
            Self::GroupBy { of, by, attributes } => Expression::GroupBy {
                of: Box::new(of.lower(instance)?),
                by: by.clone(),
                attributes: attributes.clone(),
            },
            Self::Project { from, attributes } => {
                Expression::Project { from: Box::new(from.lower(instance)?), attributes: attributes.clone() }
            }
            Self::Top { from, order, limit, offset } => Expression::Top {
                from: Box::new(from.lower(instance)?),
                order: order.clone(),
                limit: *limit,
                offset: *offset,
            },
        })
    }
}

impl Condition {
    pub(crate) fn specs(&self, found: &mut Vec<&'static TableSpec>) {
        match &self.0 {
            Term::Matches(node, _) => node.specs(found),
            Term::All(parts) | Term::Any(parts) => parts.iter().for_each(|part| part.specs(found)),
            Term::Not(condition) => condition.specs(found),
            Term::Plain(_) | Term::Keys { .. } | Term::Equal(_) | Term::Top(_) | Term::Invalid(_) => {}
        }
    }

    /// The condition as it restricts this query.
    pub(crate) fn lower(&self, instance: &Instance, query: &Expression) -> Result<Plain> {
        Lowering { instance, query, heading: None }.condition(self)
    }
}

struct Lowering<'a> {
    instance: &'a Instance,
    query: &'a Expression,
    /// Of the query, once it was needed.
    heading: Option<Heading>,
}

impl Lowering<'_> {
    fn condition(&mut self, condition: &Condition) -> Result<Plain> {
        Ok(match &condition.0 {
            Term::Plain(plain) => plain.clone(),
            Term::Invalid(error) => return Err(error.clone().into()),
            Term::Matches(node, Matching::Lineage) => Plain::Matches(Box::new(node.lower(self.instance)?)),
            Term::Matches(node, Matching::Name) => Plain::MatchesByName(Box::new(node.lower(self.instance)?)),
            Term::Top(_) => {
                let advice = "restrict by it alone: it is no alternative, and can't be negated";
                return Err(ValueError::new(advice.to_owned()).at("Top").into());
            }
            Term::Not(inner) => Plain::Not(Box::new(self.condition(inner)?)),
            Term::All(parts) => Plain::All(self.conditions(parts)?),
            Term::Any(parts) => merged(self.conditions(parts)?),
            Term::Keys { names, spec, rows } => self.keys(names, *spec, rows)?,
            Term::Equal(pairs) => self.mapping(pairs)?,
        })
    }

    fn conditions(&mut self, parts: &[Condition]) -> Result<Vec<Plain>> {
        parts.iter().map(|part| self.condition(part)).collect()
    }

    fn heading(&mut self) -> Result<&Heading> {
        if self.heading.is_none() {
            self.heading = Some(datajoint_sql::heading(self.query)?);
        }
        Ok(self.heading.get_or_insert_default())
    }

    /// A key restricts by the attributes that the query has too; it must have one of them.
    fn keys(
        &mut self,
        names: &[&str],
        spec: Option<&'static TableSpec>,
        rows: &[Vec<Value>],
    ) -> Result<Plain> {
        let table = spec.map(|spec| self.instance.resolve(spec)).transpose()?;
        let heading = self.heading()?;
        let mut places = Vec::with_capacity(names.len());
        for (place, name) in names.iter().enumerate() {
            if heading.get(name).is_some_and(|attribute| !attribute.is_hidden()) {
                same_lineage(heading, table.as_deref(), name)?;
                places.push(place);
            }
        }
        if places.is_empty() && !names.is_empty() {
            return Err(Error::NothingInCommon { key: names.join(", "), query: visible_names(heading) });
        }
        Ok(match (places.as_slice(), rows) {
            ([], _) => Plain::Constant(true),
            (places, rows) => Plain::Keys {
                attributes: places.iter().map(|&place| names[place].to_owned()).collect(),
                rows: rows
                    .iter()
                    .map(|row| places.iter().map(|&place| row[place].clone()).collect())
                    .collect(),
            },
        })
    }

    /// Every attribute of a mapping must be in the query.
    fn mapping(&mut self, pairs: &[(String, Value)]) -> Result<Plain> {
        let heading = self.heading()?;
        // A place within a JSON attribute is not an attribute, and checked when the statement is made.
        let is_path = |name: &str| heading.get(name).is_none() && name.contains('.');
        if pairs.iter().any(|(name, _)| is_path(name)) {
            let equal = pairs.iter().map(|(name, value)| Plain::Compare {
                attribute: name.clone(),
                operator: Comparison::Equal,
                value: value.clone(),
            });
            return Ok(Plain::All(equal.collect()));
        }
        for (name, _) in pairs {
            if heading.get(name).is_none_or(datajoint_schema::Attribute::is_hidden) {
                let names = heading.visible().map(|attribute| attribute.name.as_str());
                return Err(Error::UnknownAttribute {
                    attribute: name.clone(),
                    of: "the query".to_owned(),
                    hint: nearest(name, names),
                });
            }
        }
        if pairs.is_empty() {
            return Ok(Plain::Constant(true));
        }
        let (attributes, row) = pairs.iter().cloned().unzip();
        Ok(Plain::Keys { attributes, rows: vec![row] })
    }
}

/// Keys with the same attributes in one list.
fn merged(parts: Vec<Plain>) -> Plain {
    let mut merged: Vec<Plain> = Vec::with_capacity(parts.len().min(4));
    for part in parts {
        match (merged.last_mut(), part) {
            (Some(Plain::Keys { attributes, rows }), Plain::Keys { attributes: others, rows: more })
                if *attributes == others =>
            {
                rows.extend(more);
            }
            (_, part) => merged.push(part),
        }
    }
    match (merged.pop(), merged.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            merged.push(last);
            Plain::Any(merged)
        }
        (None, _) => Plain::Any(Vec::new()),
    }
}

fn same_lineage(heading: &Heading, table: Option<&Table>, name: &str) -> Result<()> {
    let lineage = |heading: &Heading| heading.get(name).and_then(|attribute| attribute.lineage.clone());
    match (lineage(heading), table.and_then(|table| lineage(&table.heading))) {
        (Some(here), Some(there)) if here != there => Err(datajoint_sql::Error::DifferentLineage {
            attribute: name.to_owned(),
            left: here,
            right: there,
        }
        .into()),
        _ => Ok(()),
    }
}

fn visible_names(heading: &Heading) -> String {
    heading.visible().map(|attribute| attribute.name.as_str()).collect::<Vec<_>>().join(", ")
}
