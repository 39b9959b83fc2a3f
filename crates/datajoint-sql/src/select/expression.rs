//! Expressions as queries.

use std::sync::Arc;

use datajoint_schema::Table;

use super::condition::mentions_derived;
use super::{Lower, Query, Truth};
use crate::{Condition, Error, Expression, Result};

/// Of how many expressions a statement is made at most.
const MOST_PARTS: u32 = 20_000;

impl Lower {
    /// The query of an expression. Fails for one of too many parts: some stand in the statement more than once.
    pub(crate) fn expression(&mut self, expression: &Expression) -> Result<Query> {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            let advice = format!("it is made of more than {MOST_PARTS} queries: ask it in several parts");
            return Err(Error::TooLarge { advice });
        }
        match expression {
            Expression::Table(table) => Ok(Query::table(table)),
            Expression::Restrict { from, condition } => {
                let query = self.expression(from)?;
                self.restrict(query, condition)
            }
            Expression::Join { left, right, matching } => {
                let left = self.expression(left)?;
                let right = self.expression(right)?;
                self.join(left, right, *matching)
            }
            Expression::Extend { left, right } => {
                let left = self.expression(left)?;
                let right = self.expression(right)?;
                self.extend(left, right)
            }
            Expression::Aggregate { groups, of, attributes, keeps_all } => {
                let rows = self.expression(groups)?;
                let of = self.expression(of)?;
                self.aggregate(rows, of, attributes, *keeps_all).map_err(|error| error.within(groups))
            }
            Expression::Union { left, right } => self.union(left, right),
            Expression::Unique { from, attributes } => {
                let query = self.expression(from)?;
                self.unique(query, attributes).map_err(|error| error.within(from))
            }
            Expression::GroupBy { of, by, attributes } => {
                let query = self.expression(of)?;
                self.group_by(query, by, attributes).map_err(|error| error.within(of))
            }
            Expression::Project { from, attributes } => {
                let query = self.expression(from)?;
                self.project(query, attributes).map_err(|error| error.within(from))
            }
            Expression::Top { from, order, limit, offset } => {
                let query = self.expression(from)?;
                self.top(query, order, *limit, *offset)
            }
        }
    }

    fn restrict(&mut self, query: Query, condition: &Condition) -> Result<Query> {
        let must_wrap = !query.is_flat() || mentions_derived(self.backend, &query, condition);
        let mut query = if must_wrap { query.wrap(self) } else { query };
        self.add_conditions(&mut query, condition)?;
        Ok(query)
    }

    /// Adds a condition, the parts of a conjunction one by one.
    fn add_conditions(&mut self, query: &mut Query, condition: &Condition) -> Result<()> {
        if let Condition::All(conditions) = condition {
            return conditions.iter().try_for_each(|condition| self.add_conditions(query, condition));
        }
        match self.condition(query, condition)? {
            Truth::Constant(true) => {}
            Truth::Constant(false) => query.conditions.push(crate::fragment::Fragment::text("FALSE")),
            Truth::Sql(sql) => query.conditions.push(sql.in_conjunction()),
        }
        Ok(())
    }

    /// The rows of a table that meet a condition, when the statement changes that table.
    pub(crate) fn target(&mut self, table: &Arc<Table>, condition: &Condition) -> Result<Query> {
        self.target = Some(table.name.clone());
        self.restrict(Query::table(table), condition)
    }
}
