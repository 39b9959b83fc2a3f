//! The one table of types and the values at their limits. The guide's page on what maps to what is printed from it.

use datajoint::types::bigdecimal::BigDecimal;
use datajoint::types::chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use datajoint::types::rust_decimal::Decimal;
use datajoint::types::serde_json::{Value as Json, json};
use datajoint::types::uuid::Uuid;
use datajoint::{Attachment, Backend, Blob, Table, Value};

use super::line::Line;

const EVERYWHERE: &[Backend] = &Backend::ALL;
const NOT_ON_POSTGRESQL: &[Backend] = &[Backend::Mysql, Backend::Mariadb, Backend::Sqlite];
const ON_SERVERS: &[Backend] = &[Backend::Mysql, Backend::Mariadb, Backend::Postgresql];
const ON_MYSQL: &[Backend] = &[Backend::Mysql, Backend::Mariadb];

/// For each type a table of structs; the lines of its definition for `v` and `w`, which may be null; the Rust type; where
/// it is had; values of the Rust type; and what else is given for it.
macro_rules! lines {
    ($(
        $table:ident [$v:tt $w:tt] $(types($($types:tt)*))? as $rust:ty, $on:ident:
            [$($value:expr),* $(,)?], $also:expr;
    )*) => {
        /// A table for each type.
        #[expect(dead_code, reason = "rows are written whole, and attributes are named by strings")]
        pub(super) mod tables {
            use datajoint::prelude::*;
            use datajoint::types::chrono::TimeDelta;

            schema!("dj_conformance_matrix");

            $(
                #[table(Manual $(, types($($types)*))?)]
                #[doc = "id : int32"]
                #[doc = "---"]
                #[doc = $v]
                #[doc = $w]
                pub(in super::super) struct $table;
            )*
        }

        /// The table.
        pub(super) fn lines() -> Vec<Line> {
            vec![$({
                type Row = <tables::$table as Table>::Row;
                let rows = || {
                    let values: Vec<$rust> = vec![$($value),*];
                    rows_of(values, |id, v, w| Row { id, v, w })
                };
                Line::new(tables::$table, ($v, stringify!($rust)), $on, rows, Vec::from($also))
            }),*]
        }
    };
}

/// Each value twice, the second time with null beside it.
fn rows_of<V: Clone, R>(values: Vec<V>, row: impl Fn(i32, V, Option<V>) -> R) -> Vec<R> {
    let values = (0..).step_by(2).zip(values);
    values
        .flat_map(|(id, value)| [row(id, value.clone(), Some(value.clone())), row(id + 1, value, None)])
        .collect()
}

fn ints<const N: usize>(numbers: [i64; N]) -> [Value; N] {
    numbers.map(Value::Int)
}

fn texts<const N: usize>(texts: [&str; N]) -> [Value; N] {
    texts.map(|text| Value::Text(text.to_owned()))
}

fn text(text: &str) -> String {
    text.to_owned()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn moment(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    text.parse().unwrap()
}

fn span(text: &str) -> TimeDelta {
    datajoint_sql::parse_span(text).unwrap()
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn long(text: &str) -> BigDecimal {
    text.parse().unwrap()
}

fn nines(count: usize) -> String {
    "9".repeat(count)
}

const NONE: [Value; 0] = [];

lines! {
    Int8 ["v : int8" "w = null : int8"] as i8, EVERYWHERE: [i8::MIN, 0, i8::MAX], ints([-129, 128]);
    Int16 ["v : int16" "w = null : int16"] as i16, EVERYWHERE: [i16::MIN, 0, i16::MAX], ints([-32_769, 32_768]);
    Int32 ["v : int32" "w = null : int32"] as i32, EVERYWHERE:
        [i32::MIN, 0, i32::MAX], ints([-(1 << 31) - 1, 1 << 31]);
    Int64 ["v : int64" "w = null : int64"] as i64, EVERYWHERE: [i64::MIN, 0, i64::MAX],
        [Value::UInt(1 << 63), Value::Text("1.5".to_owned()), Value::Float64(0.5), Value::Text("-7".to_owned())];
    Float32 ["v : float32" "w = null : float32"] as f32, EVERYWHERE:
        [0.1, -0.0, f32::MIN, f32::MAX, f32::MIN_POSITIVE, 16_777_217.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY],
        [Value::Float64(0.1), Value::Float64(1e39), Value::Int(16_777_217), Value::Text("1.5".to_owned())];
    Float64 ["v : float64" "w = null : float64"] as f64, EVERYWHERE:
        [0.1, -0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e22, f64::NAN, f64::INFINITY, f64::NEG_INFINITY],
        [Value::Int((1 << 53) + 1), Value::Int(1 << 53), Value::UInt(u64::MAX), Value::Text("1e3".to_owned())];
    Bool ["v : bool" "w = null : bool"] as bool, EVERYWHERE: [true, false], ints([1, 2, -1]);
    Identity ["v : uuid" "w = null : uuid"] as Uuid, EVERYWHERE: [Uuid::nil(), Uuid::max(), Uuid::from_u128(7)],
        texts(["00000000-0000-0000-0000-00000000000a", "no UUID"]);
    Document ["v : json" "w = null : json"] as Json, EVERYWHERE:
        [
            json!(null), json!([]), json!({}), json!(""), json!(0), json!(false),
            json!({"é": [1, 0.1, null, "🐭"], "": {}}), json!({"b": 1, "a": 2}),
            json!(u64::MAX), json!(i64::MIN), json!((1_u64 << 53) + 1), json!(-0.0), json!(1.0), json!(1e22),
            json!(5e-324), json!(1.797e308), json!("nul\0"), json!("'\\\"\u{7f}\u{2028}"),
        ],
        texts(["18446744073709551616", "[0.1000000000000000000001]", "{"]);
    Raw ["v : bytes" "w = null : bytes"] as Vec<u8>, EVERYWHERE:
        [vec![], vec![0], vec![0, 255, b'\\', b'\''], vec![7; 70_000]], texts(["no bytes"]);
    Day ["v : date" "w = null : date"] as NaiveDate, EVERYWHERE:
        [date("0001-01-01"), date("9999-12-31"), date("2024-02-29"), date("1582-10-10"), date("-0044-03-15"), date("+10000-01-01")],
        texts(["2023-02-29", "0000-00-00", "2024-00-10", "infinity", "-infinity"]);
    Moment ["v : datetime" "w = null : datetime"] as NaiveDateTime, EVERYWHERE:
        [
            moment("0001-01-01T00:00:00"), moment("9999-12-31T23:59:59"), moment("1969-12-31T23:59:59"),
            moment("2024-11-03T01:30:00"), moment("-0044-03-15T12:00:00"),
        ],
        texts(["2024-01-01 00:00:00.5", "2016-12-31 23:59:60", "2024-01-01 24:00:00", "0000-00-00 00:00:00", "infinity"]);
    Moment3 ["v : datetime(3)" "w = null : datetime(3)"] as NaiveDateTime, EVERYWHERE:
        [moment("2024-01-01T00:00:00.123"), moment("2024-01-01T00:00:00.1234"), moment("0001-01-01T00:00:00.001")],
        NONE;
    Moment6 ["v : datetime(6)" "w = null : datetime(6)"] as NaiveDateTime, EVERYWHERE:
        [
            moment("9999-12-31T23:59:59.999999"), moment("1969-12-31T23:59:59.000001"),
            moment("2024-01-01T00:00:00.0000001"), moment("2016-12-31T23:59:60"),
        ],
        NONE;
    Char ["v : char(3)" "w = null : char(3)"] as String, EVERYWHERE:
        [text(""), text("a"), text(" a"), text("äß🐭"), text("abcd")], NONE;
    Varchar ["v : varchar(5)" "w = null : varchar(5)"] as String, EVERYWHERE:
        [
            text(""), text(" "), text(" a "), text("A"), text("á"), text("a\u{301}"), text("🐭🐭🐭🐭🐭"), text("123456"),
            text("a\0b"), text("'\\\""), text("null"), text("\r\n\t"), text("\u{feff}"), text("1e5"),
        ],
        ints([7]);
    Letter ["v : enum('b', 'a', 'é')" "w = null : enum('b', 'a', 'é')"] types(w = LetterV) as tables::LetterV, EVERYWHERE:
        [tables::LetterV::B, tables::LetterV::A, tables::LetterV::ALL[2]], texts(["e", "B", "", "b "]);
    Decimal15 ["v : decimal(15,3)" "w = null : decimal(15,3)"] as Decimal, EVERYWHERE:
        [decimal("-999999999999.999"), decimal("0.001"), decimal("0"), decimal("0.0001"), decimal("1000000000000")],
        [Value::Text("1.50".to_owned()), Value::Float64(0.1), Value::Text("1e5".to_owned()), Value::Text("NaN".to_owned())];
    Decimal28 ["v : decimal(28,8)" "w = null : decimal(28,8)"] as Decimal, ON_SERVERS:
        [decimal("99999999999999999999.99999999"), decimal("-0.00000001")],
        [Value::Text(format!("{}.{}", nines(20), nines(8)))];
    Decimal65 ["v : decimal(65,30)" "w = null : decimal(65,30)"] as BigDecimal, ON_SERVERS:
        [
            long(&format!("-{}.{}", nines(35), nines(30))), long(&format!("0.{}1", "0".repeat(29))), long("0"),
            long(&nines(36)), long(&format!("0.{}1", "0".repeat(30))),
        ],
        NONE;
    Packed ["v : <blob>" "w = null : <blob>"] as Blob, EVERYWHERE:
        [Blob::None, Blob::from(f64::NAN), Blob::from(vec![0.5, 1.5]), Blob::from("🐭"), Blob::map([("rate", Blob::from(u64::MAX))])],
        NONE;
    Attached ["v : <attach>" "w = null : <attach>"] as Attachment, EVERYWHERE:
        [Attachment::new("notes 🐭.txt", "calm"), Attachment::new("empty", "")], NONE;
    TinyInt ["v : tinyint" "w = null : tinyint"] as i8, NOT_ON_POSTGRESQL: [i8::MIN, i8::MAX], ints([-129, 128]);
    TinyIntUnsigned ["v : tinyint unsigned" "w = null : tinyint unsigned"] as u8, NOT_ON_POSTGRESQL:
        [0, u8::MAX], ints([-1, 256]);
    SmallInt ["v : smallint" "w = null : smallint"] as i16, EVERYWHERE: [i16::MIN, i16::MAX], ints([-32_769, 32_768]);
    SmallIntUnsigned ["v : smallint unsigned" "w = null : smallint unsigned"] as u16, NOT_ON_POSTGRESQL:
        [0, u16::MAX], ints([-1, 65_536]);
    MediumInt ["v : mediumint" "w = null : mediumint"] as i32, NOT_ON_POSTGRESQL:
        [-8_388_608, 8_388_607, 8_388_608], NONE;
    Int ["v : int" "w = null : int"] as i32, EVERYWHERE: [i32::MIN, i32::MAX], ints([1 << 31]);
    IntUnsigned ["v : int unsigned" "w = null : int unsigned"] as u32, NOT_ON_POSTGRESQL:
        [0, u32::MAX], ints([-1, 1 << 32]);
    BigInt ["v : bigint" "w = null : bigint"] as i64, EVERYWHERE: [i64::MIN, i64::MAX], [Value::UInt(1 << 63)];
    BigIntUnsigned ["v : bigint unsigned" "w = null : bigint unsigned"] as u64, NOT_ON_POSTGRESQL:
        [0, i64::MAX.cast_unsigned(), 1 << 63, u64::MAX], ints([-1]);
    Bit ["v : bit(8)" "w = null : bit(8)"] as u64, ON_MYSQL: [0, 255, 256], NONE;
    Year ["v : year" "w = null : year"] as i16, NOT_ON_POSTGRESQL: [0, 1901, 2155, 1900, 2156], NONE;
    Time ["v : time" "w = null : time"] as NaiveTime, EVERYWHERE:
        [time("00:00:00"), time("23:59:59")], texts(["24:00:00", "-00:00:01", "838:59:59", "839:00:00", "12:30:60", "noon"]);
    Time6 ["v : time(6)" "w = null : time(6)"] types(v = TimeDelta, w = TimeDelta) as TimeDelta, EVERYWHERE:
        [span("00:00:00.000001"), span("23:59:59.999999"), span("24:00:00"), span("-838:59:58.999999"), span("838:59:59"), span("-00:00:00.5")],
        NONE;
    Timestamp ["v : timestamp" "w = null : timestamp"] as NaiveDateTime, EVERYWHERE:
        [moment("1990-01-01T00:00:01"), moment("2037-12-31T23:59:59")], texts(["2024-13-01 00:00:00"]);
    Float ["v : float" "w = null : float"] as f64, EVERYWHERE: [0.5, -0.25, 16_777_216.0], NONE;
    Double ["v : double" "w = null : double"] as f64, NOT_ON_POSTGRESQL: [0.1, 1e300, f64::MAX, f64::NAN], NONE;
    Numeric ["v : decimal(5)" "w = null : decimal(5)"] as Decimal, EVERYWHERE:
        [decimal("99999"), decimal("-1"), decimal("1.5"), decimal("100000")], NONE;
    Text ["v : text" "w = null : text"] as String, EVERYWHERE: [text(""), text("a "), text("🐭\n\r\t"), text("a\0b")], NONE;
    LongBlob ["v : longblob" "w = null : longblob"] as Vec<u8>, NOT_ON_POSTGRESQL: [vec![], vec![0, 255]], NONE;
    VarBinary ["v : varbinary(4)" "w = null : varbinary(4)"] as Vec<u8>, ON_MYSQL:
        [vec![], vec![0, 255, 0, 7], vec![1, 2, 3, 4, 5]], NONE;
    Binary ["v : binary(2)" "w = null : binary(2)"] as Vec<u8>, ON_MYSQL: [vec![0, 255], vec![7], vec![1, 2, 3]], NONE;
    Set ["v : set('b', 'a')" "w = null : set('b', 'a')"] as String, ON_MYSQL:
        [text(""), text("b"), text("b,a"), text("a,b"), text("c")], NONE;
}
