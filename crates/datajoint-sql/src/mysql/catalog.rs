use std::borrow::Cow;

use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue};

use super::Mysql;
use crate::Value;
use crate::catalog::ReferredChange;
use crate::catalog::default::{function, now};
use crate::catalog::marker::Found;
use crate::catalog::scope::Scope;
use crate::dialect::Catalog;
use crate::fragment::Fragment;

impl Catalog for Mysql {
    /// The tables are read apart: joined as they are, MariaDB would look for each column's table in all schemas.
    fn columns_query(&self, scope: Scope<'_>) -> Fragment {
        let mut sql = with(
            [
                "SELECT c.table_schema, c.table_name, t.table_comment, c.column_name, CAST(c.column_type AS CHAR), \
                 c.is_nullable, CAST(c.column_default AS CHAR), c.column_comment, NULL \
                 FROM information_schema.columns c \
                 JOIN (SELECT DISTINCT table_schema, table_name, table_comment FROM information_schema.tables \
                 WHERE ",
                " AND table_type = 'BASE TABLE') t ON t.table_schema = c.table_schema AND t.table_name = c.table_name \
                 WHERE ",
            ],
            &scope.of("table_schema", "table_name"),
        );
        sql.append(scope.of("c.table_schema", "c.table_name"));
        sql.push(" ORDER BY c.table_schema, c.table_name, c.ordinal_position");
        sql
    }

    fn keys_query(&self, scope: Scope<'_>) -> Fragment {
        let own = scope.of("table_schema", "table_name");
        let mut sql = with(
            [
                "SELECT 'foreign', table_schema, table_name, constraint_name, CAST(ordinal_position AS SIGNED), column_name, NULL, \
                 referenced_table_schema, referenced_table_name, referenced_column_name, CAST(length(constraint_name) AS SIGNED) \
                 FROM information_schema.key_column_usage WHERE ",
                " AND referenced_table_name IS NOT NULL UNION ALL ",
            ],
            &own,
        );
        // MariaDB has no indexes on expressions, and no column for them. MySQL escapes quotes and backslashes in it.
        let expression = if self.backend.capability().has_expression_indexes {
            "concat('(', replace(replace(CAST(expression AS CHAR), CHAR(92, 39 USING utf8mb4), CHAR(39 USING utf8mb4)), \
             CHAR(92, 92 USING utf8mb4), CHAR(92 USING utf8mb4)), ')')"
        } else {
            "NULL"
        };
        sql.append(with(
            [
                &format!(
                    "SELECT CASE WHEN index_name = 'PRIMARY' THEN 'primary' WHEN non_unique = 0 THEN 'unique' \
                     ELSE 'index' END, table_schema, table_name, index_name, CAST(seq_in_index AS SIGNED), column_name, \
                     CASE WHEN sub_part IS NOT NULL THEN concat(column_name, '(', sub_part, ')', CASE WHEN collation = 'D' THEN ' desc' ELSE '' END) \
                     WHEN collation = 'D' THEN concat(column_name, ' desc') ELSE {expression} END, \
                     NULL, NULL, NULL, CAST(0 AS SIGNED) FROM information_schema.statistics WHERE "
                ),
                " ORDER BY 2, 3, 1, 11, 4, 5",
            ],
            &own,
        ));
        sql
    }

    fn referencing_query(&self, list: &Fragment) -> Fragment {
        let mut sql = with(
            [
                "SELECT DISTINCT table_schema FROM information_schema.key_column_usage \
                 WHERE referenced_table_schema IN ",
                " AND table_schema NOT IN ",
            ],
            list,
        );
        sql.append(list.clone());
        sql.push(" ORDER BY table_schema");
        sql
    }

    /// InnoDB takes `SET DEFAULT` for no action.
    fn carrying_query(&self, change: ReferredChange, parents: Scope<'_>) -> Fragment {
        let rule = match change {
            ReferredChange::Delete => "r.delete_rule",
            ReferredChange::Update => "r.update_rule",
        };
        let mut sql = Fragment::text(format!(
            "SELECT k.table_schema, k.table_name, k.constraint_name, CAST(k.ordinal_position AS SIGNED), k.column_name, \
             k.referenced_table_schema, k.referenced_table_name, k.referenced_column_name, {rule} \
             FROM information_schema.referential_constraints r JOIN information_schema.key_column_usage k \
             ON k.constraint_schema = r.constraint_schema AND k.constraint_name = r.constraint_name \
             AND k.table_name = r.table_name WHERE {rule} IN ('CASCADE', 'SET NULL') AND "
        ));
        sql.append(parents.of("r.unique_constraint_schema", "r.referenced_table_name"));
        sql.push(" ORDER BY 1, 2, 3, 4");
        sql
    }

    fn tables_query(&self, schema: &str) -> Fragment {
        let mut sql =
            Fragment::text("SELECT table_name FROM information_schema.tables WHERE table_schema = ");
        sql.push_value(Value::Text(schema.to_owned()));
        sql.push(" AND table_type = 'BASE TABLE' AND table_name NOT LIKE '~%' ORDER BY table_name");
        sql
    }

    /// The type of a column without a marker; one that a foreign key brought in has the core type for it.
    fn found_type(&self, kind: &str, _: Option<&str>, inherited: bool) -> Found {
        let word = kind.split(['(', ' ']).next().unwrap_or_default();
        let is_number = word.ends_with("int") || matches!(word, "float" | "double");
        let rest = kind[word.len()..].trim_start();
        let width = rest.strip_prefix('(').and_then(|rest| rest.split_once(')'));
        // Display widths say nothing of the values.
        let kind = match width {
            Some((_, after)) if is_number => format!("{word}{after}"),
            _ => kind.to_owned(),
        };
        let core = match kind.as_str() {
            "tinyint" => "int8",
            "smallint" => "int16",
            "int" => "int32",
            "bigint" => "int64",
            "float" => "float32",
            "double" => "float64",
            "binary(16)" => "uuid",
            "longblob" => "bytes",
            other => other,
        };
        Found::parse(if inherited { core } else { &kind })
    }

    /// MySQL gives the bare value, MariaDB an expression.
    fn found_default(&self, text: &str, _: &AttributeType) -> DefaultValue {
        if let Some(now) = now(text) {
            return now;
        }
        if let Some(number) = cast(text) {
            return DefaultValue::Value(number.to_owned());
        }
        if self.backend == Backend::Mariadb {
            return match function(text) {
                DefaultValue::Value(value) => DefaultValue::Value(value.replace("\\\\", "\\")),
                other => other,
            };
        }
        // The default of a JSON column, with the character set of whoever declared it: `_utf8mb4\'{}\'`.
        let quoted = text.strip_prefix('_').and_then(|text| text.split_once("\\'"));
        match quoted.and_then(|(_, text)| text.strip_suffix("\\'")) {
            Some(literal) => DefaultValue::Value(literal.to_owned()),
            None => DefaultValue::Value(text.to_owned()),
        }
    }

    /// MySQL gives each byte of a letter that is no ASCII as a letter of its own, the one with its number.
    fn found_expression<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let bytes: Option<Vec<u8>> = text.chars().map(|letter| u8::try_from(letter).ok()).collect();
        bytes.and_then(|bytes| String::from_utf8(bytes).ok()).map_or(Cow::Borrowed(text), Cow::Owned)
    }

    fn marks_inherited(&self, marked: &Found) -> bool {
        marked.attribute_type == AttributeType::Core(CoreType::Uuid)
    }
}

fn with(parts: [&str; 2], list: &Fragment) -> Fragment {
    let mut sql = Fragment::text(parts[0]);
    sql.append(list.clone());
    sql.push(parts[1]);
    sql
}

/// The number of `(cast('0.1' as double))`, which MySQL gives back as `cast(_utf8mb4\'0.1\' as double)`.
fn cast(text: &str) -> Option<&str> {
    let bare = text.trim_start_matches('(').trim_end_matches(')');
    let (_, literal) = bare.strip_prefix("cast(")?.strip_suffix(" as double")?.split_once('\'')?;
    Some(literal.strip_suffix('\'')?.trim_end_matches('\\'))
}
