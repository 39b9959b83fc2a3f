use datajoint_definition::{AttributeType, CoreType, DefaultValue};

use super::Postgres;
use crate::Value;
use crate::catalog::ReferredChange;
use crate::catalog::default::{Literal, SaidDefault, literal_of, now};
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
                 WHERE e.enumtypid = a.atttypid), \
                 CASE WHEN a.attgenerated <> '' THEN 'generated' WHEN a.attidentity <> '' THEN 'identity' \
                 WHEN EXISTS (SELECT 1 FROM pg_depend s JOIN pg_class sc ON sc.oid = s.objid AND sc.relkind = 'S' \
                 WHERE s.classid = 'pg_catalog.pg_class'::pg_catalog.regclass \
                 AND s.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND s.refobjid = c.oid \
                 AND s.refobjsubid = a.attnum AND s.deptype = 'a') \
                 AND pg_catalog.starts_with(pg_catalog.pg_get_expr(d.adbin, d.adrelid), 'nextval(') THEN 'counter' END \
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
                 JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
                 LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
                 WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND ",
                " ORDER BY n.nspname, c.relname, a.attnum",
            ],
            &own(scope),
        )
    }

    fn keys_query(&self, scope: Scope<'_>) -> Fragment {
        let mut sql = with(
            [
                "SELECT 'foreign', n.nspname::text, c.relname::text, k.conname::text, u.place::bigint, \
                 a.attname::text, NULL::text, pn.nspname::text, p.relname::text, pa.attname::text, k.oid::bigint, NULL::text, NULL::text \
                 FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid \
                 JOIN pg_namespace n ON n.oid = c.relnamespace \
                 JOIN pg_class p ON p.oid = k.confrelid JOIN pg_namespace pn ON pn.oid = p.relnamespace \
                 CROSS JOIN LATERAL ROWS FROM (pg_catalog.unnest(k.conkey), pg_catalog.unnest(k.confkey)) \
                 WITH ORDINALITY AS u (child, parent, place) \
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.child \
                 JOIN pg_attribute pa ON pa.attrelid = k.confrelid AND pa.attnum = u.parent \
                 WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT c.relispartition AND ",
                " UNION ALL ",
            ],
            &own(scope),
        );
        sql.append(with(
            [
                "SELECT CASE WHEN i.indisprimary THEN 'primary' WHEN i.indisunique THEN 'unique' ELSE 'index' END, \
                 n.nspname::text, c.relname::text, ic.relname::text, u.place, a.attname::text, \
                 CASE WHEN u.number = 0 OR pg_catalog.length(w.tail) > 0 \
                 THEN pg_catalog.pg_get_indexdef(i.indexrelid, u.place::integer, true) || w.tail END, \
                 NULL, NULL, NULL, i.indexrelid::bigint, \
                 CASE WHEN NOT i.indisvalid OR NOT i.indisready THEN 'invalid' \
                 WHEN i.indpred IS NOT NULL THEN 'partial' WHEN i.indisexclusion THEN 'exclusion' \
                 WHEN pg_catalog.to_jsonb(i) @> '{\"indnullsnotdistinct\": true}'::pg_catalog.jsonb THEN 'same nulls' \
                 WHEN NOT i.indimmediate THEN 'deferred' WHEN m.amname <> 'btree' THEN 'method' \
                 WHEN i.indnatts > i.indnkeyatts THEN 'included' END, \
                 CASE WHEN i.indpred IS NOT NULL THEN pg_catalog.pg_get_expr(i.indpred, i.indrelid) \
                 WHEN m.amname <> 'btree' THEN m.amname::text \
                 WHEN i.indnatts > i.indnkeyatts THEN pg_catalog.pg_get_indexdef(i.indexrelid) END \
                 FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid \
                 JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_class ic ON ic.oid = i.indexrelid \
                 JOIN pg_am m ON m.oid = ic.relam \
                 CROSS JOIN LATERAL pg_catalog.unnest(i.indkey::smallint[]) WITH ORDINALITY AS u (number, place) \
                 LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.number AND u.number > 0 \
                 CROSS JOIN LATERAL (SELECT coalesce((SELECT pg_catalog.format(' collate %I', o.collname) \
                 FROM pg_collation o WHERE o.oid = i.indcollation[u.place - 1] AND o.oid <> a.attcollation), '') \
                 || coalesce((SELECT pg_catalog.format(' %I', o.opcname) FROM pg_opclass o \
                 WHERE o.oid = i.indclass[u.place - 1] AND NOT o.opcdefault), '') \
                 || CASE i.indoption[u.place - 1] WHEN 1 THEN ' desc nulls last' WHEN 2 THEN ' nulls first' \
                 WHEN 3 THEN ' desc' ELSE '' END AS tail) w \
                 WHERE u.place <= i.indnkeyatts AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND ",
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
             WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname NOT LIKE '~%' AND n.nspname::text = ",
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

    fn counting(&self, type_text: &str) -> Option<String> {
        let word = match type_text {
            "smallint" => "smallserial",
            "integer" => "serial",
            "bigint" => "bigserial",
            _ => return None,
        };
        Some(word.to_owned())
    }

    fn found_default(&self, said: SaidDefault<'_>) -> Option<DefaultValue> {
        if let Some(now) = now(said.text) {
            return Some(now);
        }
        if said.is_moment() && matches!(said.text, "now()" | "transaction_timestamp()") {
            return Some(DefaultValue::CurrentTimestamp { precision: None });
        }
        let (found, cast) = literal_of(said.text, false)?;
        if cast.is_some_and(|cast| !keeps(&found, cast, said.kind)) {
            return None;
        }
        let is_truth = *said.attribute_type == AttributeType::Core(CoreType::Bool);
        Some(match found {
            Literal::Truth(_) if !is_truth => return None,
            // It reads more words for truth than definitions have.
            Literal::Text(text) if is_truth => {
                DefaultValue::Value(if text == "true" { "1" } else { "0" }.to_owned())
            }
            found => found.into_default(),
        })
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

/// True for a literal that a column of this type keeps as it is, though it is cast before: a cast may round, or cut.
fn keeps(found: &Literal<'_>, cast: &str, kind: &str) -> bool {
    const STRINGS: [&str; 6] = ["text", "character varying", "character", "bpchar", "char", "name"];
    const NUMBERS: [&str; 6] = ["smallint", "integer", "bigint", "numeric", "real", "double precision"];
    // Types of others are written with their schema or without.
    let bare = |kind: &str| {
        let whole = match kind.split_once('(') {
            Some((before, after)) => {
                format!("{before}{}", after.split_once(')').map_or("", |(_, rest)| rest))
            }
            None => kind.to_owned(),
        };
        whole.rsplit('.').next().unwrap_or_default().trim_matches('"').to_owned()
    };
    let (to, column) = (bare(cast), bare(kind));
    let both = |list: &[&str]| list.contains(&to.as_str()) && list.contains(&column.as_str());
    let number = match found {
        Literal::Number(text) => Some(*text),
        Literal::Text(text) => Some(text.as_str()),
        _ => None,
    };
    let is_whole = number.is_some_and(|text| text.parse::<i64>().is_ok());
    let is_number = number.is_some_and(|text| text.parse::<f64>().is_ok());
    if *found == Literal::Null {
        return to == column || both(&STRINGS) || both(&NUMBERS);
    }
    if cast.contains('(') && cast != kind {
        return false;
    }
    if both(&NUMBERS) {
        return is_whole || (is_number && (to == "numeric" || to == column));
    }
    to == column || both(&STRINGS)
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
