use datajoint_schema::Attribute;

use super::condition::{Sql, Truth};
use super::headings::check_common;
use super::query::Query;
use super::{Lower, render};
use crate::dialect::dialect;
use crate::fragment::Fragment;
use crate::{Expression, Result};

impl Lower {
    /// True for rows with a match in another query, or, negated, for those without; null matches nothing.
    pub(super) fn matches(
        &mut self,
        query: &mut Query,
        expression: &Expression,
        negated: bool,
    ) -> Result<Truth> {
        let inner = self.expression(expression)?;
        let inner = if inner.is_flat() { inner.without_order() } else { inner };
        let ours: Vec<Attribute> = query.attributes().cloned().collect();
        let theirs: Vec<Attribute> = inner.attributes().cloned().collect();
        let common = check_common(&ours, &theirs)?;
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
        // MySQL takes no limit right within IN.
        let inner = if !inner.is_flat() && dialect(self.backend).refuses_limit_in_list() {
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
    fn exists(&self, query: &Query, mut inner: Query, common: &[&str], negated: bool) -> Fragment {
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
