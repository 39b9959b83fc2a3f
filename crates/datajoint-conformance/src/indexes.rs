//! Indexes as users write them.

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{Backend, DynamicDeclaration, Tier};
use datajoint_transfer::{Export, Import};

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_indexes";

static TURN: Turn = Turn::new(SCHEMA);

/// A part of an index that the backend can't have is refused before it is sent, any other one is declared.
pub async fn a_part_of_an_index_is_declared_or_refused(dj: &Instance, _: Capabilities) {
    use Backend::{Mysql, Postgresql, Sqlite};

    let turn = TURN.take(dj).await;
    let with_expressions = &[Mysql, Postgresql, Sqlite][..];
    for (text, backends) in [
        ("name desc", &Backend::ALL[..]),
        ("name(3) asc", &Backend::ALL),
        ("lower(name)", with_expressions),
        ("(n + 1) desc", with_expressions),
        ("name collate nocase", &[Sqlite]),
        ("name collate \"C\" text_pattern_ops desc nulls last", &[Postgresql]),
        ("name nulls first", &[Postgresql]),
        ("name using hash", &[]),
        ("n + 1", &[]),
        ("(n) is not null or (1)", &[]),
    ] {
        let definition = format!("n : int32\n---\nname : varchar(9)\nindex ({text})");
        let declared = dj
            .declare_dynamic(DynamicDeclaration {
                schema: SCHEMA,
                class_name: "Indexed",
                tier: Tier::Manual,
                master: None,
                definition: &definition,
            })
            .await;
        let is_possible = backends.contains(&dj.backend());
        match declared {
            Ok(_) => assert!(is_possible, "{text}"),
            Err(error) => {
                assert!(!is_possible, "{text}: {error}");
                // Which collations it has, a server says itself.
                let expected = if dj.backend() == Postgresql && text.contains("nocase") {
                    "collation \"nocase\""
                } else {
                    "`dj_conformance_indexes.indexed` can't be declared"
                };
                assert!(error.to_string().contains(expected), "{text}: {error}");
            }
        }
        let _ = dj.drop_schema(SCHEMA).confirmed().await;
    }
    turn.end(dj).await;
}

/// An export of indexes on beginnings and expressions is taken in there and here, described as it was; a database without
/// indexes on expressions leaves them out and says so.
pub async fn indexes_come_over_as_declared(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let embedded = Instance::connect(Settings::embedded(":memory:")).await.unwrap();
    for (from, to) in [(dj, dj), (dj, &embedded), (&embedded, dj)] {
        indexes_come_over(from, to).await;
    }
    turn.end(dj).await;
}

/// Sends tables with indexes from one database into another schema of the same or of another one.
pub async fn indexes_come_over(from: &Instance, to: &Instance) {
    for (number, index) in (0..).zip([
        "name(3)",
        "name(3) desc, n",
        "lower(name)",
        "(n + 1), name",
        "coalesce(name, 'it''s'), name(4)",
        "(case when n > 1 then 'a' else lower(name) end)",
    ]) {
        let is_plain = number < 2;
        if !is_plain && !from.backend().capability().has_expression_indexes {
            continue;
        }
        let (schema, other) = (format!("{SCHEMA}_{number}"), format!("{SCHEMA}_{number}_too"));
        let _ = from.drop_schema(&schema).confirmed().await;
        let _ = to.drop_schema(&other).confirmed().await;
        let definition = format!("n : int32\n---\nname : varchar(9)\nindex ({index})");
        let declared = DynamicDeclaration {
            schema: &schema,
            class_name: "Indexed",
            tier: Tier::Manual,
            master: None,
            definition: &definition,
        };
        let table = from.declare_dynamic(declared).await.unwrap();
        table.insert_one(from, json!({"n": 1, "name": "A"})).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let found = from.schema(&schema).await.unwrap().table("Indexed").unwrap();
        Export::new(from, &found).to(folder.path()).await.unwrap();
        let report = Import::new(to, folder.path()).schema(&schema, &other).run().await;
        let road = format!("{} to {}: {index}", from.backend(), to.backend());
        if !is_plain && !to.backend().capability().has_expression_indexes {
            let report = report.unwrap_or_else(|error| panic!("{road}: {error}")).to_string();
            let told = format!("{other}.indexed: the index ({index}) was left out: ");
            assert!(
                report.to_lowercase().replace("(n > 1)", "n > 1").contains(&told)
                    && report.contains("no indexes on expressions"),
                "{road}: {report}"
            );
        } else {
            report.unwrap_or_else(|error| panic!("{road}: {error}"));
            let there = to.schema(&other).await.unwrap().table("Indexed").unwrap();
            // MySQL keeps brackets around each comparison.
            let described = |text: String| text.to_lowercase().replace("(n > 1)", "n > 1");
            assert_eq!(described(there.describe().unwrap()), described(found.describe().unwrap()), "{road}");
            let is_declared = described(there.describe().unwrap()).contains(&format!("index ({index})"));
            assert!(is_declared, "{road}: {}", there.describe().unwrap());
        }
        let _ = to.drop_schema(&other).confirmed().await;
        from.drop_schema(&schema).confirmed().await.unwrap();
    }
}

/// The type of a place in JSON that a description has; `None` where the backend has no index on a place of that type.
pub(crate) fn described(backend: Backend, kind: &'static str) -> Option<&'static str> {
    match (backend, kind) {
        (Backend::Mariadb, _)
        | (Backend::Mysql, "char")
        | (Backend::Postgresql, "date" | "time" | "datetime") => None,
        (Backend::Mysql, "char(512)") | (Backend::Postgresql, "char") => Some(""),
        (Backend::Mysql, "decimal") => Some("decimal(10,0)"),
        (Backend::Postgresql, "unsigned") => Some("signed"),
        (_, kind) => Some(kind),
    }
}
