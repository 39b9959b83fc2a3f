//! Defaults: what is declared is found as the same value, and what is told of it declares the same again.

use std::fmt::Write as _;

use datajoint::prelude::*;
use datajoint::{Backend, DynamicDeclaration, DynamicRow, DynamicTable, Tier, Value, attribute};

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_defaulting";

static TURN: Turn = Turn::new(SCHEMA);

/// Types with defaults as people write them; the last are numbers of which catalogs show fewer digits than they keep.
const DEFAULTS: &[(&str, &[&str])] = &[
    ("int8", &["7", "-128", "+7", "'7'"]),
    ("int16", &["-32768", "32767"]),
    ("int32", &["0", "2147483647"]),
    ("int64", &["-9223372036854775808", "9223372036854775807"]),
    ("bool", &["true", "FALSE", "1", "0", "'true'"]),
    (
        "float32",
        &["0.1", "1e-1", "-0", "-0.0", "1", "16777216", "3.4028235e38", "-3.4028235e38", "1.1754944e-38"],
    ),
    ("float32", &["0.1234567", "123456.78", "16777216.0", "1.2345679e-30", "'0.3'"]),
    ("float64", &["0.1", "0.50", "-0.0", "1e22", "9007199254740992", "1.7976931348623157e308", "5e-324"]),
    ("decimal(8,3)", &["0.5", "0.500", "-0", "100", "-99999.999", ".5"]),
    ("decimal(15,8)", &["0.00000001", "-1234567.00000001"]),
    ("date", &["'2020-01-04'", "'2020-1-4'", "'0001-01-01'", "'9999-12-31'"]),
    ("datetime", &["'2020-01-04'", "'2020-01-04T10:00:00'", "'2020-01-04 10:00:00'"]),
    ("datetime(3)", &["'2020-01-04 10:00:00'", "'2020-01-04 10:00:00.1'", "'2020-01-04 10:00:00.123'"]),
    ("datetime(6)", &["'2020-01-04 10:00:00.1'", "'2020-01-04 10:00:00.000001'"]),
    ("char(4)", &["'a'", "'a '", "''", "' a'"]),
    (
        "varchar(40)",
        &["''", "'a '", "\"it's\"", "'a \"b\"'", "'a:b#c;--'", "'NULL'", "'back\\slash'", "'1.50'", "'é'"],
    ),
    ("enum('x', 'it''s', 'a,b')", &["'x'", "\"it's\"", "'a,b'"]),
];

/// Those that MySQL and MariaDB have no default for.
const ELSEWHERE: &[(&str, &[&str])] = &[("uuid", &["'00000000-0000-0000-0000-00000000000A'"])];

const DOCUMENTS: &[&str] = &["'[1, 2]'", "'{}'", "'\"a\"'", "'{\"b\": 1.5, \"a\": [null, true]}'", "'1.0'"];

/// Defaults that no row could have as a value.
const REFUSED: &[(&str, &[&str])] = &[
    ("int8", &["128", "1.5", "'x'"]),
    ("bool", &["2", "'yes'"]),
    ("float32", &["16777217", "16777217.0", "1e39", "'x'"]),
    ("float64", &["9007199254740993", "9007199254740993.0", "1e400"]),
    ("decimal(8,3)", &["0.0005", "100000", "'x'"]),
    ("date", &["'2023-02-29'", "'0000-00-00'", "'2020-01-04 10:00:00'"]),
    ("datetime(3)", &["'2020-01-04 10:00:00.0001'", "'noon'"]),
    ("char(4)", &["'abcde'"]),
    ("varchar(4)", &["'abcde'"]),
    ("enum('x', 'y')", &["'z'"]),
    ("uuid", &["'x'"]),
    ("json", &["'{'"]),
    ("bytes", &["'x'"]),
    ("<blob>", &["'x'"]),
];

async fn declare(
    dj: &Instance,
    class_name: &str,
    definition: &str,
) -> Result<DynamicTable, datajoint::Error> {
    let (schema, tier, master) = (SCHEMA, Tier::Manual, None);
    dj.declare_dynamic(DynamicDeclaration { schema, class_name, tier, master, definition }).await
}

/// The row that gets all its defaults.
async fn defaulted(dj: &Instance, table: &DynamicTable, id: i32) -> DynamicRow {
    let row = DynamicRow::new().with("id", id).unwrap();
    table.insert_one(dj, row).await.unwrap();
    let mut row = table.query().restrict(attribute("id").eq(id)).fetch_one(dj).await.unwrap();
    row.set("id", Value::Null);
    row
}

/// Declared twice there is no difference; the description declares a table that gives the same values; and these are the
/// values that a row gets that is given the same strings.
#[expect(clippy::print_stdout, reason = "who looks wants to know what was done")]
pub async fn a_default_is_declared_found_and_declared_again(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let mut lines: Vec<(&str, &str)> = Vec::new();
    let is_mysql = dj.backend().is_mysql_family();
    for (kind, defaults) in DEFAULTS.iter().chain(ELSEWHERE.iter().filter(|_| !is_mysql)) {
        lines.extend(defaults.iter().map(|default| (*kind, *default)));
    }
    lines.extend(DOCUMENTS.iter().map(|default| ("json", *default)));
    let mut definition = "id : int32\n---\n".to_owned();
    for (number, (kind, default)) in lines.iter().enumerate() {
        writeln!(definition, "a{number} = {default} : {kind}").unwrap();
    }
    declare(dj, "Given", &definition).await.unwrap();
    let given = declare(dj, "Given", &definition).await.unwrap();
    assert_eq!(given.differences(), []);
    // As it is found, not as it was asked for.
    let found = dj.table(&given.name().to_string()).await.unwrap();
    declare(dj, "Again", &found.describe().unwrap()).await.unwrap();
    let again = declare(dj, "Again", &found.describe().unwrap()).await.unwrap();
    assert_eq!(again.differences(), []);
    let described = dj.table(&again.name().to_string()).await.unwrap().describe().unwrap();
    assert_eq!(described, found.describe().unwrap());
    // The definition as it was first written is that table too.
    assert_eq!(declare(dj, "Again", &definition).await.unwrap().differences(), []);
    let first = defaulted(dj, &given, 1).await;
    assert_eq!(defaulted(dj, &again, 1).await, first);
    let mut row = DynamicRow::new().with("id", 2).unwrap();
    for (number, (_, default)) in lines.iter().enumerate() {
        let string = match default.strip_prefix('\'').and_then(|inner| inner.strip_suffix('\'')) {
            Some(inner) => inner.replace("''", "'"),
            None => default.trim_matches('"').to_owned(),
        };
        row.set(format!("a{number}"), Value::Text(string));
    }
    given.insert_one(dj, row).await.unwrap();
    let mut row = given.query().restrict(attribute("id").eq(2)).fetch_one(dj).await.unwrap();
    row.set("id", Value::Null);
    for ((name, default), (_, value)) in first.iter().zip(row.iter()) {
        assert_eq!(default, value, "{name} of\n{definition}");
    }
    println!("{}: {} defaults", dj.backend(), lines.len());
    turn.end(dj).await;
}

/// A default is refused as the value is, by name, and no table is left.
pub async fn a_default_that_the_type_does_not_hold_is_refused(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    for (kind, defaults) in REFUSED {
        for default in *defaults {
            let definition = format!("id : int32\n---\nx = {default} : {kind}");
            let error = declare(dj, "Refused", &definition).await.expect_err(&definition).to_string();
            assert!(error.contains("x`"), "{definition}: {error}");
        }
    }
    if dj.backend() != Backend::Postgresql {
        turn.end(dj).await;
        return;
    }
    // What only one database has.
    let table =
        declare(dj, "Endless", "id : int32\n---\nx = 'inf' : float64\ny = 'NaN' : float64").await.unwrap();
    let row = defaulted(dj, &table, 1).await;
    assert!(row.get::<f64>("x").unwrap().is_infinite() && row.get::<f64>("y").unwrap().is_nan());
    turn.end(dj).await;
}
