use std::fmt::Write as _;

use datajoint_definition::Backend;
use datajoint_sql::{
    InsertMode, Value, copy_in, delete, insert, insert_rows, insert_select, parameter_limit, update,
};

use crate::qa::{a, equal, matches, not, project, restrict, table_a, table_b};
use crate::show::statement;

const MODES: [InsertMode; 3] = [InsertMode::Plain, InsertMode::SkipDuplicates, InsertMode::Replace];

#[test]
fn rows_are_inserted() {
    let table = table_a();
    let mut text = String::new();
    for backend in Backend::ALL {
        let _ = writeln!(text, "-- {backend}, at most {} values", parameter_limit(backend));
        for mode in MODES {
            let inserted = insert(backend, &table, &["a", "x", "sex"], 2, mode).expect("it has the columns");
            let _ = writeln!(text, "{inserted}");
        }
        let rows = vec![vec![Value::Int(1), Value::Text("x".to_owned()), Value::Default]];
        let made = insert_rows(backend, &table, &["a", "x", "sex"], rows, InsertMode::Plain);
        let _ = writeln!(text, "{}", statement(&made.expect("it has the columns")));
        let defaults = insert_rows(backend, &table, &[], vec![Vec::new()], InsertMode::Plain);
        let _ = writeln!(text, "{}", statement(&defaults.expect("one row")));
        for mode in MODES {
            let made = insert_select(backend, &table, &a(), mode).expect("it has the key");
            let _ = writeln!(text, "{}", statement(&made));
        }
    }
    let _ = writeln!(text, "{}", copy_in(&table, &["a", "x"]).expect("it has the columns"));
    insta::assert_snapshot!(text);
}

#[test]
fn rows_are_deleted_and_changed() {
    let (table, child) = (table_a(), table_b());
    let one = || project(restrict(a(), equal("a", 1)), &[]);
    let mut text = String::new();
    for backend in Backend::ALL {
        let _ = writeln!(text, "-- {backend}");
        for condition in [equal("a", 1), matches(one()), not(matches(one()))] {
            for table in [&table, &child] {
                let made = delete(backend, table, &condition).expect("it has the attributes");
                let _ = writeln!(text, "{}", statement(&made));
            }
        }
        let values = [("sex", Value::Default), ("x", Value::Text("y".to_owned()))];
        let made = update(backend, &table, &[("a", Value::Int(1))], &values).expect("the key is whole");
        let _ = writeln!(text, "{}", statement(&made));
    }
    insta::assert_snapshot!(text);
}

#[test]
fn faults_say_what_to_do() {
    let (table, child) = (table_a(), table_b());
    let key = [("a", Value::Int(1))];
    let text = [("x", Value::Text("a text of more than twenty characters".to_owned()))];
    let rows = vec![vec![Value::Int(1)]];
    let faults = [
        insert(Backend::Sqlite, &table, &["a", "sec"], 1, InsertMode::Plain).map(drop),
        insert(Backend::Sqlite, &table, &[], 2, InsertMode::Plain).map(drop),
        insert_rows(Backend::Sqlite, &table, &["a", "x"], rows, InsertMode::Plain).map(drop),
        insert_rows(Backend::Sqlite, &table, &["a"], vec![vec![Value::Default]], InsertMode::Plain).map(drop),
        insert_select(Backend::Sqlite, &child, &a(), InsertMode::Plain).map(drop),
        update(Backend::Sqlite, &child, &key, &[("y", Value::Int(1))]).map(drop),
        update(Backend::Sqlite, &table, &key, &[]).map(drop),
        update(Backend::Sqlite, &table, &key, &key).map(drop),
        update(Backend::Sqlite, &table, &key, &text).map(drop),
        delete(Backend::Sqlite, &table, &equal("nope", 1)).map(drop),
    ]
    .map(|result| result.expect_err("it can't be done").to_string());
    let text = faults.join("\n");
    insta::assert_snapshot!(text);
}
