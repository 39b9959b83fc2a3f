//! Declarations as DataJoint for Python makes them.

use datajoint_definition::Backend;
use datajoint_sql::create_table;

use crate::pipeline;

/// The statements of a file, each ended by a line with a semicolon.
fn golden(text: &str) -> Vec<String> {
    text.split("\n;\n").filter(|statement| !statement.is_empty()).map(str::to_owned).collect()
}

fn declared(backend: Backend) -> Vec<String> {
    let tables = pipeline::all(backend);
    let statements =
        tables.iter().flat_map(|table| create_table(backend, table).expect("it can be declared"));
    statements.map(|statement| statement.sql).collect()
}

#[test]
fn mysql_and_mariadb_get_the_text_that_python_gives_them() {
    for backend in [Backend::Mysql, Backend::Mariadb] {
        let ours = declared(backend);
        for theirs in golden(include_str!("golden/mysql.sql")) {
            assert!(ours.contains(&theirs), "nothing of ours is\n{theirs}");
        }
    }
}

#[test]
fn postgresql_gets_the_text_that_python_gives_it_but_for_what_python_gets_wrong() {
    let ours = declared(Backend::Postgresql);
    for mut theirs in golden(include_str!("golden/postgresql.sql")) {
        // Created only where it is not there yet, so that a second table may have it.
        if theirs.starts_with("CREATE TYPE") {
            theirs = format!("DO $datajoint$ BEGIN\n{theirs};\nEXCEPTION");
        }
        // A child keeps the precision of its parent.
        let theirs = theirs.replace("timestamp without time zone", "timestamp(3)");
        assert!(ours.iter().any(|ours| ours.starts_with(&theirs)), "nothing of ours is\n{theirs}");
    }
}
