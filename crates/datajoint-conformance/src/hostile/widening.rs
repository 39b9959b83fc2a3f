//! Strings that would widen a condition, or make two statements of one: what others have is never chosen, and a string stays
//! the value that it is.

use datajoint::prelude::*;
use datajoint::{Backend, Condition, attribute};
use datajoint_sql::Statement;

use super::{Lab, SCHEMA, strings};

/// A way that a string takes into a condition.
struct Way {
    name: &'static str,
    condition: fn(&str) -> Condition,
    is: Is,
}

/// What the string is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    /// An expression, with all that it says.
    Sql,
    /// A string of SQL, which no row has.
    Literal,
    /// A value, which no row has.
    Value,
}

const WAYS: [Way; 10] = [
    Way { name: "an expression", condition: |text| sql(text, ()), is: Is::Sql },
    Way {
        name: "an expression beside one",
        condition: |text| sql(format!("a > 0 and {text}"), ()),
        is: Is::Sql,
    },
    Way {
        name: "a string compared",
        condition: |text| sql(format!("name = {}", literal(text)), ()),
        is: Is::Literal,
    },
    Way {
        name: "one of many strings",
        condition: |text| sql(format!("name in ('x', {})", literal(text)), ()),
        is: Is::Literal,
    },
    Way { name: "a value of a parameter", condition: |text| sql("name = ?", [text]), is: Is::Value },
    Way { name: "a value compared", condition: |text| attribute("name").eq(text), is: Is::Value },
    Way { name: "one of many values", condition: |text| attribute("name").is_in([text, "x"]), is: Is::Value },
    Way { name: "a value between", condition: |text| attribute("name").between(text, text), is: Is::Value },
    Way { name: "a pattern", condition: |text| attribute("name").like(text), is: Is::Value },
    Way { name: "a value at a place", condition: |text| attribute("doc.a").eq(text), is: Is::Value },
];

/// A string as SQL writes it.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Sends strings that widen conditions along each way, alone and beside a second condition. Gives how many were sent.
pub(super) async fn is_nowhere(dj: &Instance, lab: &Lab<'_>) -> usize {
    let is_long = strings::count().is_some();
    let all = strings::widening();
    let mut sent = 0;
    for way in &WAYS {
        // Values are bound, so that in the short form a few of them say as much as all.
        let step = if is_long || way.is != Is::Value { 1 } else { 11 };
        for text in all.iter().step_by(step) {
            chooses_nobody_elses(lab, way, text).await;
            sent += 1;
        }
    }
    for text in all.iter().step_by(if is_long { 1 } else { 5 }) {
        stays_the_same(lab, text).await;
        sent += 1;
    }
    for text in strings::several(dj.backend()) {
        is_refused(dj, &text).await;
        sent += 1;
    }
    sent + names_of_others(dj).await
}

/// What a condition chooses, alone and beside another.
async fn chooses_nobody_elses(lab: &Lab<'_>, way: &Way, text: &str) {
    let (name, owner) = (way.name, || attribute("a").eq(1));
    let condition = || (way.condition)(text);
    let queries =
        [&lab.table & condition(), &lab.table & condition() & owner(), &lab.table & owner() & condition()];
    for (number, query) in queries.iter().enumerate() {
        let is_alone = number == 0;
        match query.fetch(lab.dj).await {
            Ok(rows) if way.is == Is::Sql => {
                let is_owners = |row: &DynamicRow| row.get::<i64>("a").is_ok_and(|a| a == 1);
                assert!(is_alone || rows.iter().all(is_owners), "{name}: {text:?} chose {rows:?}");
            }
            Ok(rows) => assert!(rows.is_empty(), "{name}: {text:?} chose {rows:?}"),
            Err(error) => may_be_refused(way.is, name, text, &error.to_string()),
        }
    }
    if way.is != Is::Value {
        // What somebody else's condition keeps out does not go either.
        let nobody = attribute("a").lt(0);
        if let Ok(deleted) = (&lab.table & condition() & nobody).delete_quick(lab.dj).confirmed().await {
            assert_eq!(deleted.rows, 0, "{name}: {text:?} deleted rows");
        }
    }
}

/// A string is no error where it is a value; NUL is one that PostgreSQL does not have.
fn may_be_refused(is: Is, name: &str, text: &str, error: &str) {
    assert!(is == Is::Sql || text.contains('\0'), "{name}: {text:?} was refused: {error}");
}

/// A string computed is that string, and so is one that a row is changed to.
async fn stays_the_same(lab: &Lab<'_>, text: &str) {
    let computed = lab.table.proj(compute("x", literal(text))).column_as::<String>(lab.dj, "x").await;
    match computed {
        Ok(found) => assert_eq!(found, [text, text]),
        Err(error) => may_be_refused(Is::Literal, "a string computed", text, &error.to_string()),
    }
    if lab.table.update_one(lab.dj, datajoint::types::serde_json::json!({"a": 1, "name": text})).await.is_ok()
    {
        let names = lab.table.order_by("a").column_as::<String>(lab.dj, "name").await.unwrap();
        assert_eq!(names, [text, "two"]);
        let one = datajoint::types::serde_json::json!({"a": 1, "name": "one"});
        lab.table.update_one(lab.dj, one).await.unwrap();
    }
}

/// Of several statements in one text none is run, by whatever verb of a connection.
async fn is_refused(dj: &Instance, text: &str) {
    let statement = Statement::plain(text);
    let mut connection = dj.database().acquire().await.unwrap();
    let outcomes = [
        connection.fetch(&statement).await.map(drop),
        connection.look_up(&statement).await.map(drop),
        connection.execute(&statement).await.map(drop),
        connection.script(std::slice::from_ref(&statement)).await,
    ];
    assert!(outcomes.iter().all(Result::is_err), "{text:?}: {outcomes:?}");
}

/// Columns of tables that somebody else made may have any name: their rows come back by it, or it is refused by name.
async fn names_of_others(dj: &Instance) -> usize {
    let quote = |name: &str| match dj.backend() {
        Backend::Postgresql => format!("\"{}\"", name.replace('"', "\"\"")),
        _ => format!("`{}`", name.replace('`', "``")),
    };
    let table = match dj.backend() {
        Backend::Sqlite => format!("\"{SCHEMA}.others\""),
        _ => format!("{SCHEMA}.others"),
    };
    let names = ["x` or true", "x\" or true", "`", "\"", "x`,`a", "x\",\"a", "x' or 'a'='a", "x\\` or true"];
    for name in names {
        let column = quote(name);
        let statements = [
            format!("CREATE TABLE {table} (a int PRIMARY KEY, {column} varchar(20))"),
            format!("INSERT INTO {table} VALUES (1, 'one')"),
        ];
        let mut connection = dj.database().acquire().await.unwrap();
        connection.script(&statements.map(Statement::plain)).await.unwrap();
        let found = match dj.table(&format!("{SCHEMA}.others")).await {
            Ok(found) => found.fetch(dj).await,
            Err(error) => Err(error),
        };
        connection.script(&[Statement::plain(format!("DROP TABLE {table}"))]).await.unwrap();
        drop(connection);
        match found {
            Ok(rows) => assert_eq!(rows[0].get::<String>(name).unwrap(), "one", "{name}"),
            Err(error) => panic!("{name}: {error}"),
        }
    }
    names.len()
}
