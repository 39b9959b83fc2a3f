use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_schema::{Table, TableName};

use super::Lower;
use super::shared::Shared;
use crate::backends::dialect;
use crate::fragment::Fragment;

/// The normal form of a query.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(super) columns: Vec<Column>,
    pub(super) sources: Vec<Source>,
    /// All hold.
    pub(crate) conditions: Vec<Fragment>,
    /// Which rows make one.
    pub(super) group: Option<Group>,
    pub(super) order: Vec<Ordered>,
    pub(super) limit: Option<u64>,
    pub(super) offset: u64,
    /// True when equal rows count once.
    pub(super) is_distinct: bool,
    /// True when a condition names a source, which must then keep its name.
    pub(super) names_sources: bool,
}

/// Which rows make one.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// Those that agree on these; with none of them, all.
    pub(super) by: Vec<Fragment>,
    /// True when no rows make none, also without anything to agree on.
    pub(super) needs_rows: bool,
}

/// A column of the result.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) attribute: Shared,
    pub(super) expression: ColumnExpression,
    /// The table it comes from, where it comes from one.
    pub(super) table: Option<Arc<Table>>,
}

/// How a column is had from the sources.
#[derive(Debug, Clone)]
pub(super) enum ColumnExpression {
    /// The column of this name.
    Name(String),
    /// Anything else.
    Computed(Fragment),
}

impl Column {
    /// The name of the table it comes from, where it comes from one.
    pub(super) fn table_name(&self) -> Option<&TableName> {
        self.table.as_ref().map(|table| &table.name)
    }

    /// True for a column of a source under its own name.
    pub(super) fn is_plain(&self) -> bool {
        matches!(&self.expression, ColumnExpression::Name(name) if *name == self.attribute.name)
    }

    /// It as an expression over the sources.
    pub(super) fn sql(&self, backend: Backend) -> Fragment {
        match &self.expression {
            ColumnExpression::Name(name) => Fragment::text(dialect(backend).identifier(name)),
            ColumnExpression::Computed(fragment) => fragment.clone(),
        }
    }

    /// The same as it is compared for equality with values.
    pub(super) fn compared(&self, backend: Backend) -> Fragment {
        dialect(backend).compared(&self.attribute, self.sql(backend))
    }

    /// True when it is the same for every row.
    pub(super) fn is_constant(&self, backend: Backend) -> bool {
        matches!(&self.expression, ColumnExpression::Computed(fragment) if super::mention::is_constant(backend, fragment))
    }

    pub(super) fn is_computed(&self) -> bool {
        matches!(self.expression, ColumnExpression::Computed(_))
    }
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) relation: Relation,
    pub(super) alias: Option<String>,
    /// The columns on which it is joined to the sources before it.
    pub(super) using: Vec<String>,
    /// True when rows before it stay that have no match in it.
    pub(super) is_optional: bool,
}

#[derive(Debug, Clone)]
pub(super) enum Relation {
    Table(Arc<Table>),
    Query(Box<Query>),
    /// The rows of both.
    Union {
        queries: Box<[Query; 2]>,
        may_share_rows: bool,
    },
}

impl Source {
    /// True when it has a column of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        match &self.relation {
            Relation::Table(table) => table.heading.get(name).is_some(),
            Relation::Query(query) => query.column(name).is_some(),
            Relation::Union { queries, .. } => queries[0].column(name).is_some(),
        }
    }

    /// The names of its columns.
    pub(super) fn names(&self) -> Vec<&str> {
        match &self.relation {
            Relation::Table(table) => {
                table.heading.all().iter().map(|attribute| attribute.name.as_str()).collect()
            }
            Relation::Query(query) => query.attributes().map(|attribute| attribute.name.as_str()).collect(),
            Relation::Union { queries, .. } => {
                queries[0].attributes().map(|attribute| attribute.name.as_str()).collect()
            }
        }
    }

    /// What to write before the name of a column.
    pub(super) fn qualifier(&self, backend: Backend) -> String {
        match (&self.alias, &self.relation) {
            (Some(alias), _) => dialect(backend).identifier(alias),
            (None, Relation::Table(table)) => dialect(backend).table(&table.name),
            (None, Relation::Query(_) | Relation::Union { .. }) => String::new(),
        }
    }
}

/// One part of the order of the rows.
#[derive(Debug, Clone)]
pub(super) struct Ordered {
    pub(super) by: OrderBy,
    pub(super) descending: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum OrderBy {
    /// A column of the result.
    Column(String),
    /// What no column of the result shows.
    Expression { sql: Fragment, may_be_null: bool },
}

impl Query {
    /// All rows of a table, with its visible attributes.
    pub(crate) fn table(table: &Arc<Table>) -> Self {
        let columns = table.heading.visible_shared().map(|attribute| Column {
            attribute: attribute.clone(),
            expression: ColumnExpression::Name(attribute.name.clone()),
            table: Some(Arc::clone(table)),
        });
        Self {
            columns: columns.collect(),
            sources: vec![Source {
                relation: Relation::Table(Arc::clone(table)),
                alias: None,
                using: Vec::new(),
                is_optional: false,
            }],
            conditions: Vec::new(),
            group: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
            is_distinct: false,
            names_sources: false,
        }
    }

    /// The same rows and columns, from this query as a subquery.
    pub(crate) fn wrap(self, lower: &mut Lower) -> Self {
        let columns = self.columns.clone();
        Self::of_relation(lower, Relation::Query(Box::new(self.without_order_unless_cut())), &columns)
    }

    /// What a subquery with these columns gives.
    pub(super) fn of_relation(lower: &mut Lower, relation: Relation, columns: &[Column]) -> Self {
        let columns = columns.iter().map(|column| Column {
            attribute: column.attribute.clone(),
            expression: ColumnExpression::Name(column.attribute.name.clone()),
            table: column.table.clone(),
        });
        let columns: Vec<Column> = columns.collect();
        Self {
            sources: vec![Source {
                relation,
                alias: Some(lower.alias()),
                using: Vec::new(),
                is_optional: false,
            }],
            columns,
            conditions: Vec::new(),
            group: None,
            order: Vec::new(),
            limit: None,
            offset: 0,
            is_distinct: false,
            names_sources: false,
        }
    }

    /// True when it is all rows of its sources that meet its conditions, so that more may be added.
    pub(crate) fn is_flat(&self) -> bool {
        !self.is_cut() && !self.is_distinct && self.group.is_none()
    }

    /// True when its order decides which rows are in it.
    pub(crate) fn is_cut(&self) -> bool {
        self.limit.is_some() || self.offset > 0
    }

    /// True when its sources' rows make one row at most.
    pub(crate) fn is_one_group(&self) -> bool {
        self.group.as_ref().is_some_and(|group| group.by.is_empty())
    }

    /// True when the values of some column come from a source where there may be no match.
    pub(super) fn has_optional_source(&self) -> bool {
        self.sources.iter().any(|source| source.is_optional)
    }

    pub(crate) fn without_order(mut self) -> Self {
        self.order.clear();
        self
    }

    /// Without its order, unless that decides which rows are in it.
    pub(crate) fn without_order_unless_cut(self) -> Self {
        if self.is_cut() { self } else { self.without_order() }
    }

    /// The same rows, or fewer of the same, for the question whether there are any.
    pub(crate) fn into_existing(self, lower: &mut Lower) -> Self {
        let query = self.without_order_unless_cut();
        // SQLite leaves DISTINCT away within EXISTS, and MariaDB groups, also where there is an OFFSET.
        let is_made = query.is_distinct || query.group.is_some();
        if is_made && query.is_cut() { query.wrap(lower) } else { query }
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = &Shared> {
        self.columns.iter().map(|column| &column.attribute)
    }

    /// The table of each column, where it comes from one.
    pub(super) fn tables(&self) -> impl Iterator<Item = &Option<Arc<Table>>> {
        self.columns.iter().map(|column| &column.table)
    }

    /// True when it is ordered by a computed or renamed column that is none of these.
    pub(super) fn is_ordered_by_others(&self, names: &[&str]) -> bool {
        self.order.iter().any(|ordered| match &ordered.by {
            OrderBy::Column(name) => {
                !names.contains(&name.as_str()) && self.column(name).is_some_and(|column| !column.is_plain())
            }
            OrderBy::Expression { .. } => false,
        })
    }

    /// True when it is ordered by a column that is none of these.
    pub(crate) fn is_ordered_beyond(&self, names: &[String]) -> bool {
        self.order.iter().any(|ordered| match &ordered.by {
            OrderBy::Column(name) => !names.contains(name),
            OrderBy::Expression { .. } => false,
        })
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.attribute.name == name)
    }

    /// The column of this name, also one that the table whose rows these are has and users don't see.
    pub(super) fn column_or_hidden(&self, name: &str) -> Option<Column> {
        self.column(name).cloned().or_else(|| {
            let [Source { relation: Relation::Table(table), .. }] = &self.sources[..] else { return None };
            let mut hidden = table.heading.all().iter().filter(|attribute| attribute.is_hidden());
            hidden.find(|attribute| self.is_flat() && attribute.name == name).map(|attribute| Column {
                attribute: Arc::clone(attribute),
                expression: ColumnExpression::Name(name.to_owned()),
                table: Some(Arc::clone(table)),
            })
        })
    }

    /// True when some source has a column of this name.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.sources.iter().any(|source| source.has(name))
    }

    /// The same with the name of its source, for places where another column could be meant.
    pub(super) fn qualified(&self, backend: Backend, column: &Column) -> Fragment {
        let ColumnExpression::Name(name) = &column.expression else {
            return column.sql(backend);
        };
        let quoted = dialect(backend).identifier(name);
        match self.sources.iter().find(|source| source.has(name)) {
            Some(source) => Fragment::text(format!("{}.{quoted}", source.qualifier(backend))),
            None => Fragment::text(quoted),
        }
    }

    /// True when it has a column that is computed, also by way of a subquery.
    pub(super) fn has_computed(&self) -> bool {
        self.columns.iter().any(Column::is_computed)
            || self.sources.iter().any(|source| match &source.relation {
                Relation::Table(_) => false,
                Relation::Query(query) => query.has_computed(),
                Relation::Union { queries, .. } => queries.iter().any(Self::has_computed),
            })
    }

    /// True when a text computes with a column that only a subquery has under its name.
    pub(super) fn is_derived_in(&self, backend: Backend, text: &str) -> bool {
        let derived = self.columns.iter().filter(|column| !column.is_plain());
        super::mention::mentions(backend, text, derived.map(|column| column.attribute.name.as_str()))
    }

    /// True when a table stands anywhere in it.
    pub(super) fn reads(&self, table: &TableName) -> bool {
        self.sources.iter().any(|source| match &source.relation {
            Relation::Table(read) => read.name == *table,
            Relation::Query(query) => query.reads(table),
            Relation::Union { queries, .. } => queries.iter().any(|query| query.reads(table)),
        })
    }
}
