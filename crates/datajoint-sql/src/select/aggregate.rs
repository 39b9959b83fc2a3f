use datajoint_definition::Backend;

use super::headings::{Shared, Taken, common, projection};
use super::mention::mentions_outside;
use super::query::{Column, ColumnExpression, Group};
use super::reading::tokens;
use super::unknown::unknown_in;
use super::{Lower, Query};
use crate::backends::dialect;
use crate::{Error, Matching, Projected, Result};

/// The attributes of the rows that were asked for, and the values.
pub(super) fn attributes(groups: &[Shared], of: &[Shared], projected: &[Projected]) -> Result<Vec<Shared>> {
    common(groups, of, Matching::Lineage)?;
    let lacks =
        |attribute: &&Shared| attribute.in_key && !of.iter().any(|other| other.name == attribute.name);
    let missing: Vec<String> = groups.iter().filter(lacks).map(|attribute| attribute.name.clone()).collect();
    if !missing.is_empty() {
        return Err(Error::MissingKey {
            operation: "to aggregate",
            side: "side that is aggregated",
            missing,
            advice: "join it with a table that has them first",
        });
    }
    let taken = projection(groups, projected)?;
    Ok(taken.into_iter().map(|taken| attribute(&taken, groups, of)).collect())
}

/// An attribute of the rows of a query, or a value computed with those of both.
fn attribute(taken: &Taken<'_>, groups: &[Shared], of: &[Shared]) -> Shared {
    match taken {
        Taken::From { .. } => taken.attribute(groups),
        Taken::Compute { .. } => {
            let added =
                of.iter().filter(|attribute| !groups.iter().any(|known| known.name == attribute.name));
            taken.attribute(&groups.iter().chain(added).cloned().collect::<Vec<_>>())
        }
    }
}

impl Lower {
    pub(super) fn aggregate(
        &mut self,
        groups: Query,
        of: Query,
        projected: &[Projected],
        keeps_all: bool,
    ) -> Result<Query> {
        let ours: Vec<Shared> = groups.attributes().cloned().collect();
        let theirs: Vec<Shared> = of.attributes().cloned().collect();
        attributes(&ours, &theirs, projected)?;
        let taken = projection(&ours, projected)?;
        // Each row is a group: without values it needs no other side, whose rows MariaDB may give more than once.
        let has_values = taken.iter().any(|taken| matches!(taken, Taken::Compute { .. }));
        if keeps_all && !has_values && ours.iter().any(|attribute| attribute.in_key) {
            return self.project(groups, projected);
        }
        let joined =
            if keeps_all { self.left_join(groups, of)? } else { self.join(groups, of, Matching::Lineage)? };
        let kept: Vec<&str> = taken
            .iter()
            .filter_map(|taken| match taken {
                Taken::From { place, .. } => Some(ours[*place].name.as_str()),
                Taken::Compute { .. } => None,
            })
            .collect();
        let key = ours.iter().filter(|attribute| attribute.in_key).map(|attribute| attribute.name.as_str());
        let mut by: Vec<&str> = key.collect();
        by.extend(kept.iter().filter(|name| !ours.iter().any(|known| known.in_key && known.name == **name)));
        self.grouped(joined, (&by, true), &ours, &taken)
    }

    /// The rows that agree on `by` as one, with what was taken of it; when these are none, there may have to be rows.
    pub(super) fn grouped(
        &mut self,
        query: Query,
        (by, needs_rows): (&[&str], bool),
        from: &[Shared],
        taken: &[Taken<'_>],
    ) -> Result<Query> {
        let derived = |query: &Query, name: &str| query.column(name).is_some_and(Column::is_computed);
        let must_wrap = !query.is_flat()
            || by.iter().any(|name| derived(&query, name))
            || taken
                .iter()
                .any(|taken| matches!(taken, Taken::Compute { text, .. } if query.is_derived_in(self.backend, text)));
        let query = if must_wrap { query.wrap(self) } else { query };
        let mut query = query.without_order();
        let mut columns = Vec::new();
        for taken in taken {
            let all: Vec<Shared> = query.attributes().cloned().collect();
            let attribute = attribute(taken, from, &all);
            let column = match taken {
                Taken::From { place, .. } => query
                    .column(&from[*place].name)
                    .cloned()
                    .map(|column| Column { attribute, ..column })
                    .ok_or_else(|| unknown_in(&query, &from[*place].name))?,
                Taken::Compute { text, parameters, name } => {
                    self.check_aggregate(&query, by, name, text)?;
                    let expression =
                        ColumnExpression::Computed(self.computed(&query, name, text, parameters)?);
                    Column { attribute, expression, table: query.table_of_value(text) }
                }
            };
            columns.push(column);
        }
        let by = by.iter().map(|name| {
            let column = query.column(name).ok_or_else(|| unknown_in(&query, name))?;
            Ok(column.sql(self.backend))
        });
        query.group = Some(Group { by: by.collect::<Result<_>>()?, needs_rows });
        query.columns = columns;
        Ok(query)
    }

    /// SQLite takes any row's value for an attribute outside an aggregate function.
    fn check_aggregate(&self, query: &Query, by: &[&str], name: &str, text: &str) -> Result<()> {
        if !self.backend.capability().has_loose_aggregates {
            return Ok(());
        }
        let columns = query.columns.iter().map(|column| column.attribute.name.as_str());
        let is_loose =
            |column: &&str| !by.contains(column) && mentions_outside(self.backend, text, AGGREGATES, column);
        columns.into_iter().find(is_loose).map_or(Ok(()), |loose| {
            if let Some(error) = misspelt(self.backend, name, text) {
                return Err(error);
            }
            Err(Error::Aggregate {
                attribute: name.to_owned(),
                advice: format!(
                    "`{loose}` has a value in each of them; put it into a function such as max({loose})"
                ),
            })
        })
    }
}

/// What is said of a function that is none.
fn misspelt(backend: Backend, name: &str, text: &str) -> Option<Error> {
    let error = tokens(dialect(backend), text).err()?.computing(name);
    matches!(error, Error::UnknownFunction { .. }).then_some(error)
}

/// The functions of SQLite that make one value of many.
pub(crate) const AGGREGATES: &[&str] = &[
    "avg",
    "count",
    "group_concat",
    "max",
    "min",
    "string_agg",
    "sum",
    "total",
    "json_group_array",
    "json_group_object",
];
