use super::computed_type::attribute_of;
use super::headings::{Shared, Taken, projection};
use super::query::{Column, ColumnExpression, OrderBy, Ordered};
use super::{Lower, Query};
use crate::{Projected, Result};

impl Lower {
    pub(super) fn project(&mut self, query: Query, projected: &[Projected]) -> Result<Query> {
        let attributes: Vec<Shared> = query.attributes().cloned().collect();
        let taken = projection(&attributes, projected)?;
        let derived_in_text = taken.iter().any(
            |taken| matches!(taken, Taken::Compute { text, .. } if query.is_derived_in(self.backend, text)),
        );
        let computes = taken.iter().any(|taken| matches!(taken, Taken::Compute { .. }));
        let is_made = query.is_distinct || query.group.is_some();
        let query = if derived_in_text || (computes && is_made) { query.wrap(self) } else { query };

        let mut columns = Vec::new();
        for taken in &taken {
            columns.push(match taken {
                Taken::From { place, .. } => {
                    Column { attribute: taken.attribute(&attributes), ..query.columns[*place].clone() }
                }
                Taken::Compute { text, parameters, name } => Column {
                    attribute: taken.attribute(&attributes),
                    expression: ColumnExpression::Computed(self.computed(&query, name, text, parameters)?),
                    table: query.table_of_value(text).filter(|_| attribute_of(text).is_some()),
                },
            });
        }
        Ok(self.with_columns(query, columns, &taken))
    }

    /// The query with other columns, in the order it had.
    fn with_columns(&mut self, mut query: Query, columns: Vec<Column>, taken: &[Taken<'_>]) -> Query {
        let mut order = Vec::new();
        for Ordered { by, descending } in &query.order {
            // A number in ORDER BY would be the place of a column.
            if matches!(by, OrderBy::Column(name) if query.column(name).is_some_and(|column| column.is_constant(self.backend)))
            {
                continue;
            }
            let by = match by {
                OrderBy::Column(name) => self.ordered_after(&query, taken, name),
                expression @ OrderBy::Expression { .. } => expression.clone(),
            };
            order.push(Ordered { by, descending: *descending });
        }
        query.names_sources |= order.iter().any(|ordered| matches!(ordered.by, OrderBy::Expression { .. }));
        query.order = order;
        query.columns = columns;
        query
    }

    /// How to order after a projection by what was a column before it.
    fn ordered_after(&self, query: &Query, taken: &[Taken<'_>], name: &str) -> OrderBy {
        let renamed = taken.iter().find_map(|taken| match taken {
            Taken::From { place, name: new } if query.columns[*place].attribute.name == name => Some(*new),
            _ => None,
        });
        match (renamed, query.column(name)) {
            (Some(new), _) => OrderBy::Column(new.to_owned()),
            (None, Some(column)) => OrderBy::Expression {
                sql: query
                    .rank(self.backend, column)
                    .unwrap_or_else(|| query.qualified(self.backend, column)),
                may_be_null: column.attribute.nullable,
            },
            (None, None) => OrderBy::Column(name.to_owned()),
        }
    }
}
