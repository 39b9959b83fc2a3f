//! A query with its tables known: what SQL is made of.

use std::sync::Arc;

use datajoint_schema::{Heading, Table};
use datajoint_sql::{Comparison, Condition as Plain, Expression, MapLeaves, Part, Select, Value};
use futures_util::future::BoxFuture;

use super::{Leaf, Node, Tree};
use crate::condition::{Open, Term};
use crate::dynamic::fit;
use crate::error::Hint;
use crate::typed::{TableSpec, ValueError};
use crate::{Condition, Error, Instance, Result, Target};

/// A query of an instance.
#[derive(Debug)]
pub(crate) struct Lowered {
    pub(crate) expression: Expression,
    pub(crate) heading: Heading,
}

impl Tree {
    /// Every table of the program that the query reads.
    pub(crate) fn specs(&self, found: &mut Vec<&'static TableSpec>) {
        let (query, conditions) = self.unrestricted();
        if let Node::Table(Leaf::Typed(spec)) = &**query
            && !found.iter().any(|known| std::ptr::eq(*known, *spec))
        {
            found.push(spec);
        }
        query.parts().for_each(|part| part.specs(found));
        for condition in conditions {
            specs_of(&condition.term, found);
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
        let (query, conditions) = self.unrestricted();
        let query = query.try_map_leaves(
            |leaf| match leaf {
                Leaf::Typed(spec) => instance.resolve(spec),
                Leaf::Found(table) => Ok(Arc::clone(table)),
            },
            |condition: &Condition, from: &Part| Lowering::new(instance, from).condition(condition),
            |part| part.lower(instance).map(Part::new),
        )?;
        if conditions.is_empty() {
            return Ok(query);
        }
        let mut lowering = Lowering::new(instance, &query);
        let conditions: Result<Vec<Plain>> =
            conditions.into_iter().map(|condition| lowering.condition(condition)).collect();
        let mut conditions = conditions?;
        let condition = match (conditions.pop(), conditions.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                conditions.extend(last);
                Plain::All(conditions)
            }
        };
        Ok(Expression::Restrict { from: Part::new(query), condition })
    }
}

/// Every table of the program that a condition reads.
fn specs_of(term: &Term, found: &mut Vec<&'static TableSpec>) {
    match term {
        Term::Matches(query) | Term::MatchesByName(query) | Term::Linked { to: query, .. } => {
            query.specs(found);
        }
        Term::All(terms) | Term::Any(terms) => terms.iter().for_each(|term| specs_of(term, found)),
        Term::Not(term) => specs_of(term, found),
        _ => {}
    }
}

struct Lowering<'a> {
    instance: &'a Instance,
    query: &'a Expression,
    /// Of the query, once it was needed.
    heading: Option<Heading>,
}

impl<'a> Lowering<'a> {
    const fn new(instance: &'a Instance, query: &'a Expression) -> Self {
        Self { instance, query, heading: None }
    }

    fn condition(&mut self, condition: &Condition) -> Result<Plain> {
        condition.term.try_map_leaves(self)
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
        let is_path = |name: &str| heading.get(name).is_none() && name.contains(['.', '[']);
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
                let hint = Hint::of(name, heading.visible().map(|attribute| attribute.name.as_str()));
                let of = datajoint_sql::place(self.query).to_string();
                return Err(Error::UnknownAttribute { attribute: name.clone(), of, hint });
            }
        }
        if pairs.is_empty() {
            return Ok(Plain::Constant(true));
        }
        let (attributes, mut row): (Vec<String>, Vec<Value>) = pairs.iter().cloned().unzip();
        // A row that was read from JSON has its strings as JSON.
        for (name, value) in attributes.iter().zip(&mut row) {
            if let Some(attribute) = heading.get(name) {
                fit(attribute, value);
            }
        }
        Ok(Plain::Keys { attributes, rows: vec![row] })
    }
}

impl MapLeaves<Tree, Open> for Lowering<'_> {
    type Part = Part;
    type Error = Error;

    fn part(&mut self, query: &Tree) -> Result<Part> {
        query.lower(self.instance).map(Part::new)
    }

    fn open(&mut self, open: &Open) -> Result<Plain> {
        match open {
            Open::Plain(plain) => Ok(plain.clone()),
            Open::Keys { names, spec, rows } => self.keys(names, *spec, rows),
            Open::Equal(pairs) => self.mapping(pairs),
            Open::Top(_) => {
                let advice = "restrict by it alone: it is no alternative, and can't be negated";
                Err(ValueError::new(advice.to_owned()).at("Top").into())
            }
            Open::Invalid(error) => Err(error.clone().into()),
        }
    }

    fn any(&mut self, alternatives: Vec<Plain>) -> Plain {
        merged(alternatives)
    }
}

/// Keys with the same attributes in one list, and values of one attribute.
fn merged(parts: Vec<Plain>) -> Plain {
    let mut merged: Vec<Plain> = Vec::with_capacity(parts.len().min(4));
    for part in parts {
        let part = match part {
            Plain::Compare { attribute, operator: Comparison::Equal, value } => {
                Plain::In { attribute, values: vec![value] }
            }
            part => part,
        };
        match (merged.last_mut(), part) {
            (Some(Plain::Keys { attributes, rows }), Plain::Keys { attributes: others, rows: more })
                if *attributes == others =>
            {
                rows.extend(more);
            }
            (Some(Plain::In { attribute, values }), Plain::In { attribute: other, values: more })
                if *attribute == other =>
            {
                values.extend(more);
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
