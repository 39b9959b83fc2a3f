//! PostgreSQL.

use datajoint::{DynamicDeclaration, DynamicTable, Instance, Tier};
use datajoint_conformance::{Capabilities, suite};

async fn connect() -> Option<(Instance, Capabilities)> {
    super::server("DJ_TEST_POSTGRES_URL", Capabilities { keeps_nan: true, sees_later_stamps: false }).await
}

suite!(connect);

#[tokio::test]
async fn every_listed_function_is_one_of_the_server() {
    let Some((dj, _)) = connect().await else { return };
    let question =
        "SELECT DISTINCT proname::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace";
    super::listed::are_known(&dj, question).await;
}

/// What indexes are made of, as people write it. The server says the same in other words: `TRIM(BOTH FROM name)`,
/// `n = ANY (ARRAY[1, 2, 3])`, `x * 2::double precision`.
const EXPRESSIONS: [&str; 28] = [
    "trim(name)",
    "trim(leading 'x' from name)",
    "(n in (1, 2, 3))",
    "(name in ('a', 'it''s'))",
    "(name not in ('a', 'b'))",
    "(x * 2)",
    "(x * 2.5)",
    "(x ^ 2)",
    "(cast(n as double precision) / 2)",
    "(name like 'a%')",
    "(name not like 'a%')",
    "extract(year from d)",
    "(n between 1 and 2)",
    "(not b)",
    "(name is null)",
    "substring(name from 1 for 2)",
    "position('a' in name)",
    "nullif(n, 0)",
    "greatest(n, 1)",
    "(-n)",
    "(n = -1)",
    "(case n when 1 then 'a' end)",
    "(n is distinct from 1)",
    "mod(n, 2)",
    "(d > '2020-01-01')",
    "(d + 1)",
    "round(x)",
    "(name || 'x') desc",
];

async fn declare_indexed(dj: &Instance, schema: &str, lines: &str) -> datajoint::Result<DynamicTable> {
    let definition = format!("n : int32\n---\nname : varchar(9)\nx : float64\nd : date\nb : bool\n{lines}");
    dj.declare_dynamic(DynamicDeclaration {
        schema,
        class_name: "Indexed",
        tier: Tier::Manual,
        master: None,
        definition: &definition,
    })
    .await
}

async fn indexes_of(dj: &Instance, schema: &str) -> Vec<String> {
    let text = dj.schema(schema).await.unwrap().table("Indexed").unwrap().describe().unwrap();
    text.lines().filter(|line| line.contains("INDEX (")).map(str::to_owned).collect()
}

#[tokio::test]
async fn expressions_of_indexes_are_declared_again_in_the_words_of_the_server() {
    let Some((dj, _)) = connect().await else { return };
    let (schema, other) = ("dj_conformance_expressions", "dj_conformance_expressions_too");
    let mut faults = Vec::new();
    for expression in EXPRESSIONS {
        for schema in [schema, other] {
            let _ = dj.drop_schema(schema).confirmed().await;
        }
        if let Err(error) = declare_indexed(&dj, schema, &format!("unique index ({expression})")).await {
            faults.push(format!("{expression}: {error}"));
            continue;
        }
        let found = indexes_of(&dj, schema).await;
        match declare_indexed(&dj, other, &found.join("\n")).await {
            Ok(_) => {
                let again = indexes_of(&dj, other).await;
                if again != found {
                    faults.push(format!("{expression}: {found:?}, then {again:?}"));
                }
            }
            Err(error) => faults.push(format!("{expression}, {found:?}: {error}")),
        }
    }
    for schema in [schema, other] {
        let _ = dj.drop_schema(schema).confirmed().await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
