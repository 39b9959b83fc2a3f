use datajoint_definition::Backend;

use super::Query;
use super::query::{Group, OrderBy, Relation, Source};
use crate::backends::dialect;
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
    // A query may have no attribute that is seen; without an aggregate one group would be all its rows.
    let nothing = || {
        let max = dialect.called("max");
        if query.is_one_group() { format!("coalesce({max}(1), 1)") } else { "1".to_owned() }
    };
    let columns = if query.columns.is_empty() { Fragment::text(nothing()) } else { columns };
    finish(backend, columns, query)
}

/// The query with other columns than its own, when only its rows count.
pub(super) fn with_columns(backend: Backend, columns: &str, query: Query) -> Fragment {
    if query.is_one_group() || query.is_distinct {
        // Without its columns it would have other rows.
        return select(backend, query);
    }
    // Which rows are cut off makes no difference to how many are left.
    let query = query.without_order();
    finish(backend, Fragment::text(columns), query)
}

/// The query with these columns.
pub(crate) fn finish(backend: Backend, columns: Fragment, query: Query) -> Fragment {
    let ranks: Vec<Option<Fragment>> =
        query.order.iter().map(|ordered| query.rank_of(backend, &ordered.by)).collect();
    let mut sql = Fragment::text(if query.is_distinct { "SELECT DISTINCT " } else { "SELECT " });
    sql.append(columns);
    sql.push(" FROM ");
    for (place, source) in query.sources.into_iter().enumerate() {
        append_source(backend, &mut sql, source, place == 0);
    }
    append_conditions(backend, &mut sql, query.conditions);
    let before_order = if query.group.is_some() { dialect(backend).before_order_of_groups() } else { "" };
    if let Some(Group { by, needs_rows }) = query.group {
        if !by.is_empty() {
            sql.push(" GROUP BY ");
            sql.append(Fragment::join(by, ", "));
        } else if needs_rows {
            sql.push(&format!(" HAVING {}(*) > 0", dialect(backend).called("count")));
        }
    }
    for (place, (ordered, rank)) in query.order.into_iter().zip(ranks).enumerate() {
        sql.push(if place == 0 { " ORDER BY " } else { ", " });
        sql.push(before_order);
        let may_be_null = match ordered.by {
            OrderBy::Column(name) => {
                sql.append(rank.unwrap_or_else(|| Fragment::text(dialect(backend).identifier(&name))));
                query.columns.iter().any(|column| column.attribute.name == name && column.attribute.nullable)
            }
            OrderBy::Expression { sql: expression, may_be_null } => {
                sql.append(expression);
                may_be_null
            }
        };
        if ordered.descending {
            sql.push(" DESC");
        }
        if may_be_null {
            sql.push(dialect(backend).nulls(ordered.descending));
        }
    }
    sql.push(&dialect(backend).limit(query.limit, query.offset));
    sql
}

/// ` WHERE …`, when there are conditions.
pub(crate) fn append_conditions(backend: Backend, sql: &mut Fragment, conditions: Vec<Fragment>) {
    if !conditions.is_empty() {
        sql.push(" WHERE ");
        sql.append(Fragment::balanced(backend, conditions, " AND "));
    }
}

fn append_source(backend: Backend, sql: &mut Fragment, source: Source, is_first: bool) {
    let dialect = dialect(backend);
    if !is_first {
        sql.push(match (source.is_optional, source.using.is_empty()) {
            (true, _) => " LEFT JOIN ",
            (false, true) => " CROSS JOIN ",
            (false, false) => " JOIN ",
        });
    }
    match source.relation {
        Relation::Table(table) => sql.push(&dialect.table(&table.name)),
        Relation::Query(query) => sql.append(select(backend, *query).parenthesised()),
        Relation::Union { queries, may_share_rows } => {
            let word = if may_share_rows { " UNION " } else { " UNION ALL " };
            let parts = queries.into_iter().map(|query| select(backend, query));
            sql.append(Fragment::join(parts, word).parenthesised());
        }
    }
    if let Some(alias) = source.alias {
        sql.push(" AS ");
        sql.push(&dialect.identifier(&alias));
    }
    if !is_first && !source.using.is_empty() {
        let names: Vec<String> = source.using.iter().map(|name| dialect.identifier(name)).collect();
        sql.push(&format!(" USING ({})", names.join(", ")));
    } else if source.is_optional {
        sql.push(" ON TRUE");
    }
}
