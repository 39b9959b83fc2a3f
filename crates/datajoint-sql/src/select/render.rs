use datajoint_definition::Backend;

use super::Query;
use super::query::{OrderBy, Relation, Source};
use crate::dialect::dialect;
use crate::fragment::Fragment;

/// The query with its columns.
pub(super) fn select(backend: Backend, query: Query) -> Fragment {
    let dialect = dialect(backend);
    let columns = query.columns.iter().map(|column| {
        let mut sql = column.sql(backend);
        if !column.is_plain() {
            sql.push(" AS ");
            sql.push(&dialect.identifier(&column.attribute.name));
        }
        sql
    });
    let columns = Fragment::join(columns, ", ");
    // A table may have no attribute that is seen.
    let columns = if query.columns.is_empty() { Fragment::text("1") } else { columns };
    finish(backend, columns, query)
}

/// The query with other columns than its own.
pub(super) fn with_columns(backend: Backend, columns: &str, query: Query) -> Fragment {
    finish(backend, Fragment::text(columns), query)
}

/// The query with these columns.
pub(crate) fn finish(backend: Backend, columns: Fragment, query: Query) -> Fragment {
    let mut sql = Fragment::text(if query.is_distinct { "SELECT DISTINCT " } else { "SELECT " });
    sql.append(columns);
    sql.push(" FROM ");
    for (place, source) in query.sources.into_iter().enumerate() {
        append_source(backend, &mut sql, source, place == 0);
    }
    append_conditions(&mut sql, query.conditions);
    for (place, ordered) in query.order.into_iter().enumerate() {
        sql.push(if place == 0 { " ORDER BY " } else { ", " });
        match ordered.by {
            OrderBy::Column(name) => sql.push(&dialect(backend).identifier(&name)),
            OrderBy::Expression(expression) => sql.append(expression),
        }
        if ordered.descending {
            sql.push(" DESC");
        }
    }
    sql.push(&dialect(backend).limit(query.limit, query.offset));
    sql
}

/// ` WHERE …`, when there are conditions.
pub(crate) fn append_conditions(sql: &mut Fragment, conditions: Vec<Fragment>) {
    if !conditions.is_empty() {
        sql.push(" WHERE ");
        sql.append(Fragment::join(conditions, " AND "));
    }
}

fn append_source(backend: Backend, sql: &mut Fragment, source: Source, is_first: bool) {
    let dialect = dialect(backend);
    if !is_first {
        sql.push(if source.using.is_empty() { " CROSS JOIN " } else { " JOIN " });
    }
    match source.relation {
        Relation::Table(table) => sql.push(&dialect.table(&table.name)),
        Relation::Query(query) => sql.append(select(backend, *query).parenthesised()),
    }
    if let Some(alias) = source.alias {
        sql.push(" AS ");
        sql.push(&dialect.identifier(&alias));
    }
    if !is_first && !source.using.is_empty() {
        let names: Vec<String> = source.using.iter().map(|name| dialect.identifier(name)).collect();
        sql.push(&format!(" USING ({})", names.join(", ")));
    }
}
