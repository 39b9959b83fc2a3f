//! Values in tables that other programs made, which no value of their types is.

use datajoint::prelude::*;
use datajoint::types::chrono::TimeDelta;
use datajoint::{Backend, Value};
use datajoint_sql::{Statement, parse_decimal, parse_span};

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_legacy";

static TURN: Turn = Turn::new(SCHEMA);

/// What a column holds: it is read, or the error shows it.
enum Held {
    Read(Value),
    Told(&'static str),
}

use Held::{Read, Told};

/// A column: its name, its type, what is written into it, and what comes of that.
type Column = (&'static str, &'static str, String, Held);

fn column(name: &'static str, kind: &'static str, sql: impl Into<String>, held: Held) -> Column {
    (name, kind, sql.into(), held)
}

fn nines() -> String {
    format!("{}.{}", "9".repeat(35), "9".repeat(30))
}

fn number(text: &str) -> Held {
    Read(parse_decimal(text).map(datajoint_sql::decimal_value).unwrap())
}

fn span(text: &str) -> Held {
    let span: TimeDelta = parse_span(text).unwrap();
    Read(datajoint_sql::clock(span))
}

fn of_mysql() -> Vec<Column> {
    vec![
        column("zero_day", "date", "'0000-00-00'", Told("0000-00-00")),
        column("needed_day", "date NOT NULL", "'0000-00-00'", Told("0000-00-00")),
        column("needed_moment", "datetime NOT NULL", "'0000-00-00 00:00:00'", Told("0000-00-00 00:00:00")),
        column("part_day", "date", "'2024-00-15'", Told("2024-00-15")),
        column("zero_moment", "datetime", "'0000-00-00 00:00:00'", Told("0000-00-00 00:00:00")),
        column("part_moment", "datetime(3)", "'2024-00-00 01:02:03.5'", Told("2024-00-00 01:02:03.5")),
        column("zero_stamp", "timestamp NULL", "'0000-00-00 00:00:00'", Told("0000-00-00 00:00:00")),
        column("below", "time", "'-838:59:59'", span("-838:59:59")),
        column("beyond", "time(6)", "'838:59:58.999999'", span("838:59:58.999999")),
        column("day_long", "time", "'24:00:00'", span("24:00:00")),
        column("digits", "decimal(65,30)", nines(), number(&nines())),
        column("no_year", "year", "0", Read(Value::Int(0))),
        column(
            "bits",
            "bit(64)",
            "b'1111111111111111111111111111111111111111111111111111111111111111'",
            Read(Value::UInt(u64::MAX)),
        ),
        column("none", "enum('a', 'b')", "'c'", Read(Value::Text(String::new()))),
        column("some", "set('a', 'b')", "'b,a'", Read(Value::Text("a,b".to_owned()))),
        column("filled", "int(5) unsigned zerofill", "42", Read(Value::Int(42))),
        column("padded", "binary(3)", "'a'", Read(Value::Bytes(b"a\0\0".to_vec()))),
    ]
}

fn of_postgresql() -> Vec<Column> {
    let thousand = "7".repeat(1000);
    vec![
        column("no_end", "date", "'infinity'", Told("infinity")),
        column("no_start", "date", "'-infinity'", Told("-infinity")),
        column("ides", "date", "'0044-03-15 BC'", Read(Value::Date("-0043-03-15".parse().unwrap()))),
        column("last_day", "date", "'5874897-12-31'", Told("2145031948")),
        column("no_end_moment", "timestamp", "'infinity'", Told("infinity")),
        column("no_end_zoned", "timestamptz", "'-infinity'", Told("-infinity")),
        column(
            "ides_moment",
            "timestamp",
            "'0044-03-15 12:00:00 BC'",
            Read(Value::DateTime("-0043-03-15T12:00:00".parse().unwrap())),
        ),
        column("last_moment", "timestamp", "'294276-12-31 23:59:59.999999'", Told("µs after 2000-01-01")),
        column("midnight", "time", "'24:00:00'", span("24:00:00")),
        column("nan", "numeric", "'NaN'", Told("NaN")),
        column("nan_digits", "numeric(10,2)", "'NaN'", Told("NaN")),
        column("digits", "numeric(65,30)", nines(), number(&nines())),
        column("thousand", "numeric", thousand.clone(), number(&thousand)),
        column("float_nan", "double precision", "'-Infinity'", Read(Value::Float64(f64::NEG_INFINITY))),
        column("span", "interval", "'1 day'", Told("interval")),
        column("address", "inet", "'127.0.0.1'", Told("inet")),
        column("long_number", "jsonb", "'18446744073709551616'", Told("18446744073709551616")),
    ]
}

fn of_sqlite() -> Vec<Column> {
    vec![
        column("no_day", "date", "'2024-02-30'", Told("2024-02-30")),
        column("no_moment", "datetime", "'2024-02-30 00:00:00'", Told("2024-02-30 00:00:00")),
        column("large", "int8", "1000", Read(Value::Int(1000))),
        column("no_truth", "bool", "7", Told("7")),
        column("no_identity", "uuid", "x'0102'", Told("2 bytes")),
        column("no_document", "json", "'{'", Told("{")),
        column("other", "enum('a', 'b')", "'c'", Read(Value::Text("c".to_owned()))),
        column("long", "varchar(2)", "'abc'", Read(Value::Text("abc".to_owned()))),
        column("digits", "decimal(6,2)", "1.255", Told("1.255")),
    ]
}

/// Runs statements as programs did whose databases check less.
pub(crate) async fn unchecked(dj: &Instance, statements: &[&str]) {
    let (before, after) = match dj.backend() {
        Backend::Postgresql => ("SELECT 1", "SELECT 1"),
        Backend::Sqlite => ("PRAGMA ignore_check_constraints = 1", "PRAGMA ignore_check_constraints = 0"),
        Backend::Mysql | Backend::Mariadb => ("SET sql_mode = ''", "SET sql_mode = @@global.sql_mode"),
    };
    let mut connection = dj.database().acquire().await.unwrap();
    for sql in [&[before], statements, &[after]].concat() {
        connection.execute(&Statement::plain(sql)).await.unwrap();
    }
}

/// A value that is none of its type is told with the table, the key and the attribute; all else is read.
pub async fn what_others_left_is_read_or_told_by_attribute(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let columns = match dj.backend() {
        Backend::Mysql | Backend::Mariadb => of_mysql(),
        Backend::Postgresql => of_postgresql(),
        Backend::Sqlite => of_sqlite(),
    };
    let names: Vec<&str> = columns.iter().map(|(name, ..)| *name).collect();
    let values: Vec<&str> = columns.iter().map(|(_, _, sql, _)| sql.as_str()).collect();
    let quote = |name: &str| datajoint_sql::quote_identifier(dj.backend(), name);
    let quoted: Vec<String> = names.iter().map(|name| quote(name)).collect();
    let reading = datajoint_sql::table_reference(dj.backend(), &datajoint::TableName::new(SCHEMA, "reading"));
    let insert = format!(
        "INSERT INTO {reading} (id, note, {}) VALUES (7, 'calm', {})",
        quoted.join(", "),
        values.join(", ")
    );
    let kinds: Vec<String> =
        columns.iter().map(|(name, kind, ..)| format!("{} {kind}", quote(name))).collect();
    if dj.backend() == Backend::Sqlite {
        // What has types there is what this library declared.
        let lines: Vec<String> =
            columns.iter().map(|(name, kind, ..)| format!("{name} = null : {kind}")).collect();
        let definition = format!("id : int32\n---\nnote : varchar(20)\n{}", lines.join("\n"));
        crate::matrix::declare(dj, SCHEMA, "Reading", &definition).await;
        unchecked(dj, &[&insert]).await;
    } else {
        crate::matrix::declare(dj, SCHEMA, "Beside", "id : int32").await;
        let create =
            format!("CREATE TABLE {reading} (id int PRIMARY KEY, note varchar(20), {})", kinds.join(", "));
        unchecked(dj, &[&create, &insert]).await;
    }
    let reading = dj.table(&format!("{SCHEMA}.Reading")).await.unwrap();
    let mut faults = Vec::new();
    for (name, kind, _, held) in &columns {
        let read = reading.proj([*name]).fetch_one(dj).await;
        match (read, held) {
            (Ok(row), Read(expected)) if row.value(name).unwrap() == expected => {}
            (Err(error), Told(shown)) => {
                let error = error.to_string();
                let is_unknown = kind == shown;
                let mut parts = vec![*name, *shown];
                if !is_unknown {
                    parts.extend(["reading", "id=7"]);
                }
                let lacks =
                    parts.into_iter().find(|part| !error.to_lowercase().contains(&part.to_lowercase()));
                faults.extend(lacks.map(|part| format!("{name}: the error names no {part}: {error}")));
            }
            (read, _) => faults.push(format!("{name}: {read:?}")),
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    let note = reading.proj(["note"]).fetch_one(dj).await.unwrap();
    assert_eq!(note.get::<String>("note").unwrap(), "calm");
    turn.end(dj).await;
}
