//! Indexes as users write them.

use datajoint::prelude::*;
use datajoint::{Backend, DynamicDeclaration, Tier};

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
