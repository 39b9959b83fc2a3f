//! Declarations as DataJoint for Python makes them.

use datajoint_definition::Backend;
use datajoint_schema::Table;
use datajoint_sql::create_table;

use crate::pipeline;

fn text(backend: Backend, table: &Table) -> String {
    let statements = create_table(backend, table).expect("the table can be declared");
    statements.iter().map(|statement| format!("{};\n", statement.sql)).collect()
}

#[test]
fn dump() {
    let tables = [pipeline::subject(), pipeline::part(), pipeline::session(), pipeline::singleton(), pipeline::analysis(), pipeline::many_types(), pipeline::child(), pipeline::method()];
    for backend in Backend::ALL {
        for table in &tables { println!("{}", text(backend, table)); }
        println!("{}", text(backend, &pipeline::jobs(backend)));
    }
}
