use std::collections::BTreeMap;

use datajoint_definition::Backend;
use datajoint_schema::{Table, TableName};
use datajoint_sql::{
    CatalogRows, Value, catalog_queries, difference, lineage_query, list_tables, read_catalog,
    read_hidden_tables, referencing_schemas,
};

use crate::pipeline;
use crate::show::statement;

/// The rows that a server gave for the tables of the tests.
fn recorded(backend: Backend) -> CatalogRows {
    let text = match backend {
        Backend::Sqlite => include_str!("rows/sqlite.json"),
        Backend::Mysql => include_str!("rows/mysql.json"),
        Backend::Mariadb => include_str!("rows/mariadb.json"),
        Backend::Postgresql => include_str!("rows/postgresql.json"),
    };
    let recorded: BTreeMap<String, Vec<Vec<serde_json::Value>>> = {
        let document: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
        let queries = document.as_object().expect("an object").clone();
        queries
            .into_iter()
            .map(|(name, rows)| {
                let rows = rows.as_array().expect("rows").iter();
                (name, rows.map(|row| row.as_array().expect("a row").clone()).collect())
            })
            .collect()
    };
    let mut rows = CatalogRows::default();
    for name in ["columns", "keys", "lineage"] {
        rows.insert(name, recorded[name].iter().map(|row| row.iter().map(cell).collect()).collect());
    }
    rows
}

fn cell(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Number(number) => Value::Int(number.as_i64().expect("an integer")),
        other => Value::Text(other.as_str().expect("a text").to_owned()),
    }
}

fn found(backend: Backend) -> Vec<Table> {
    let rows = recorded(backend);
    let mut tables = read_catalog(backend, &rows).expect("the rows are as expected");
    tables.extend(read_hidden_tables(backend, &rows).expect("the rows are as expected"));
    tables
}

#[test]
fn every_backend_gives_back_the_tables_that_were_declared() {
    for backend in Backend::ALL {
        let found = found(backend);
        for declared in pipeline::all(backend) {
            let table = found.iter().find(|table| table.name == declared.name).expect("it was declared");
            assert_eq!(difference(backend, &declared, table), [], "{backend} {}", declared.name);
            assert_eq!(
                (&table.class_name, table.tier, &table.master, &table.comment),
                (&declared.class_name, declared.tier, &declared.master, &declared.comment)
            );
            assert_eq!(table.foreign_keys, declared.foreign_keys, "{backend} {}", declared.name);
        }
    }
}

#[test]
fn attributes_come_back_with_type_comment_and_lineage() {
    for backend in Backend::ALL {
        let found = found(backend);
        for declared in pipeline::all(backend).iter().filter(|table| !table.name.table.starts_with('~')) {
            let table = found.iter().find(|table| table.name == declared.name).expect("it was declared");
            for (ours, theirs) in declared.heading.all().iter().zip(table.heading.all()) {
                if let Some(kind) = &theirs.column_type {
                    assert_eq!(datajoint_sql::column_type(backend, declared, ours).as_ref(), Ok(kind));
                }
                // Databases write numbers in their own way: `0.50`, `1`.
                let default = ours.default.clone();
                let theirs = datajoint_schema::Attribute { default, column_type: None, ..(**theirs).clone() };
                assert_eq!(**ours, theirs, "{backend} {}", declared.name);
            }
        }
    }
}

#[test]
fn lineage_follows_from_foreign_keys_where_the_table_of_it_is_silent() {
    for backend in Backend::ALL {
        let mut rows = recorded(backend);
        rows.insert("lineage", Vec::new());
        let silent = read_catalog(backend, &rows).expect("the rows are as expected");
        let told = read_catalog(backend, &recorded(backend)).expect("the rows are as expected");
        for (silent, told) in silent.iter().zip(&told) {
            assert_eq!(silent.heading, told.heading, "{backend} {}", told.name);
        }
    }
}

#[test]
fn schemas_are_read_in_three_round_trips() {
    let schemas = ["ddl_a".to_owned(), "ddl_b".to_owned()];
    let mut lines = Vec::new();
    for backend in Backend::ALL {
        lines.push(format!("-- {backend}"));
        for query in catalog_queries(backend, &schemas) {
            lines.push(format!("{}: {}", query.name, statement(&query.statement)));
        }
        let lineage =
            lineage_query(backend, &recorded(backend), &schemas).expect("both schemas have a `~lineage`");
        lines.push(format!("{}: {}", lineage.name, statement(&lineage.statement)));
        lines.push(statement(&referencing_schemas(backend, &schemas[..1])));
        lines.push(statement(&list_tables(backend, "ddl_a")));
    }
    let text = lines.join("\n");
    insta::assert_snapshot!(text);
}

#[test]
fn some_tables_are_read_by_name() {
    let names =
        ["ddl_a.session", "ddl_a.#site", "ddl_b.__spikes"].map(|name| name.split_once('.').expect("a dot"));
    let names = names.map(|(schema, table)| TableName::new(schema, table));
    let mut lines = Vec::new();
    for backend in Backend::ALL {
        lines.push(format!("-- {backend}"));
        let lineage =
            lineage_query(backend, &recorded(backend), &names[..2]).expect("`ddl_a` has a `~lineage`");
        for query in catalog_queries(backend, &names[..]).into_iter().chain([lineage]) {
            lines.push(format!("{}: {}", query.name, statement(&query.statement)));
        }
    }
    let text = lines.join("\n");
    insta::assert_snapshot!(text);
}

#[test]
fn rows_of_another_form_are_refused() {
    let mut rows = CatalogRows::default();
    rows.insert("columns", vec![vec![Value::Null]]);
    let error = read_catalog(Backend::Mysql, &rows).expect_err("a row is too short");
    assert_eq!(
        error.to_string(),
        "the catalog of mysql answered `columns` in an unknown form: 1 columns instead of 10"
    );
}
