use datajoint_definition::{AttributeType, CoreType, DefaultValue};

use crate::Value;
use crate::catalog::{Found, function};
use crate::fragment::Fragment;

/// The tables of the wanted schemas, as `t.schema`, `t.name` and `t.full_name`. Names of tables have no dots.
fn tables(list: &Fragment) -> Fragment {
    let mut sql = Fragment::text(
        "(SELECT s.\"schema_name\" AS \"schema\", substr(m.name, length(s.\"schema_name\") + 2) AS \"name\", \
         m.name AS \"full_name\" FROM \"~schema\" AS s JOIN sqlite_schema AS m \
         ON m.type = 'table' AND substr(m.name, 1, length(s.\"schema_name\") + 1) = s.\"schema_name\" || '.' \
         AND instr(substr(m.name, length(s.\"schema_name\") + 2), '.') = 0 WHERE s.\"schema_name\" IN ",
    );
    sql.append(list.clone());
    sql.push(") AS t");
    sql
}

pub(super) fn columns_query(list: &Fragment) -> Fragment {
    let mut sql = Fragment::text(
        "SELECT t.\"schema\", t.\"name\", w.\"comment\", p.name, p.type, \
         CASE p.\"notnull\" WHEN 0 THEN 'YES' ELSE 'NO' END, p.dflt_value, c.\"comment\", NULL FROM ",
    );
    sql.append(tables(list));
    sql.push(
        " JOIN pragma_table_info(t.\"full_name\") AS p \
         LEFT JOIN \"~comment\" AS w ON w.\"table_name\" = t.\"full_name\" AND w.\"column_name\" = '' \
         LEFT JOIN \"~comment\" AS c ON c.\"table_name\" = t.\"full_name\" AND c.\"column_name\" = p.name \
         ORDER BY t.\"schema\", t.\"name\", p.cid",
    );
    sql
}

pub(super) fn keys_query(list: &Fragment) -> Fragment {
    let mut sql = Fragment::text(
        "SELECT 'primary', t.\"schema\", t.\"name\", 'primary', p.pk, p.name, NULL, NULL, NULL, NULL, 0 FROM ",
    );
    sql.append(tables(list));
    sql.push(
        " JOIN pragma_table_info(t.\"full_name\") AS p ON p.pk > 0 UNION ALL \
         SELECT 'foreign', t.\"schema\", t.\"name\", CAST(f.id AS TEXT), f.seq, f.\"from\", NULL, NULL, f.\"table\", \
         f.\"to\", -f.id FROM ",
    );
    sql.append(tables(list));
    sql.push(
        " JOIN pragma_foreign_key_list(t.\"full_name\") AS f UNION ALL \
         SELECT CASE l.\"unique\" WHEN 1 THEN 'unique' ELSE 'index' END, t.\"schema\", t.\"name\", l.name, x.seqno, \
         x.name, CASE WHEN x.cid < 0 THEN '(expression)' WHEN x.\"desc\" THEN x.name || ' desc' END, \
         NULL, NULL, NULL, -l.seq FROM ",
    );
    sql.append(tables(list));
    sql.push(
        " JOIN pragma_index_list(t.\"full_name\") AS l ON l.origin = 'c' \
         JOIN pragma_index_xinfo(l.name) AS x ON x.key ORDER BY 2, 3, 11, 5",
    );
    sql
}

pub(super) fn referencing_query(list: &Fragment) -> Fragment {
    let all = Fragment::text("(SELECT \"schema_name\" FROM \"~schema\")");
    let mut sql = Fragment::text("SELECT DISTINCT t.\"schema\" FROM ");
    sql.append(tables(&all));
    sql.push(" JOIN pragma_foreign_key_list(t.\"full_name\") AS f JOIN ");
    let mut parents = tables(list);
    parents.push("_parent ON t_parent.\"full_name\" = f.\"table\" WHERE t.\"schema\" NOT IN ");
    sql.append(parents);
    sql.append(list.clone());
    sql.push(" ORDER BY 1");
    sql
}

pub(super) fn tables_query(schema: &str) -> Fragment {
    let mut list = Fragment::text("(");
    list.push_value(Value::Text(schema.to_owned()));
    list.push(")");
    let mut sql = Fragment::text("SELECT t.\"name\" FROM ");
    sql.append(tables(&list));
    sql.push(" WHERE t.\"name\" NOT LIKE '~%' ORDER BY t.\"name\"");
    sql
}

/// The type of a column whose comment is lost.
pub(super) fn found_type(kind: &str) -> Found {
    Found::parse(match kind {
        "INT" | "INTEGER" => "int64",
        "REAL" => "float64",
        "BLOB" => "bytes",
        _ => "text",
    })
}

pub(super) fn found_default(text: &str, attribute_type: &AttributeType) -> DefaultValue {
    if !text.starts_with('\'') && text.contains("'now'") {
        let precision = match attribute_type {
            AttributeType::Core(CoreType::DateTime { precision: Some(precision) }) => {
                format!("({precision})")
            }
            _ => String::new(),
        };
        return DefaultValue::CurrentTimestamp(format!("CURRENT_TIMESTAMP{precision}"));
    }
    function(text)
}
