use super::condition::{Sql, Truth};
use super::headings::{self, Shared};
use super::query::Query;
use super::{Lower, render};
use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::{Expression, Matching, Result};

impl Lower {
    /// True for rows with a match in another query, or, negated, for those without; null matches nothing.
    pub(super) fn matches(
        &mut self,
        query: &mut Query,
        expression: &Expression,
        matching: Matching,
        negated: bool,
    ) -> Result<Truth> {
        let inner = self.expression(expression)?;
        let inner = inner.without_order_unless_cut();
        let ours: Vec<Shared> = query.attributes().cloned().collect();
        let theirs: Vec<Shared> = inner.attributes().cloned().collect();
        let common = headings::common(&ours, &theirs, matching)?;
        let inner = self.away_from_target(inner, &common);
        let sql = if common.is_empty() {
            self.exists(query, inner, &common, negated)
        } else if negated {
            query.names_sources = true;
            let inner = if inner.is_flat() { inner } else { inner.wrap(self) };
            let inner = self.rename_sources(query, inner);
            self.exists(query, inner, &common, negated)
        } else {
            self.is_among(query, inner, &common)
        };
        let may_be_null = !negated
            && ours
                .iter()
                .chain(&theirs)
                .any(|attribute| attribute.nullable && common.contains(&attribute.name.as_str()));
        Ok(Truth::Sql(Sql::tight(sql, may_be_null)))
    }

    /// `(a, b) IN (SELECT a, b FROM …)`.
    fn is_among(&mut self, query: &Query, inner: Query, common: &[&str]) -> Fragment {
        // MySQL takes no limit right within IN; what orders the rows may be no column of the list, nor what makes them
        // differ.
        let inner = if inner.is_cut()
            && (inner.is_distinct
                || dialect(self.backend).refuses_limit_in_list()
                || inner.is_ordered_by_others(common))
        {
            inner.wrap(self)
        } else {
            inner
        };
        let mut sql = self.expressions(query, common);
        if common.len() > 1 {
            sql = sql.parenthesised();
        }
        sql.push(" IN ");
        let columns = self.expressions(&inner, common);
        sql.append(render::finish(self.backend, columns, inner).parenthesised());
        sql
    }

    fn expressions(&self, query: &Query, names: &[&str]) -> Fragment {
        let columns = names.iter().filter_map(|name| query.column(name));
        Fragment::join(columns.map(|column| column.sql(self.backend)), ", ")
    }

    /// `EXISTS (SELECT 1 FROM … WHERE theirs = ours)`.
    fn exists(&mut self, query: &Query, inner: Query, common: &[&str], negated: bool) -> Fragment {
        let mut inner = inner.into_existing(self);
        let mut equal = Vec::new();
        for name in common {
            if let (Some(theirs), Some(ours)) = (inner.column(name), query.column(name)) {
                let mut sql = inner.qualified(self.backend, theirs);
                sql.push(" = ");
                sql.append(query.qualified(self.backend, ours));
                equal.push(sql);
            }
        }
        equal.append(&mut inner.conditions);
        inner.conditions = equal;
        let mut sql = Fragment::text(if negated { "NOT EXISTS " } else { "EXISTS " });
        sql.append(render::with_columns(self.backend, "1", inner).parenthesised());
        if !negated {
            sql.push(dialect(self.backend).after_exists());
        }
        sql
    }

    /// The query, hidden from a statement that changes a table it reads, where the backend wants that.
    fn away_from_target(&mut self, mut inner: Query, common: &[&str]) -> Query {
        let reads_target = self.target.as_ref().is_some_and(|target| inner.reads(target));
        if !reads_target || !dialect(self.backend).hides_target() {
            return inner;
        }
        // A limit keeps it apart as well.
        if !inner.is_flat() {
            return inner.wrap(self);
        }
        if !common.is_empty() {
            inner.columns.retain(|column| common.contains(&column.attribute.name.as_str()));
        }
        inner.is_distinct = true;
        inner.wrap(self)
    }
}
