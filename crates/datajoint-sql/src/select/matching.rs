use super::condition::{Sql, Truth};
use super::headings::{self, Shared};
use super::query::{Column, Query};
use super::unknown::unknown_in;
use super::{Lower, render};
use crate::backends::dialect;
use crate::fragment::Fragment;
use crate::{Expression, Links, Matching, Result};

/// The name of a column of a row, and that of the one that it equals in another.
type Pair<'a> = (&'a str, &'a str);

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
        let pairs: Vec<Pair<'_>> = common.into_iter().map(|name| (name, name)).collect();
        self.paired(query, inner, &pairs, negated)
    }

    /// True for rows of which columns equal those of a row of another query, or, negated, for all others.
    pub(super) fn linked(
        &mut self,
        query: &mut Query,
        by: &Links,
        to: &Expression,
        negated: bool,
    ) -> Result<Truth> {
        let mut inner = self.expression(to)?.without_order_unless_cut();
        for link in by.iter() {
            if inner.column(&link.theirs).is_none() {
                let hidden = column(&inner, &link.theirs)?;
                inner.columns.push(hidden);
            }
        }
        let pairs: Vec<Pair<'_>> = by.iter().map(|link| (link.ours.as_str(), link.theirs.as_str())).collect();
        self.paired(query, inner, &pairs, negated)
    }

    fn paired(
        &mut self,
        query: &mut Query,
        inner: Query,
        pairs: &[Pair<'_>],
        negated: bool,
    ) -> Result<Truth> {
        let mut may_be_null = false;
        for (ours, theirs) in pairs {
            let nullable =
                column(query, ours)?.attribute.nullable || column(&inner, theirs)?.attribute.nullable;
            may_be_null |= nullable && !negated;
        }
        let theirs: Vec<&str> = pairs.iter().map(|(_, theirs)| *theirs).collect();
        let inner = self.away_from_target(inner, &theirs);
        let sql = if pairs.is_empty() {
            self.exists(query, inner, pairs, negated)?
        } else if negated {
            query.names_sources = true;
            let inner = if inner.is_flat() { inner } else { inner.wrap(self) };
            let inner = self.rename_sources(query, inner);
            self.exists(query, inner, pairs, negated)?
        } else {
            self.is_among(query, inner, pairs)?
        };
        Ok(Truth::Sql(Sql::tight(sql, may_be_null)))
    }

    /// `(a, b) IN (SELECT a, b FROM …)`.
    fn is_among(&mut self, query: &Query, inner: Query, pairs: &[Pair<'_>]) -> Result<Fragment> {
        let (ours, theirs): (Vec<&str>, Vec<&str>) = pairs.iter().copied().unzip();
        // MySQL takes no limit right within IN; what orders the rows may be no column of the list, nor what makes them
        // differ.
        let inner = if inner.is_cut()
            && (inner.is_distinct
                || dialect(self.backend).refuses_limit_in_list()
                || inner.is_ordered_by_others(&theirs))
        {
            inner.wrap(self)
        } else {
            inner
        };
        let mut sql = self.expressions(query, &ours)?;
        if pairs.len() > 1 {
            sql = sql.parenthesised();
        }
        sql.push(" IN ");
        let columns = self.expressions(&inner, &theirs)?;
        sql.append(render::finish(self.backend, columns, inner).parenthesised());
        Ok(sql)
    }

    fn expressions(&self, query: &Query, names: &[&str]) -> Result<Fragment> {
        let columns = names.iter().map(|name| Ok(column(query, name)?.sql(self.backend)));
        Ok(Fragment::join(columns.collect::<Result<Vec<_>>>()?, ", "))
    }

    /// `EXISTS (SELECT 1 FROM … WHERE theirs = ours)`.
    fn exists(&mut self, query: &Query, inner: Query, pairs: &[Pair<'_>], negated: bool) -> Result<Fragment> {
        let mut inner = inner.into_existing(self);
        let mut equal = Vec::new();
        for (ours, theirs) in pairs {
            let mut sql = inner.qualified(self.backend, &column(&inner, theirs)?);
            sql.push(" = ");
            sql.append(query.qualified(self.backend, &column(query, ours)?));
            equal.push(sql);
        }
        equal.append(&mut inner.conditions);
        inner.conditions = equal;
        let mut sql = Fragment::text(if negated { "NOT EXISTS " } else { "EXISTS " });
        sql.append(render::with_columns(self.backend, "1", inner).parenthesised());
        if !negated {
            sql.push(dialect(self.backend).after_exists());
        }
        Ok(sql)
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

/// A column of this name: without it a condition would hold for rows that it must not hold for.
fn column(query: &Query, name: &str) -> Result<Column> {
    query.column_or_hidden(name).ok_or_else(|| unknown_in(query, name))
}
