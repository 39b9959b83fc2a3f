use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_schema::{Attribute, Heading, Table};

use crate::fragment::Fragment;
use crate::{Error, Expression, Order, Result, quote_identifier, table_reference};

/// Turns expressions into the normal form of one `SELECT`, with an alias of its own for each table.
pub(super) struct Builder {
    pub(super) backend: Backend,
    aliases: usize,
}

/// One `SELECT`: what every query is brought to.
#[derive(Debug, Clone)]
pub(super) struct Select {
    backend: Backend,
    /// The visible attributes with the SQL that gives each.
    pub(super) columns: Vec<Column>,
    pub(super) from: Fragment,
    pub(super) filters: Vec<Fragment>,
    order: Vec<(Fragment, bool)>,
    limit: Option<u64>,
    offset: u64,
    /// True when attribute names mean the same in text of SQL as here: one table, nothing renamed.
    pub(super) plain: bool,
    /// Said of the query in errors.
    pub(super) label: String,
}

#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) attribute: Attribute,
    pub(super) sql: Fragment,
}

impl Builder {
    pub(super) fn new(backend: Backend) -> Self {
        Self { backend, aliases: 0 }
    }

    pub(super) fn build(&mut self, query: &Expression) -> Result<Select> {
        match query {
            Expression::Table(table) => Ok(self.table(table)),
            Expression::Restrict { from, condition } => {
                let mut normal = self.build(from)?;
                if normal.is_cut() {
                    normal = self.wrap(normal);
                }
                if !normal.plain && super::filter::mentions_text(condition) {
                    normal = self.wrap(normal);
                }
                let filter = self.condition(&normal, condition)?;
                normal.filters.push(filter);
                Ok(normal)
            }
            Expression::Join { left, right } => {
                let (left, right) = (self.build(left)?, self.build(right)?);
                self.join(left, right)
            }
            Expression::Project { from, attributes } => {
                let normal = self.build(from)?;
                self.project(normal, attributes)
            }
            Expression::Top { from, order, limit, offset } => {
                let mut normal = self.build(from)?;
                if normal.is_cut() {
                    normal = self.wrap(normal);
                }
                normal.order_by(order)?;
                normal.limit = *limit;
                normal.offset = *offset;
                Ok(normal)
            }
        }
    }

    fn alias(&mut self) -> String {
        self.aliases += 1;
        format!("t{}", self.aliases)
    }

    fn table(&mut self, table: &Arc<Table>) -> Select {
        let alias = self.alias();
        let from = format!("{} AS {alias}", table_reference(self.backend, &table.name));
        self.of_table(table, from, Some(&alias))
    }

    /// The table under its own name, as `DELETE` and `UPDATE` have it.
    pub(super) fn unaliased(&mut self, table: &Arc<Table>) -> Select {
        let name = table_reference(self.backend, &table.name);
        self.of_table(table, name.clone(), Some(&name))
    }

    fn of_table(&self, table: &Arc<Table>, from: String, qualifier: Option<&str>) -> Select {
        let columns = table.heading.visible().map(|attribute| {
            let name = quote_identifier(self.backend, &attribute.name);
            let sql = qualifier.map_or(name.clone(), |qualifier| format!("{qualifier}.{name}"));
            Column { attribute: attribute.clone(), sql: Fragment::new(sql) }
        });
        Select {
            backend: self.backend,
            columns: columns.collect(),
            from: Fragment::new(from),
            filters: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: 0,
            plain: true,
            label: table.name.to_string(),
        }
    }

    /// The query as a table of its own.
    pub(super) fn wrap(&mut self, normal: Select) -> Select {
        let alias = self.alias();
        let columns = normal
            .columns
            .iter()
            .map(|column| {
                let name = quote_identifier(self.backend, &column.attribute.name);
                Column { attribute: column.attribute.clone(), sql: Fragment::new(format!("{alias}.{name}")) }
            })
            .collect();
        let label = normal.label.clone();
        let mut from = normal.render().grouped();
        from.push(&format!(" AS {alias}"));
        Select {
            backend: self.backend,
            columns,
            from,
            filters: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: 0,
            plain: true,
            label,
        }
    }
}

impl Select {
    /// The join of two queries, before its columns are known.
    pub(super) fn joined(&self, from: Fragment, filters: Vec<Fragment>, label: String) -> Self {
        Self {
            backend: self.backend,
            columns: Vec::new(),
            from,
            filters,
            order: Vec::new(),
            limit: None,
            offset: 0,
            plain: false,
            label,
        }
    }

    /// True when the query holds only a part of its rows, so that nothing may be put before the cut.
    pub(super) fn is_cut(&self) -> bool {
        self.limit.is_some() || self.offset > 0
    }

    pub(super) fn heading(&self) -> Heading {
        Heading::new(self.columns.iter().map(|column| column.attribute.clone()).collect())
    }

    pub(super) fn column(&self, name: &str) -> Result<&Column> {
        self.columns.iter().find(|column| column.attribute.name == name).ok_or_else(|| self.unknown(name))
    }

    pub(super) fn unknown(&self, name: &str) -> Error {
        let names = || self.columns.iter().map(|column| column.attribute.name.as_str());
        let hint = datajoint_definition::suggest(name, names()).map_or_else(
            || format!("; it has {}", names().collect::<Vec<_>>().join(", ")),
            |near| format!("; did you mean `{near}`?"),
        );
        Error::UnknownAttribute { attribute: name.to_owned(), query: self.label.clone(), hint }
    }

    fn order_by(&mut self, order: &[Order]) -> Result<()> {
        self.order = if order.is_empty() {
            let key = self.columns.iter().filter(|column| column.attribute.in_key);
            key.map(|column| (column.sql.clone(), false)).collect()
        } else {
            let column = |part: &Order| Ok((self.column(&part.attribute)?.sql.clone(), part.descending));
            order.iter().map(column).collect::<Result<_>>()?
        };
        Ok(())
    }

    pub(super) fn render(self) -> Fragment {
        let columns = self.columns.iter().map(|column| {
            let name = quote_identifier(self.backend, &column.attribute.name);
            let mut sql = column.sql.clone();
            if sql.text.rsplit('.').next() != Some(name.as_str()) {
                sql.push(&format!(" AS {name}"));
            }
            sql
        });
        let list = Fragment::join(columns, ", ");
        let list = if list.text.is_empty() { Fragment::new("1") } else { list };
        self.render_list(list, true)
    }

    /// The query with another select list.
    pub(super) fn render_as(self, list: &str, ordered: bool) -> Fragment {
        self.render_list(Fragment::new(list), ordered)
    }

    fn render_list(self, list: Fragment, ordered: bool) -> Fragment {
        let mut sql = Fragment::new("SELECT ");
        sql.append(list);
        sql.push(" FROM ");
        sql.append(self.from);
        if !self.filters.is_empty() {
            sql.push(" WHERE ");
            sql.append(Fragment::join(self.filters, " AND "));
        }
        if ordered && !self.order.is_empty() {
            sql.push(" ORDER BY ");
            let order = self.order.into_iter().map(|(mut part, descending)| {
                if descending {
                    part.push(" DESC");
                }
                part
            });
            sql.append(Fragment::join(order, ", "));
        }
        match (self.limit, self.offset) {
            (None, 0) => {}
            (Some(limit), 0) => sql.push(&format!(" LIMIT {limit}")),
            (Some(limit), offset) => sql.push(&format!(" LIMIT {limit} OFFSET {offset}")),
            (None, offset) => match self.backend {
                // These know no offset without a limit.
                Backend::Mysql | Backend::Mariadb => sql.push(&format!(" LIMIT 18446744073709551615 OFFSET {offset}")),
                Backend::Sqlite => sql.push(&format!(" LIMIT -1 OFFSET {offset}")),
                Backend::Postgresql => sql.push(&format!(" OFFSET {offset}")),
            },
        }
        sql
    }
}
