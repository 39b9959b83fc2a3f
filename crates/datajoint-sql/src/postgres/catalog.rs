use datajoint_definition::{AttributeType, CoreType, DefaultValue};

use super::Postgres;
use crate::Value;
use crate::catalog::ReferredChange;
use crate::catalog::default::function;
use crate::catalog::marker::Found;
use crate::catalog::scope::Scope;
use crate::dialect::Catalog;
use crate::fragment::Fragment;
use crate::literal::literal;

impl Catalog for Postgres {
    fn columns_query(&self, scope: Scope<'_>) -> Fragment {
        with(
            [
                "SELECT n.nspname::text, c.relname::text, pg_catalog.obj_description(c.oid, 'pg_class'), a.attname::text, \
                 coalesce((SELECT pg_catalog.format('\"%s\".\"%s\"', pg_catalog.replace(tn.nspname, '\"', '\"\"'), \
                 pg_catalog.replace(t.typname, '\"', '\"\"')) FROM pg_type t JOIN pg_namespace tn ON tn.oid = t.typnamespace \
                 WHERE t.oid = a.atttypid AND t.typtype = 'e'), \
                 pg_catalog.format_type(a.atttypid, a.atttypmod)), CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END, \
                 pg_catalog.pg_get_expr(d.adbin, d.adrelid), pg_catalog.col_description(c.oid, a.attnum), \
                 (SELECT pg_catalog.jsonb_agg(e.enumlabel ORDER BY e.enumsortorder)::text FROM pg_enum e \
                 WHERE e.enumtypid = a.atttypid) \
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
                 LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
                 WHERE c.relkind IN ('r', 'p') AND ",
                " ORDER BY n.nspname, c.relname, a.attnum",
            ],
            &own(scope),
        )
    }

    fn keys_query(&self, scope: Scope<'_>) -> Fragment {
        let mut sql = with(
            [
                "SELECT 'foreign', n.nspname::text, c.relname::text, k.conname::text, u.place::bigint, \
                 a.attname::text, NULL::text, pn.nspname::text, p.relname::text, pa.attname::text, k.oid::bigint \
                 FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
                 JOIN pg_namespace n ON n.oid = c.relnamespace \
                 JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace \
                 CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) \
                 WITH ORDINALITY AS u (child, parent, place) \
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.child \
                 JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = u.parent \
                 WHERE k.contype = 'f' AND ",
                " UNION ALL ",
            ],
            &own(scope),
        );
        sql.append(with(
            [
                "SELECT CASE WHEN i.indisprimary THEN 'primary' WHEN i.indisunique THEN 'unique' ELSE 'index' END, \
                 n.nspname::text, c.relname::text, ic.relname::text, u.place, a.attname::text, \
                 CASE WHEN u.number = 0 OR i.indoption[u.place - 1] & 1 = 1 \
                 THEN pg_catalog.pg_get_indexdef(i.indexrelid, u.place::integer, true) \
                 || CASE WHEN i.indoption[u.place - 1] & 1 = 1 THEN ' desc' ELSE '' END END, \
                 NULL, NULL, NULL, i.indexrelid::bigint \
                 FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
                 JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class ic ON ic.oid = i.indexrelid \
                 CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::smallint[]) WITH ORDINALITY AS u (number, place) \
                 LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number AND u.number > 0 \
                 WHERE u.place <= i.indnkeyatts AND c.relkind IN ('r', 'p') AND ",
                " ORDER BY 2, 3, 11, 5",
            ],
            &own(scope),
        ));
        sql
    }

    fn referencing_query(&self, list: &Fragment) -> Fragment {
        let mut sql = with(
            [
                "SELECT DISTINCT n.nspname::text FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
                 JOIN pg_namespace n ON n.oid = c.relnamespace \
                 JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace \
                 WHERE k.contype = 'f' AND pn.nspname::text IN ",
                " AND n.nspname::text NOT IN ",
            ],
            list,
        );
        sql.append(list.clone());
        sql.push(" ORDER BY 1");
        sql
    }

    fn carrying_query(&self, change: ReferredChange, parents: Scope<'_>) -> Fragment {
        let rule = match change {
            ReferredChange::Delete => "k.confdeltype",
            ReferredChange::Update => "k.confupdtype",
        };
        let mut sql = Fragment::text(format!(
            "SELECT n.nspname::text, c.relname::text, k.conname::text, u.place::bigint, a.attname::text, \
             pn.nspname::text, p.relname::text, pa.attname::text, \
             CASE {rule} WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'SET DEFAULT' END \
             FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
             JOIN pg_namespace n ON n.oid = c.relnamespace \
             JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace \
             CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) \
             WITH ORDINALITY AS u (child, parent, place) \
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.child \
             JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = u.parent \
             WHERE k.contype = 'f' AND {rule} IN ('c', 'n', 'd') AND "
        ));
        sql.append(parents.of("pn.nspname::text", "p.relname::text"));
        sql.push(" ORDER BY 1, 2, k.oid, 4");
        sql
    }

    fn tables_query(&self, schema: &str) -> Fragment {
        let mut sql = Fragment::text(
            "SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE c.relkind IN ('r', 'p') AND c.relname NOT LIKE '~%' AND n.nspname::text = ",
        );
        sql.push_value(Value::Text(schema.to_owned()));
        sql.push(" ORDER BY 1");
        sql
    }

    /// It gives each string the type that it takes it for, arguments of any number as an array, and types their first names.
    fn kept_words(&self, words: Vec<String>) -> Vec<String> {
        let mut kept: Vec<String> = Vec::with_capacity(words.len());
        let mut words = words.into_iter().peekable();
        let mut is_array = false;
        while let Some(word) = words.next() {
            let is_string = kept.last().is_some_and(|last| last.starts_with('\''));
            let is_its_type = |next: &String| matches!(next.as_str(), "text" | "jsonb" | "jsonpath");
            match word.as_str() {
                "::" if is_string && words.next_if(is_its_type).is_some() => {
                    if words.next_if(|next| next == "[").is_some() {
                        words.next();
                    }
                }
                "variadic" if words.next_if(|next| next == "array").is_some() => {
                    words.next();
                    is_array = true;
                }
                "pg_catalog" if words.next_if(|next| next == ".").is_some() => {}
                "]" if is_array => is_array = false,
                "varchar" => kept.extend(["character", "varying"].map(str::to_owned)),
                "bool" => kept.push("boolean".to_owned()),
                "decimal" => kept.push("numeric".to_owned()),
                _ => kept.push(word),
            }
        }
        kept
    }

    fn beginning(&self) -> Option<(&'static str, &'static str)> {
        Some(("left", ","))
    }

    /// The type of a column without a marker; one that a foreign key brought in has the core type for it.
    fn found_type(&self, kind: &str, members: Option<&str>, inherited: bool) -> Found {
        if let Some(members) = members.and_then(|text| serde_json::from_str::<Vec<String>>(text).ok()) {
            let labels: Vec<String> = members.iter().map(|member| literal(member)).collect();
            let type_text = format!("enum({})", labels.join(","));
            return Found { attribute_type: AttributeType::Core(CoreType::Enum(members)), type_text };
        }
        let kind = match (rest(kind, "character varying"), rest(kind, "character")) {
            (Some(rest), _) => format!("varchar{rest}"),
            (_, Some(rest)) => format!("char{rest}"),
            _ if rest(kind, "timestamp").or_else(|| rest(kind, "time")).is_some() => {
                kind.replacen(" without time zone", "", 1)
            }
            _ => kind.to_owned(),
        };
        let core = match kind.as_str() {
            "smallint" => "int16".to_owned(),
            "integer" => "int32".to_owned(),
            "bigint" => "int64".to_owned(),
            "real" => "float32".to_owned(),
            "double precision" => "float64".to_owned(),
            "boolean" => "bool".to_owned(),
            "jsonb" => "json".to_owned(),
            "bytea" => "bytes".to_owned(),
            other => match (rest(other, "numeric"), rest(other, "timestamp")) {
                (Some(rest), _) => format!("decimal{rest}"),
                (_, Some(rest)) => format!("datetime{rest}"),
                _ => other.to_owned(),
            },
        };
        // Definitions have no other word for these.
        let is_same = matches!(kind.as_str(), "double precision" | "boolean" | "jsonb" | "bytea");
        Found::parse(if inherited || is_same { &core } else { &kind })
    }

    fn found_default(&self, text: &str, attribute_type: &AttributeType) -> DefaultValue {
        match (function(text), attribute_type) {
            (DefaultValue::Value(truth), AttributeType::Core(CoreType::Bool)) => {
                DefaultValue::Value(if truth == "true" { "1" } else { "0" }.to_owned())
            }
            (default, _) => default,
        }
    }

    fn as_string(&self) -> &'static str {
        "::text"
    }
}

fn with(parts: [&str; 2], list: &Fragment) -> Fragment {
    let mut sql = Fragment::text(parts[0]);
    sql.append(list.clone());
    sql.push(parts[1]);
    sql
}

fn own(scope: Scope<'_>) -> Fragment {
    scope.of("n.nspname::text", "c.relname::text")
}

/// What follows a word of the server's in a type: nothing, or its numbers and more words. A type of somebody else may begin alike.
fn rest<'a>(kind: &'a str, word: &str) -> Option<&'a str> {
    kind.strip_prefix(word).filter(|rest| rest.is_empty() || rest.starts_with(['(', '[', ' ']))
}

#[cfg(test)]
mod tests {
    use super::{Catalog as _, Postgres};

    #[test]
    fn types_of_the_server_alone_have_other_words() {
        for (kind, own, inherited) in [
            ("character varying(40)", "varchar(40)", "varchar(40)"),
            ("character(3)", "char(3)", "char(3)"),
            ("numeric(8,2)", "numeric(8,2)", "decimal(8,2)"),
            ("timestamp(6) without time zone", "timestamp(6)", "datetime(6)"),
            ("time without time zone", "time", "time"),
            ("character_code", "character_code", "character_code"),
            ("lab.character_code", "lab.character_code", "lab.character_code"),
            ("numeric_range", "numeric_range", "numeric_range"),
            ("my_timestamp", "my_timestamp", "my_timestamp"),
        ] {
            for (is_inherited, expected) in [(false, own), (true, inherited)] {
                let found = Postgres.found_type(kind, None, is_inherited);
                assert_eq!(found.type_text, expected, "{kind}");
            }
        }
    }
}
