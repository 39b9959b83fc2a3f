//! The functions that SQL of users may call.

use datajoint::prelude::*;
use datajoint::{DynamicDeclaration, Tier};

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_listing";

static TURN: Turn = Turn::new(SCHEMA);

/// What reads files, runs programs or statements, or does what nobody here knows, on one backend or another.
const CALLS: [&str; 9] = [
    "pg_read_file(name)",
    "dblink(name, 'select 1')",
    "load_file(name)",
    "sys_exec(name)",
    "readfile(name)",
    "writefile(name, 'x')",
    "load_extension(name)",
    "lab.mine(name)",
    "mine (name)",
];

/// Every verb that takes SQL refuses what does more than give a value, with what to do.
pub async fn a_function_that_is_not_listed_is_never_sent(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let declared = DynamicDeclaration {
        schema: SCHEMA,
        class_name: "Note",
        tier: Tier::Manual,
        master: None,
        definition: "n : int32\n---\nname : varchar(90)",
    };
    let table = dj.declare_dynamic(declared).await.unwrap();
    for call in CALLS {
        let restricted = &table & sql(format!("{call} is not null"), ());
        let errors = [
            restricted.fetch(dj).await.map(drop).unwrap_err(),
            restricted.count(dj).await.map(drop).unwrap_err(),
            restricted.delete(dj).confirmed().await.map(drop).unwrap_err(),
            table.proj(compute("x", call)).fetch(dj).await.map(drop).unwrap_err(),
        ];
        for error in errors {
            let error = error.to_string();
            assert!(error.contains("none of the functions of"), "{call}: {error}");
            assert!(error.contains("in a statement of your own"), "{call}: {error}");
        }
    }
    turn.end(dj).await;
}
