use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_schema::{Table, TableName};

use super::condition::mentions_derived;
use super::{Query, Truth};
use crate::{Condition, Expression, Result};

/// Makes queries of expressions for one statement.
#[derive(Debug)]
pub(crate) struct Lower {
    pub(super) backend: Backend,
    aliases: u32,
    /// The table that the statement changes, which MySQL lets no subquery read.
    pub(super) target: Option<TableName>,
}

impl Lower {
    pub(crate) fn new(backend: Backend) -> Self {
        Self { backend, aliases: 0, target: None }
    }

    /// A name that no other subquery of the statement has, and no table of a pipeline.
    pub(crate) fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("~{}", self.aliases)
    }

    pub(crate) fn expression(&mut self, expression: &Expression) -> Result<Query> {
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
                let groups = self.expression(groups)?;
                let of = self.expression(of)?;
                self.aggregate(groups, of, attributes, *keeps_all)
            }
            Expression::Union { left, right } => self.union(left, right),
            Expression::Unique { from, attributes } => {
                let query = self.expression(from)?;
                self.unique(query, attributes)
            }
            Expression::GroupBy { of, by, attributes } => {
                let query = self.expression(of)?;
                self.group_by(query, by, attributes)
            }
            Expression::Project { from, attributes } => {
                let query = self.expression(from)?;
                self.project(query, attributes)
            }
            Expression::Top { from, order, limit, offset } => {
                let query = self.expression(from)?;
                self.top(query, order, *limit, *offset)
            }
        }
    }

    fn restrict(&mut self, query: Query, condition: &Condition) -> Result<Query> {
        let must_wrap = !query.is_flat() || mentions_derived(&query, condition);
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
