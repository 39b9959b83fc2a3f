//! A type of the table, and when two values are one.

use datajoint::codegen::{RowWriter, TableSpec};
use datajoint::prelude::*;
use datajoint::types::serde_json::Value as Json;
use datajoint::{Backend, IntoRow, Table, Value};
use futures_util::future::BoxFuture;

/// A type, and values to be given for it.
pub(crate) struct Line {
    pub(super) type_text: &'static str,
    /// The Rust type.
    pub(super) rust: String,
    /// The values, each once, and null.
    pub(super) values: Vec<Value>,
    /// The backends that have the type.
    pub(super) backends: &'static [Backend],
    /// The table of structs.
    pub(super) spec: &'static TableSpec,
    pub(super) typed: Box<dyn Typed>,
}

impl Line {
    pub(super) fn new<T: Table + Relation<Row = <T as Table>::Row>>(
        table: T,
        (v, rust): (&'static str, &str),
        backends: &'static [Backend],
        rows: fn() -> Vec<<T as Table>::Row>,
        also: Vec<Value>,
    ) -> Self {
        let written = rows().into_iter().step_by(2).map(|row| written(row).swap_remove(1));
        Self {
            type_text: v.split_once(" : ").map_or(v, |(_, type_text)| type_text),
            rust: rust.replace("tables :: ", "").replace("tables::", ""),
            values: written.chain(also).chain([Value::Null]).collect(),
            backends,
            spec: T::spec(),
            typed: Box::new(Structs { table, rows }),
        }
    }

    /// True for a type that can be in a primary key.
    pub(super) fn in_key(&self) -> bool {
        !matches!(self.type_text, "json" | "bytes" | "text" | "longblob") && !self.type_text.starts_with('<')
    }
}

/// What came of a value: what was given, and what came back.
pub(super) type Cell = (&'static str, Value, Result<Value, String>);

/// A table of structs.
pub(super) trait Typed: Send + Sync {
    /// Sends each row there and back, alone and all at once.
    fn cells<'a>(&'a self, dj: &'a Instance) -> BoxFuture<'a, Vec<Cell>>;
}

struct Structs<T: Table> {
    table: T,
    rows: fn() -> Vec<<T as Table>::Row>,
}

/// The values of a struct.
fn written(row: impl IntoRow) -> Vec<Value> {
    let mut values = Vec::new();
    row.into_row(&mut RowWriter::new(&mut values)).unwrap();
    values
}

impl<T: Table + Relation<Row = <T as Table>::Row>> Typed for Structs<T> {
    fn cells<'a>(&'a self, dj: &'a Instance) -> BoxFuture<'a, Vec<Cell>> {
        Box::pin(async move {
            let (mut cells, mut kept) = (Vec::new(), Vec::new());
            for (row, again) in (self.rows)().into_iter().zip((self.rows)()) {
                let given = written(again);
                self.table.delete_quick(dj).confirmed().await.unwrap();
                let read = match self.table.insert_one(dj, row).await {
                    Ok(()) => self.table.fetch_one(dj).await.map(written).map_err(|error| error.to_string()),
                    Err(error) => Err(error.to_string()),
                };
                kept.push(read.is_ok());
                let road = "a struct";
                match read {
                    Ok(read) => {
                        for (given, read) in given.into_iter().zip(read).skip(1) {
                            cells.push((road, given, Ok(read)));
                        }
                    }
                    Err(error) => cells.push((road, given[1].clone(), Err(error))),
                }
            }
            self.table.delete_quick(dj).confirmed().await.unwrap();
            let kept = || {
                let mut is_kept = kept.iter();
                (self.rows)().into_iter().filter(move |_| is_kept.next() == Some(&true))
            };
            self.table.insert(dj, kept()).await.unwrap();
            let read = self.table.order_by("KEY").fetch(dj).await.unwrap();
            assert_eq!(read.len(), kept().count());
            for (given, read) in kept().zip(read) {
                let values = written(given).into_iter().zip(written(read)).skip(1);
                cells.extend(values.map(|(given, read)| ("structs", given, Ok(read))));
            }
            cells
        })
    }
}

/// True when two values are one: numbers in documents and decimals by what they are, floats by each of their bits.
pub(super) fn is_same(backend: Backend, given: &Value, read: &Value) -> bool {
    match (given, read) {
        (Value::Float64(given), Value::Float64(read)) => {
            // Only PostgreSQL keeps the sign of zero.
            given.to_bits() == read.to_bits()
                || (*given == 0.0 && *read == 0.0 && backend != Backend::Postgresql)
                || (given.is_nan() && read.is_nan())
        }
        (Value::Float32(given), Value::Float32(read)) => {
            given.to_bits() == read.to_bits()
                || (*given == 0.0 && *read == 0.0 && backend != Backend::Postgresql)
                || (given.is_nan() && read.is_nan())
        }
        // A column of 32 bits keeps the nearest float.
        #[expect(clippy::cast_possible_truncation, reason = "that is what the column does")]
        (Value::Float64(given), Value::Float32(read)) => {
            (*given as f32).to_bits() == read.to_bits() && given.is_finite() == read.is_finite()
        }
        // Where a type has another width on the other side.
        (Value::Float32(given), Value::Float64(read)) => {
            is_same(backend, &Value::Float64((*given).into()), &Value::Float64(*read))
        }
        (Value::Int(_) | Value::UInt(_), Value::Float64(_) | Value::Float32(_))
        | (
            Value::Float64(_) | Value::Decimal(_) | Value::BigDecimal(_),
            Value::Decimal(_) | Value::BigDecimal(_),
        ) => datajoint_sql::decimal_number(given) == datajoint_sql::decimal_number(read),
        // Numbers that backends keep apart may be written alike.
        (Value::Json(given), Value::Json(read)) => same_document(given, read),
        (Value::Text(given), read) => read == &Value::Text(given.clone()) || is_said(given, read),
        (Value::Int(given), Value::Bool(read)) => *given == i64::from(*read),
        (given, read) => given == read,
    }
}

/// True when a value is what a text says.
fn is_said(text: &str, value: &Value) -> bool {
    match value {
        Value::Decimal(_) | Value::BigDecimal(_) => datajoint_sql::parse_decimal(text)
            .is_some_and(|number| Some(number) == datajoint_sql::decimal_number(value)),
        Value::Time(_) | Value::Duration(_) => {
            datajoint_sql::parse_span(text).map(datajoint_sql::clock).as_ref() == Some(value)
        }
        Value::DateTime(moment) => text.replacen(' ', "T", 1).parse() == Ok(*moment),
        Value::Uuid(uuid) => uuid.to_string() == text,
        Value::Int(number) => text.parse() == Ok(*number),
        Value::Float64(number) => text.parse() == Ok(*number),
        Value::Float32(number) => text.parse() == Ok(*number),
        // MySQL writes the members of a set in the order of their declaration.
        Value::Text(read) => {
            let members =
                |text: &str| text.split(',').map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
            text.contains(',') && members(text) == members(read)
        }
        _ => false,
    }
}

fn same_document(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => {
            one == other
                || one.as_f64().is_some_and(|one| other.as_f64() == Some(one) && is_written_otherwise(one))
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_document(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|other| same_document(value, other)))
        }
        (one, other) => one == other,
    }
}

/// Backends write whole floats that are large as integers, and a zero without its sign.
fn is_written_otherwise(number: f64) -> bool {
    number.abs() > 1e15 || number == 0.0
}
