use datajoint_definition::{AttributeType, CoreType, DefaultValue};

use super::Sqlite;
use super::ddl::INFINITY;
use crate::catalog::ReferredChange;
use crate::catalog::default::{Literal, SaidDefault, literal_of};
use crate::catalog::marker::Found;
use crate::catalog::scope::Scope;
use crate::dialect::Catalog;
use crate::fragment::Fragment;

impl Catalog for Sqlite {
    fn columns_query(&self, scope: Scope<'_>) -> Fragment {
        let mut sql = Fragment::text(
            "SELECT t.\"schema\", t.\"name\", w.\"comment\", p.name, p.type, \
             CASE p.\"notnull\" WHEN 0 THEN 'YES' ELSE 'NO' END, p.dflt_value, c.\"comment\", NULL, \
             CASE WHEN p.hidden IN (2, 3) THEN 'generated' WHEN ",
        );
        sql.push(COUNTS_UP);
        sql.push(" THEN 'identity' END FROM ");
        sql.append(own(scope));
        sql.push(
            " JOIN pragma_table_xinfo(t.\"full_name\") AS p ON p.hidden IN (0, 2, 3) \
             LEFT JOIN \"~comment\" AS w ON w.\"table_name\" = t.\"full_name\" AND w.\"column_name\" = '' \
             LEFT JOIN \"~comment\" AS c ON c.\"table_name\" = t.\"full_name\" AND c.\"column_name\" = p.name \
             ORDER BY t.\"schema\", t.\"name\", p.cid",
        );
        sql
    }

    fn keys_query(&self, scope: Scope<'_>) -> Fragment {
        let mut sql = Fragment::text(
            "SELECT 'primary', t.\"schema\", t.\"name\", 'primary', p.pk, p.name, NULL, NULL, NULL, NULL, 0, NULL, NULL FROM ",
        );
        sql.append(own(scope));
        sql.push(
            " JOIN pragma_table_info(t.\"full_name\") AS p ON p.pk > 0 UNION ALL \
             SELECT 'foreign', t.\"schema\", t.\"name\", CAST(f.id AS TEXT), f.seq, f.\"from\", NULL, NULL, ",
        );
        sql.push(REFERRED_TABLE);
        sql.push(", ");
        sql.push(REFERRED_COLUMN);
        sql.push(", -f.id, NULL, NULL FROM ");
        sql.append(own(scope));
        sql.push(
            " JOIN pragma_foreign_key_list(t.\"full_name\") AS f UNION ALL \
             SELECT CASE l.\"unique\" WHEN 1 THEN 'unique' ELSE 'index' END, t.\"schema\", t.\"name\", l.name, x.seqno, \
             x.name, CASE WHEN x.cid < 0 THEN i.sql WHEN x.\"desc\" OR x.coll <> 'BINARY' COLLATE NOCASE \
             THEN '\"' || replace(x.name, '\"', '\"\"') || '\"' \
             || CASE WHEN x.coll <> 'BINARY' COLLATE NOCASE THEN ' collate ' || lower(x.coll) ELSE '' END \
             || CASE WHEN x.\"desc\" THEN ' desc' ELSE '' END END, \
             NULL, NULL, NULL, -l.seq, CASE WHEN l.partial THEN 'partial' END, \
             CASE WHEN l.partial THEN substr(i.sql, instr(lower(i.sql), ' where ') + 7) END FROM ",
        );
        sql.append(own(scope));
        sql.push(
            " JOIN pragma_index_list(t.\"full_name\") AS l ON l.origin IN ('c', 'u') \
             JOIN sqlite_schema AS i ON i.type = 'index' AND i.name = l.name \
             JOIN pragma_index_xinfo(l.name) AS x ON x.key ORDER BY 2, 3, 11, 5",
        );
        sql
    }

    fn referencing_query(&self, list: &Fragment) -> Fragment {
        let mut sql = Fragment::text("SELECT DISTINCT t.\"schema\" FROM ");
        sql.append(tables(&Fragment::text("TRUE")));
        sql.push(" JOIN pragma_foreign_key_list(t.\"full_name\") AS f JOIN ");
        let mut parents = Fragment::text("s.\"schema_name\" IN ");
        parents.append(list.clone());
        let mut parents = tables(&parents);
        parents.push(
            "_parent ON t_parent.\"full_name\" = f.\"table\" COLLATE NOCASE WHERE t.\"schema\" NOT IN ",
        );
        sql.append(parents);
        sql.append(list.clone());
        sql.push(" ORDER BY 1");
        sql
    }

    /// Of tables of no schema too.
    fn carrying_query(&self, change: ReferredChange, parents: Scope<'_>) -> Fragment {
        let rule = match change {
            ReferredChange::Delete => "f.on_delete",
            ReferredChange::Update => "f.on_update",
        };
        let mut sql = Fragment::text(format!(
            "SELECT NULL, m.name, NULL, f.seq + 1, f.\"from\", t.\"schema\", t.\"name\", \
             {REFERRED_COLUMN} AS \"parent_column\", {rule} FROM "
        ));
        sql.append(own(parents));
        sql.push(&format!(
            " JOIN sqlite_schema AS m ON m.type = 'table' JOIN pragma_foreign_key_list(m.name) AS f \
             ON f.\"table\" = t.\"full_name\" COLLATE NOCASE WHERE {rule} IN ('CASCADE', 'SET NULL', 'SET DEFAULT') \
             AND \"parent_column\" IS NOT NULL ORDER BY m.name, f.id, f.seq"
        ));
        sql
    }

    fn tables_query(&self, schema: &str) -> Fragment {
        let schemas = [schema.to_owned()];
        let mut sql = Fragment::text("SELECT t.\"name\" FROM ");
        sql.append(own(Scope::Schemas(&schemas)));
        sql.push(" WHERE t.\"name\" NOT LIKE '~%' ORDER BY t.\"name\"");
        sql
    }

    fn beginning(&self) -> Option<(&'static str, &'static str)> {
        Some(("substr", ",1,"))
    }

    /// The type of a column whose comment is lost.
    fn found_type(&self, kind: &str, _: Option<&str>, _: bool) -> Found {
        let (kind, name) = match kind {
            "INT" | "INTEGER" => ("INT", "int64"),
            "REAL" => ("REAL", "float64"),
            "BLOB" => ("BLOB", "bytes"),
            _ => ("TEXT", "text"),
        };
        // As it is kept: any type that is kept so may be meant.
        Found { type_text: kind.to_owned(), ..Found::parse(name) }
    }

    fn found_default(&self, said: SaidDefault<'_>) -> Option<DefaultValue> {
        if let Some(now) = found_now(said) {
            return Some(now);
        }
        let (found, _) = literal_of(said.text, false).filter(|(_, cast)| cast.is_none())?;
        Some(match found {
            Literal::Bytes(digits) if *said.attribute_type == AttributeType::Core(CoreType::Uuid) => {
                DefaultValue::Value(digits.to_owned())
            }
            Literal::Bytes(_) => return None,
            Literal::Number(text) if text.trim_start_matches('-') == INFINITY => {
                DefaultValue::Value(text.replace(INFINITY, "inf"))
            }
            other => other.into_default(),
        })
    }

    fn tells_inherited_type(&self, comment: &str) -> bool {
        comment.starts_with("->:")
    }
}

/// The present moment, as tables of this library have it, or in the words of the server where the type keeps what they give.
fn found_now(said: SaidDefault<'_>) -> Option<DefaultValue> {
    let bare = |text: &str| {
        let text = text.trim();
        text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text).to_owned()
    };
    let own = bare(&super::ddl::now(said.attribute_type));
    let keeps_seconds =
        own == bare(&super::ddl::now(&AttributeType::Core(CoreType::DateTime { precision: None })));
    let is_now = bare(said.text) == own
        || (keeps_seconds && said.text.trim().eq_ignore_ascii_case("CURRENT_TIMESTAMP"));
    let precision = match said.attribute_type {
        AttributeType::Core(CoreType::DateTime { precision }) => *precision,
        _ => None,
    };
    is_now.then_some(DefaultValue::CurrentTimestamp { precision })
}

/// True for a column `p` that is the number of the row: the server gives the next one where none is given.
const COUNTS_UP: &str = "p.pk = 1 AND upper(p.type) = 'INTEGER' \
                         AND (SELECT count(*) FROM pragma_table_info(t.\"full_name\") AS k WHERE k.pk > 0) = 1 \
                         AND NOT EXISTS (SELECT 1 FROM pragma_index_list(t.\"full_name\") AS k WHERE k.origin = 'pk')";

/// The table to which a foreign key `f` refers, which may be written there in other letters than its own.
const REFERRED_TABLE: &str = "coalesce((SELECT m.name FROM sqlite_schema AS m \
                              WHERE m.type = 'table' AND m.name = f.\"table\" COLLATE NOCASE), f.\"table\")";

/// The column to which a foreign key `f` refers: the one of the primary key in its place where it names none.
const REFERRED_COLUMN: &str = "coalesce((SELECT p.name FROM pragma_table_info(f.\"table\") AS p WHERE CASE \
                               WHEN f.\"to\" IS NULL THEN p.pk = f.seq + 1 \
                               ELSE p.name = f.\"to\" COLLATE NOCASE END), f.\"to\")";

/// The tables of the wanted schemas, as `t.schema`, `t.name` and `t.full_name`. Names of tables have no dots.
fn tables(condition: &Fragment) -> Fragment {
    let mut sql = Fragment::text(
        "(SELECT s.\"schema_name\" AS \"schema\", substr(m.name, length(s.\"schema_name\") + 2) AS \"name\", \
         m.name AS \"full_name\" FROM \"~schema\" AS s JOIN sqlite_schema AS m \
         ON m.type = 'table' AND substr(m.name, 1, length(s.\"schema_name\") + 1) = s.\"schema_name\" || '.' \
         AND instr(substr(m.name, length(s.\"schema_name\") + 2), '.') = 0 WHERE ",
    );
    sql.append(condition.clone());
    sql.push(") AS t");
    sql
}

fn own(scope: Scope<'_>) -> Fragment {
    tables(&scope.of("s.\"schema_name\"", "substr(m.name, length(s.\"schema_name\") + 2)"))
}
