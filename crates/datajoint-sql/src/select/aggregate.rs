use datajoint_definition::Backend;

use super::headings::{Shared, Taken, common, projection};
use super::loose::of_many;
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
        // What a row has itself is the same in all its matches, and not every server sees that.
        let mut named = Vec::new();
        for taken in &taken {
            let Taken::Compute { text, .. } = taken else { continue };
            named.extend(of_many(dialect(self.backend), &joined, text).unwrap_or_default().loose);
        }
        for own in &ours {
            if named.contains(&own.name) && !by.contains(&own.name.as_str()) {
                by.push(&own.name);
            }
        }
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
        self.check_aggregates(&query, (by, needs_rows), taken)?;
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

    /// Fails for a value that names an attribute of each row, and for values none of which is computed over all rows where
    /// they are to be one.
    fn check_aggregates(
        &self,
        query: &Query,
        (by, needs_rows): (&[&str], bool),
        taken: &[Taken<'_>],
    ) -> Result<()> {
        let (mut is_one, mut first) = (!by.is_empty() || needs_rows, None);
        for taken in taken {
            let Taken::Compute { text, name, .. } = taken else { continue };
            let Some(of) = of_many(dialect(self.backend), query, text) else {
                // What is wrong with it is told where it is written.
                is_one = true;
                continue;
            };
            if let Some(loose) = of.loose.iter().find(|loose| !by.contains(&loose.as_str())) {
                return Err(misspelt(self.backend, name, text).unwrap_or_else(|| Error::Aggregate {
                    attribute: (*name).to_owned(),
                    advice: format!(
                        "`{loose}` has a value in each of them; put it into a function such as max({loose})"
                    ),
                }));
            }
            is_one |= of.is_aggregate;
            first.get_or_insert(name);
        }
        match first.filter(|_| !is_one) {
            Some(name) => Err(Error::Aggregate {
                attribute: (*name).to_owned(),
                advice: "it is computed over none of them, so that there would be as many rows; put what it is of into a function \
                         such as max(..), or count them beside it, `count(*)`"
                    .to_owned(),
            }),
            None => Ok(()),
        }
    }
}

/// What is said of a function that is none.
fn misspelt(backend: Backend, name: &str, text: &str) -> Option<Error> {
    let error = tokens(dialect(backend), text).err()?.computing(name);
    matches!(error, Error::UnknownFunction { .. }).then_some(error)
}
