//! The functions that SQL of users may call.

use std::collections::HashSet;

use datajoint::prelude::*;
use datajoint::{Backend, DynamicDeclaration, Tier};
use datajoint_sql::{Statement, Value};

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_listing";

static TURN: Turn = Turn::new(SCHEMA);

const MYSQL: &str = include_str!("../../datajoint-sql/src/mysql/functions.txt");
const POSTGRES: &str = include_str!("../../datajoint-sql/src/postgres/functions.txt");
const SQLITE: &str = include_str!("../../datajoint-sql/src/sqlite/functions.txt");

/// A name in a list that the server does not know could be a function that somebody made.
pub async fn every_listed_function_is_one_of_the_server(dj: &Instance, _: Capabilities) {
    let unknown: Vec<&str> = match dj.backend() {
        Backend::Postgresql => {
            let question =
                "SELECT DISTINCT proname::text FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace";
            let known = names(dj, question).await;
            POSTGRES.lines().filter(|name| !known.contains(*name)).collect()
        }
        Backend::Sqlite => {
            let known = names(dj, "SELECT DISTINCT name FROM pragma_function_list").await;
            SQLITE.lines().filter(|name| !known.contains(*name)).collect()
        }
        Backend::Mariadb => {
            let mut unknown = Vec::new();
            for name in MYSQL.lines() {
                let call = Statement::plain(format!("SELECT {name}()"));
                // Without what it takes, it is called or told what it lacks.
                let answer = dj.database().acquire().await.unwrap().fetch(&call).await;
                let is_unknown =
                    answer.err().is_some_and(|error| format!("{error:?}").contains("does not exist"));
                if is_unknown {
                    unknown.push(name);
                }
            }
            unknown
        }
        // The list is of both; what only MariaDB has, MySQL refuses itself.
        Backend::Mysql => Vec::new(),
    };
    assert!(unknown.is_empty(), "{}: {unknown:?}", dj.backend());
}

async fn names(dj: &Instance, question: &str) -> HashSet<String> {
    let rows = dj.database().acquire().await.unwrap().fetch(&Statement::plain(question)).await.unwrap();
    let name = |row: Vec<Value>| match row.into_iter().next() {
        Some(Value::Text(name)) => name,
        other => panic!("{other:?}"),
    };
    rows.into_iter().map(name).collect()
}

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
    let calls = match dj.backend() {
        Backend::Postgresql => {
            ["pg_read_file(name)", "(name::text).pg_read_file", "dblink(name, 'select 1')", "mine(name)"]
        }
        Backend::Mysql | Backend::Mariadb => {
            ["load_file(name)", "sys_exec(name)", "lab.mine(name)", "mine (name)"]
        }
        Backend::Sqlite => ["readfile(name)", "load_extension(name)", "writefile(name, 'x')", "mine(name)"],
    };
    for call in calls {
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
