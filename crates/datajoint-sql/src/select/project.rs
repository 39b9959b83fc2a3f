use datajoint_schema::Attribute;

use super::headings::{Taken, projection};
use super::query::{Column, ColumnExpression, OrderBy, Ordered};
use super::text::{fragment, mentions};
use super::{Lower, Query};
use crate::{Projected, Result};

impl Lower {
    pub(super) fn project(&mut self, query: Query, projected: &[Projected]) -> Result<Query> {
        let attributes: Vec<Attribute> = query.attributes().cloned().collect();
        let taken = projection(&attributes, projected)?;
        let derived_in_text = taken.iter().any(|taken| match taken {
            Taken::Compute { text, .. } => query
                .columns
                .iter()
                .any(|column| !column.is_plain() && mentions(text, &column.attribute.name)),
            Taken::From { .. } => false,
        });
        let query = if derived_in_text { query.wrap(self) } else { query };

        let mut columns = Vec::new();
        for taken in &taken {
            columns.push(match taken {
                Taken::From { place, .. } => {
                    Column { attribute: taken.attribute(&attributes), ..query.columns[*place].clone() }
                }
                Taken::Compute { text, parameters, .. } => Column {
                    attribute: taken.attribute(&attributes),
                    expression: ColumnExpression::Computed(fragment(text, parameters)?),
                    table: None,
                },
            });
        }
        Ok(self.with_columns(query, columns, &taken))
    }

    /// The query with other columns, in the order it had.
    fn with_columns(&mut self, mut query: Query, columns: Vec<Column>, taken: &[Taken<'_>]) -> Query {
        let mut order = Vec::new();
        for Ordered { by, descending } in &query.order {
            let by = match by {
                OrderBy::Column(name) => self.ordered_after(&query, taken, name),
                expression @ OrderBy::Expression(_) => expression.clone(),
            };
            order.push(Ordered { by, descending: *descending });
        }
        query.names_sources |= order.iter().any(|ordered| matches!(ordered.by, OrderBy::Expression(_)));
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
            (None, Some(column)) => OrderBy::Expression(query.qualified(self.backend, column)),
            (None, None) => OrderBy::Column(name.to_owned()),
        }
    }
}
