use std::collections::HashSet;
use std::sync::Arc;

use datajoint_definition::Backend;
use datajoint_schema::{Attribute, Table, TableName};

use super::Lower;
use crate::dialect::dialect;
use crate::fragment::Fragment;

/// The normal form of a query.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(super) columns: Vec<Column>,
    pub(super) sources: Vec<Source>,
    /// All hold.
    pub(crate) conditions: Vec<Fragment>,
    pub(super) order: Vec<Ordered>,
    pub(super) limit: Option<u64>,
    pub(super) offset: u64,
    /// True when equal rows count once.
    pub(super) is_distinct: bool,
    /// True when a condition names a source, which must then keep its name.
    pub(super) names_sources: bool,
}

/// A column of the result.
#[derive(Debug, Clone)]
pub(super) struct Column {
    pub(super) attribute: Attribute,
    pub(super) expression: ColumnExpression,
    /// The table it comes from, where it comes from one.
    pub(super) table: Option<TableName>,
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
    /// All its columns.
    pub(super) names: HashSet<String>,
}

#[derive(Debug, Clone)]
pub(super) enum Relation {
    Table(Arc<Table>),
    Query(Box<Query>),
}

impl Source {
    /// What to write before the name of a column.
    pub(super) fn qualifier(&self, backend: Backend) -> String {
        match (&self.alias, &self.relation) {
            (Some(alias), _) => dialect(backend).identifier(alias),
            (None, Relation::Table(table)) => dialect(backend).table(&table.name),
            (None, Relation::Query(_)) => String::new(),
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
    Expression(Fragment),
}

impl Query {
    /// All rows of a table, with its visible attributes.
    pub(crate) fn table(table: &Arc<Table>) -> Self {
        let columns = table.heading.visible().map(|attribute| Column {
            attribute: attribute.clone(),
            expression: ColumnExpression::Name(attribute.name.clone()),
            table: Some(table.name.clone()),
        });
        Self {
            columns: columns.collect(),
            sources: vec![Source {
                relation: Relation::Table(Arc::clone(table)),
                alias: None,
                using: Vec::new(),
                names: table.heading.all().iter().map(|attribute| attribute.name.clone()).collect(),
            }],
            conditions: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: 0,
            is_distinct: false,
            names_sources: false,
        }
    }

    /// The same rows and columns, from this query as a subquery.
    pub(crate) fn wrap(self, lower: &mut Lower) -> Self {
        let columns = self.columns.iter().map(|column| Column {
            attribute: column.attribute.clone(),
            expression: ColumnExpression::Name(column.attribute.name.clone()),
            table: column.table.clone(),
        });
        let columns: Vec<Column> = columns.collect();
        Self {
            sources: vec![Source {
                names: columns.iter().map(|column| column.attribute.name.clone()).collect(),
                relation: Relation::Query(Box::new(self.without_order_unless_cut())),
                alias: Some(lower.alias()),
                using: Vec::new(),
            }],
            columns,
            conditions: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: 0,
            is_distinct: false,
            names_sources: false,
        }
    }

    /// True when it is all rows of its sources that meet its conditions, so that more may be added.
    pub(crate) fn is_flat(&self) -> bool {
        self.limit.is_none() && self.offset == 0 && !self.is_distinct
    }

    pub(crate) fn without_order(mut self) -> Self {
        self.order.clear();
        self
    }

    /// Without its order, unless that decides which rows are in it.
    pub(crate) fn without_order_unless_cut(self) -> Self {
        if self.is_flat() { self.without_order() } else { self }
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.columns.iter().map(|column| &column.attribute)
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.attribute.name == name)
    }

    /// True when some source has a column of this name.
    pub(super) fn has_name(&self, name: &str) -> bool {
        self.sources.iter().any(|source| source.names.contains(name))
    }

    /// The same with the name of its source, for places where another column could be meant.
    pub(super) fn qualified(&self, backend: Backend, column: &Column) -> Fragment {
        let ColumnExpression::Name(name) = &column.expression else {
            return column.sql(backend);
        };
        let quoted = dialect(backend).identifier(name);
        match self.sources.iter().find(|source| source.names.contains(name)) {
            Some(source) => Fragment::text(format!("{}.{quoted}", source.qualifier(backend))),
            None => Fragment::text(quoted),
        }
    }

    /// True when a table stands anywhere in it.
    pub(super) fn reads(&self, table: &TableName) -> bool {
        self.sources.iter().any(|source| match &source.relation {
            Relation::Table(read) => read.name == *table,
            Relation::Query(query) => query.reads(table),
        })
    }
}
