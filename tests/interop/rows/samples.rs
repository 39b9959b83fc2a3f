//! A table of types with values of each.

use datajoint::Value;
use serde_json::{Value as Json, json};

use crate::server::Server;
use crate::wire::float;

/// Values of one type.
pub(crate) struct Samples {
    pub(crate) of_type: &'static str,
    pub(crate) is_key: bool,
    pub(crate) values: fn(&Server) -> Vec<Sample>,
    /// What Python can't do on PostgreSQL, with its message.
    defects: &'static [(Defect, &'static str)],
}

/// A value as Rust has it, and as Python has it.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) value: Value,
    pub(crate) wire: Json,
}

/// What Python does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    Insert,
    Fetch,
    /// Inserting it as a key that is inherited.
    Key,
    /// Finding rows by it.
    Restrict,
}

impl Samples {
    /// The message with which Python fails, where it does.
    pub(crate) fn defect(&self, server: &Server, defect: Defect) -> Option<&'static str> {
        let known = self.defects.iter().find(|(known, _)| *known == defect && server.is_postgres());
        known.map(|(_, message)| *message)
    }
}

fn both(value: impl Into<Sample>) -> Sample {
    value.into()
}

impl From<i64> for Sample {
    fn from(number: i64) -> Self {
        Self { value: Value::Int(number), wire: json!({"int": number.to_string()}) }
    }
}

impl From<&str> for Sample {
    fn from(text: &str) -> Self {
        Self { value: Value::Text(text.to_owned()), wire: json!({"str": text}) }
    }
}

impl From<&[u8]> for Sample {
    fn from(bytes: &[u8]) -> Self {
        Self { value: Value::Bytes(bytes.to_vec()), wire: json!({"bytes": crate::wire::hexadecimal(bytes)}) }
    }
}

fn single(number: f32) -> Sample {
    // Python has the float that is written with the same digits.
    let written = number.to_string().parse().unwrap_or(f64::NAN);
    Sample { value: Value::Float32(number), wire: float(written) }
}

fn double(number: f64) -> Sample {
    Sample { value: Value::Float64(number), wire: float(number) }
}

fn parsed(kind: &str, written: &str) -> Sample {
    let python = written.replace('T', " ");
    let value = match kind {
        "date" => Value::Date(written.parse().unwrap_or_default()),
        "datetime" => Value::DateTime(written.parse().unwrap_or_default()),
        "uuid" => Value::Uuid(written.parse().unwrap_or_default()),
        _ => Value::Decimal(written.parse().unwrap_or_default()),
    };
    Sample { value, wire: json!({kind: python}) }
}

fn document(document: Json, wire: Json) -> Sample {
    Sample { value: Value::Json(Box::new(document)), wire }
}

fn ints(numbers: &[i64]) -> Vec<Sample> {
    numbers.iter().copied().map(both).collect()
}

macro_rules! samples {
    ($type:literal, key: $is_key:literal, $server:pat => $values:expr $(, except $defect:ident: $message:literal)* $(,)?) => {
        Samples {
            of_type: $type,
            is_key: $is_key,
            values: |$server| $values,
            defects: &[$((Defect::$defect, $message)),*],
        }
    };
}

pub(crate) static SAMPLES: &[Samples] = &[
    samples!("int8", key: true, _ => ints(&[0, 127, -128])),
    samples!("int16", key: true, _ => ints(&[32767, -32768])),
    samples!("int32", key: true, _ => ints(&[i64::from(i32::MAX), i64::from(i32::MIN)])),
    samples!("int64", key: true, _ => ints(&[i64::MAX, i64::MIN, 9_007_199_254_740_993])),
    samples!("float32", key: false, _ => [0.1, -2.5, 3.0e38, 1.0e-30].map(single).into()),
    samples!("float64", key: false, server => {
        let mut numbers = vec![0.1, -2.5, 1e300, 5e-324, 1.0 / 3.0, f64::MAX];
        if server.is_postgres() {
            // MySQL has no place for these.
            numbers.extend([f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
        }
        numbers.into_iter().map(double).collect()
    }),
    samples!("bool", key: true, server => [true, false].map(|truth| {
        let number = i64::from(truth).to_string();
        // In MySQL a truth is a small number, and Python reads it so.
        let wire = if server.is_postgres() { json!({"bool": truth}) } else { json!({"int": number}) };
        Sample { value: Value::Bool(truth), wire }
    }).into()),
    // BUG-02
    samples!("uuid", key: true, _ => vec![
        parsed("uuid", "12345678-1234-5678-1234-567812345678"),
        parsed("uuid", "00000000-0000-0000-0000-000000000000"),
        parsed("uuid", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    ], except Insert: "uuid", except Fetch: "16-char", except Key: "UUID", except Restrict: "uuid"),
    samples!("date", key: true, _ => vec![parsed("date", "2024-02-29"), parsed("date", "1969-12-31")]),
    samples!("datetime", key: true, _ => vec![
        parsed("datetime", "2024-01-02T03:04:05"),
        parsed("datetime", "1969-12-31T23:59:59"),
    ]),
    samples!("datetime(3)", key: true, _ => vec![parsed("datetime", "2024-01-02T03:04:05.678000")]),
    samples!("datetime(6)", key: true, _ => vec![parsed("datetime", "2024-01-02T03:04:05.678901")]),
    samples!("char(4)", key: true, server => {
        // PostgreSQL pads with blanks, and Python keeps them.
        let padded = if server.is_postgres() { "ab  " } else { "ab" };
        let short = Sample { wire: json!({"str": padded}), ..both("ab") };
        vec![short, both("naïv")]
    }),
    samples!("varchar(40)", key: true, _ => [
        "", "plain", "it's", "a \"quote\"", "naïve → 日本 🐁", "100 %s", "two\nlines\ttab",
    ].map(both).into()),
    // A backslash in a restriction is BUG-20.
    samples!("varchar(41)", key: false, _ => ["a \\ back\\slash", " blanks "].map(both).into()),
    samples!("enum('left', 'right')", key: true, _ => ["left", "right"].map(both).into()),
    samples!("decimal(8,3)", key: true, _ => ["1.500", "-99999.999", "0.000"].map(|text| parsed("decimal", text)).into()),
    samples!("decimal(28,0)", key: true, _ => vec![parsed("decimal", "1234567890123456789012345678")]),
    samples!("json", key: false, _ => vec![
        document(json!({"a": [1, null, "é"], "b": {"c": 1.5}}), json!({"dict": [
            [{"str": "a"}, {"list": [{"int": "1"}, null, {"str": "é"}]}],
            [{"str": "b"}, {"dict": [[{"str": "c"}, float(1.5)]]}],
        ]})),
        document(json!([]), json!({"list": []})),
        document(json!(3), json!({"int": "3"})),
        document(json!(true), json!({"bool": true})),
        document(json!({"t": "back\\slash \"q\" %"}), json!({"dict": [[{"str": "t"}, {"str": "back\\slash \"q\" %"}]]})),
    ]),
    // BUG-10
    samples!("json ", key: false, _ => vec![document(json!("text"), json!({"str": "text"}))], except Fetch: "Expecting value"),
    samples!("bytes", key: false, _ => vec![both(&[0_u8, 255, 7, 39, 92][..]), both(&[][..]), both(&[7_u8; 3000][..])]),
    samples!("<blob>", key: false, _ => vec![
        blob("646a300002020000000000000004000000000000000a0100010a0000000000000005010000000000000061",
            json!({"list": [{"int": "1"}, {"str": "a"}]})),
        blob("6d596d0041010000000000000003000000000000000e00000000000000010000000000000002000000000000000300000000000000",
            json!({"array": {"dtype": "int64", "shape": [3], "data": [{"int": "1"}, {"int": "2"}, {"int": "3"}]}})),
    ]),
];

/// A blob with these bytes.
fn blob(hexadecimal: &str, wire: Json) -> Sample {
    Sample { value: Value::Bytes(crate::wire::bytes(hexadecimal)), wire }
}
