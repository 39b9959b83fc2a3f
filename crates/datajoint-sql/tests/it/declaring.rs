use std::fmt::Write as _;

use datajoint_definition::{Backend, Tier};
use datajoint_schema::Table;
use datajoint_sql::{
    Session, Statement, create_lineage_table, create_schema, create_table, drop_schema, drop_table,
    list_schemas, replace_lineage, schema_exists, session_setup, wants_own_characters,
};

use crate::pipeline::{self, declare};
use crate::show::statements;

fn create(backend: Backend, table: &Table) -> String {
    statements(&create_table(backend, table).expect("it can be declared"))
}

#[test]
fn sqlite_tables_check_what_other_databases_have_types_for() {
    let tables = [pipeline::subject(), pipeline::session(), pipeline::singleton(), pipeline::many_types()];
    let text: Vec<String> = tables.iter().map(|table| create(Backend::Sqlite, table)).collect();
    let text = text.join("\n");
    insta::assert_snapshot!(text);
}

#[test]
fn quotes_backslashes_and_long_names_come_out_right() {
    let mut text = String::new();
    for backend in Backend::ALL {
        let _ = writeln!(text, "-- {backend}\n{}", create(backend, &pipeline::odd()));
    }
    let _ = writeln!(text, "-- a child, mysql\n{}", create(Backend::Mysql, &pipeline::odd_child()));
    insta::assert_snapshot!(text);
}

#[test]
fn indexes_on_paths_and_expressions_are_valid() {
    let definition =
        "a : int32\n---\ndoc : json\nd : date\nindex (doc.name.first:char(20))\nindex ((year(d)))";
    let table = declare("lab", "Paths", Tier::Manual, definition, &[]);
    let mut text = String::new();
    for backend in Backend::ALL {
        let shown = match create_table(backend, &table) {
            Ok(created) => statements(&created),
            Err(error) => error.to_string(),
        };
        let _ = writeln!(text, "-- {backend}\n{shown}");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn dropping_leaves_nothing_behind() {
    let mut text = String::new();
    for backend in Backend::ALL {
        let _ =
            writeln!(text, "-- {backend}\n{}", statements(&drop_table(backend, &pipeline::subject(), true)));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn schemas_and_lineage() {
    let mut text = String::new();
    for backend in Backend::ALL {
        let session = pipeline::session();
        let all: Vec<Statement> = session_setup(backend, Session::default())
            .into_iter()
            .chain(create_schema(backend, "lab", false))
            .chain(wants_own_characters(backend))
            .chain(create_schema(backend, "lab", true))
            .chain([schema_exists(backend, "lab"), list_schemas(backend)])
            .chain(create_lineage_table(backend, "lab"))
            .chain(replace_lineage(backend, &session))
            .chain(drop_schema(backend, "lab", &[]))
            .collect();
        let _ = writeln!(text, "-- {backend}\n{}", statements(&all));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_can_not_be_declared_says_what_to_do() {
    let long = "A".repeat(70);
    let wide = declare("lab", "Wide", Tier::Manual, "a : int32\n---\nprice : decimal(20,4)", &[]);
    let wrong = declare("lab", "Wrong", Tier::Manual, "a : int32\n---\nsmall=300 : int8", &[]);
    let named = declare("lab", &long, Tier::Manual, "a : int32", &[]);
    let bytes = declare("lab", "Scan", Tier::Manual, "a : int32\n---\ntrace : longblob", &[]);
    let empty = declare("lab", "Empty", Tier::Manual, "a : char(0)", &[]);
    let letters = declare("lab", "Letters", Tier::Manual, "a : int32\n---\nnote : varchar(70000)", &[]);
    let errors = [
        create_table(Backend::Sqlite, &wide),
        create_table(Backend::Postgresql, &wrong),
        create_table(Backend::Mysql, &named),
        create_table(Backend::Postgresql, &bytes),
        create_table(Backend::Postgresql, &empty),
        create_table(Backend::Mariadb, &letters),
    ]
    .map(|result| result.expect_err("it can't be declared").to_string());
    let text = errors.join("\n");
    insta::assert_snapshot!(text);
}
