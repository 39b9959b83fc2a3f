use std::borrow::Cow;

use datajoint_definition::{AttributeType, Backend, CoreType, DefaultValue};

use super::Mysql;
use crate::Value;
use crate::catalog::ReferredChange;
use crate::catalog::default::{Literal, SaidDefault, literal_of, meant, now};
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
                 c.is_nullable, CASE WHEN c.extra LIKE '%STORED GENERATED%' OR c.extra LIKE '%VIRTUAL GENERATED%' \
                 THEN CAST(c.generation_expression AS CHAR) ELSE CAST(c.column_default AS CHAR) END, c.column_comment, NULL, \
                 CASE WHEN c.extra LIKE '%STORED GENERATED%' OR c.extra LIKE '%VIRTUAL GENERATED%' THEN 'generated' \
                 WHEN c.extra LIKE '%auto_increment%' THEN 'counter' WHEN c.extra LIKE '%on update%' THEN 'on update' \
                 WHEN c.extra LIKE '%DEFAULT_GENERATED%' THEN 'expression' END \
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
                 referenced_table_schema, referenced_table_name, referenced_column_name, CAST(length(constraint_name) AS SIGNED), NULL, NULL \
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
        let hidden = if self.backend == Backend::Mariadb { "ignored = 'YES'" } else { "is_visible = 'NO'" };
        sql.append(with(
            [
                &format!(
                    "SELECT CASE WHEN index_name = 'PRIMARY' THEN 'primary' WHEN non_unique = 0 THEN 'unique' \
                     ELSE 'index' END, table_schema, table_name, index_name, CAST(seq_in_index AS SIGNED), column_name, \
                     CASE WHEN sub_part IS NOT NULL THEN concat(column_name, '(', sub_part, ')', CASE WHEN collation = 'D' THEN ' desc' ELSE '' END) \
                     WHEN collation = 'D' THEN concat(column_name, ' desc') ELSE {expression} END, \
                     NULL, NULL, NULL, CAST(0 AS SIGNED), \
                     CASE WHEN index_type <> 'BTREE' THEN 'method' WHEN {hidden} THEN 'hidden' \
                     WHEN index_name = 'PRIMARY' AND sub_part IS NOT NULL THEN 'beginnings' END, \
                     CASE WHEN index_type <> 'BTREE' THEN index_type END FROM information_schema.statistics WHERE "
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

    fn counting(&self, type_text: &str) -> Option<String> {
        Some(format!("{type_text} auto_increment"))
    }

    /// MySQL gives the bare value, or an expression that it says to be one; MariaDB gives an expression always.
    fn found_default(&self, said: SaidDefault<'_>) -> Option<DefaultValue> {
        let is_literal = self.backend == Backend::Mysql && !said.is_expression;
        if let Some(now) = now(said.text).filter(|_| !is_literal || said.is_moment()) {
            return Some(now);
        }
        if is_literal {
            return Some(DefaultValue::Value(said.text.to_owned()));
        }
        if let Some(number) = cast(said.text) {
            return Some(DefaultValue::Value(number.to_owned()));
        }
        // MySQL escapes the whole of an expression once more, and writes the character set of whoever declared it.
        let expression;
        let text = if self.backend == Backend::Mysql {
            expression = unescaped(said.text);
            match expression.split_once('\'').filter(|(set, _)| set.starts_with('_')) {
                Some((set, _)) => &expression[set.len()..],
                None => expression.as_str(),
            }
        } else {
            said.text
        };
        match literal_of(text, true)? {
            (Literal::Bytes(_), _) | (_, Some(_)) => None,
            (found, None) => Some(found.into_default()),
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

/// Without the backslashes that take the meaning from what follows them.
fn unescaped(text: &str) -> String {
    let mut letters = text.chars();
    let mut found = String::with_capacity(text.len());
    while let Some(letter) = letters.next() {
        found.push(match letter {
            '\\' => letters.next().map_or('\\', meant),
            letter => letter,
        });
    }
    found
}

/// The number of `(cast('0.1' as double))`, which MySQL gives back as `cast(_utf8mb4\'0.1\' as double)`.
fn cast(text: &str) -> Option<&str> {
    let bare = text.trim_start_matches('(').trim_end_matches(')');
    let (set, literal) = bare.strip_prefix("cast(")?.strip_suffix(" as double")?.split_once('\'')?;
    let number = literal.strip_suffix('\'')?.trim_end_matches('\\');
    let is_set = set.is_empty() || set.starts_with('_');
    (is_set && number.parse::<f64>().is_ok()).then_some(number)
}
