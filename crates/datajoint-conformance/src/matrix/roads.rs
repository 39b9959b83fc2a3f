//! The roads into a table and out of it.

use std::path::Path;
use std::sync::Arc;

use datajoint::arrow::arrow_array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Float32Array, Float64Array, Int32Array, Int64Array,
    RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array,
};
use datajoint::arrow::{FetchColumns, InsertColumns};
use datajoint::prelude::*;
use datajoint::types::chrono::NaiveDate;
use datajoint::{Backend, DynamicDeclaration, DynamicTable, Tier, Value, attribute};

use super::line::Line;
use super::{Outcome, SCHEMA, only, row};

/// The roads out of a table and into it again.
pub(super) const THERE_AND_BACK: [&str; 4] = ["JSON", "CSV", "Arrow", "Parquet"];

/// The roads into a table for a value that no table has.
pub(super) const IN: [&str; 3] = ["JSON", "CSV", "Arrow"];

/// Where a value that stands in the table is looked for, and how often it is found: once.
pub(super) async fn found(
    table: &DynamicTable,
    dj: &Instance,
    line: &Line,
    value: &Value,
) -> Vec<(&'static str, Result<u64, String>)> {
    let text = |error: datajoint::Error| error.to_string();
    if *value == Value::Null {
        let found = (table & attribute("v").is_null()).count(dj).await.map_err(text);
        let none = (table & attribute("v").eq(None::<i32>)).count(dj).await.map_err(text);
        return vec![("a restriction", found), ("a restriction to none", none)];
    }
    let is_nan = match value {
        Value::Float32(number) => number.is_nan(),
        Value::Float64(number) => number.is_nan(),
        _ => false,
    };
    if !line.in_key() || is_nan {
        return Vec::new();
    }
    let bound = || value.clone();
    let many = || std::iter::repeat_n(bound(), 1001);
    let mut found = vec![
        ("a restriction", (table & attribute("v").eq(bound())).count(dj).await.map_err(text)),
        ("a list", (table & attribute("v").is_in([bound(), bound()])).count(dj).await.map_err(text)),
        ("a long list", (table & attribute("v").is_in(many())).count(dj).await.map_err(text)),
        ("a range", (table & attribute("v").between(bound(), bound())).count(dj).await.map_err(text)),
    ];
    // SQL knows nothing of the type of an attribute: SQLite, where times are strings, of how many digits these have.
    let is_time = matches!(value, Value::DateTime(_) | Value::Time(_) | Value::Duration(_));
    if dj.backend() != Backend::Sqlite || !is_time {
        found.push(("sql()", (table & sql("v = ?", [bound()])).count(dj).await.map_err(text)));
    }
    found
}

/// A row that gets the value as its default; `None` for what no definition writes.
pub(super) async fn defaulted(
    dj: &Instance,
    class_name: &str,
    type_text: &str,
    value: &Value,
) -> Option<Outcome> {
    let text = match value {
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Float64(number) if number.is_finite() => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::BigDecimal(number) => number.to_plain_string(),
        Value::Text(text) if !text.contains(['"', '\\', '\0', '\n']) => format!("\"{text}\""),
        Value::Date(date) => format!("\"{date}\""),
        Value::DateTime(moment) => format!("\"{}\"", moment.format("%Y-%m-%d %H:%M:%S%.f")),
        Value::Uuid(uuid) => format!("\"{uuid}\""),
        _ => return None,
    };
    let definition = format!("id : int32\n---\nv = {text} : {type_text}");
    let declaration = DynamicDeclaration {
        schema: SCHEMA,
        class_name,
        tier: Tier::Manual,
        definition: &definition,
        master: None,
    };
    let table = match dj.declare_dynamic(declaration).await {
        Ok(table) => table,
        // The name of the table is not that of the line.
        Err(error) => return Some(Err(error.to_string())),
    };
    let row = DynamicRow::new().with("id", 1).unwrap();
    let end = match table.insert_one(dj, row).await {
        Ok(()) => only(&table, dj).await,
        Err(error) => Err(error.to_string()),
    };
    Some(end)
}

/// Sends the rows of a table away and takes them in again.
pub(super) async fn there_and_back(table: &DynamicTable, dj: &Instance, road: &str) -> Outcome {
    over(&table.query(), dj, table, dj, road).await?;
    only(table, dj).await
}

/// Sends the rows of a table into another one, or into itself.
pub(super) async fn over(
    from: &datajoint::Query<DynamicRow>,
    there: &Instance,
    to: &DynamicTable,
    here: &Instance,
    road: &str,
) -> Result<(), String> {
    let text = |error: datajoint::arrow::Error| error.to_string();
    let clear = async || to.delete_quick(here).confirmed().await.map(drop).map_err(|error| error.to_string());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows");
    let options = InsertOptions::new();
    match road {
        "JSON" => {
            let rows = from.fetch(there).await.map_err(|error| error.to_string())?;
            let mut read: Vec<DynamicRow> = Vec::new();
            for row in rows {
                let json = row.to_json().map_err(|error| error.to_string())?.to_string();
                read.push(DynamicRow::from_json_str(&json).unwrap());
            }
            clear().await?;
            to.insert(here, read).await.map_err(|error| error.to_string())?;
        }
        "CSV" => {
            from.write_csv(there, &path).await.map_err(text)?;
            clear().await?;
            to.insert_csv(here, &path, options).await.map_err(text)?;
        }
        "Parquet" => {
            from.write_parquet(there, &path).await.map_err(text)?;
            clear().await?;
            to.insert_parquet(here, &path, options).await.map_err(text)?;
        }
        "rows" => {
            let rows = from.fetch(there).await.map_err(|error| error.to_string())?;
            clear().await?;
            to.insert(here, rows).await.map_err(|error| error.to_string())?;
        }
        _ => {
            let batch = from.fetch_arrow(there).await.map_err(text)?;
            clear().await?;
            to.insert_batches(here, [batch], options).await.map_err(text)?;
        }
    }
    Ok(())
}

/// Gives a table a value that it has not, in the form of a road; `None` where the road has no form for it.
pub(super) async fn given(
    table: &DynamicTable,
    dj: &Instance,
    line: &Line,
    (road, value): (&str, &Value),
) -> Option<Outcome> {
    let is_string = matches!(value, Value::Text(_));
    match road {
        // Within JSON a string is no text of JSON, and within CSV all are strings.
        "JSON" if is_string && line.type_text == "json" => return None,
        "CSV" if !is_string && line.type_text.starts_with("varchar") => return None,
        _ => {}
    }
    table.delete_quick(dj).confirmed().await.unwrap();
    let options = InsertOptions::new();
    let inserted = match road {
        "JSON" => {
            let json = row(1, value).to_json().ok()?;
            let row = DynamicRow::from_json_str(&json.to_string()).unwrap();
            table.insert_one(dj, row).await.map_err(|error| error.to_string())
        }
        "CSV" => {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("rows.csv");
            write_csv(&path, value)?;
            table.insert_csv(dj, &path, options).await.map(drop).map_err(|error| error.to_string())
        }
        _ => {
            let id: ArrayRef = Arc::new(Int32Array::from(vec![1]));
            let batch = RecordBatch::try_from_iter([("id", id), ("v", array(value)?)]).unwrap();
            table.insert_batches(dj, [batch], options).await.map(drop).map_err(|error| error.to_string())
        }
    };
    Some(match inserted {
        Ok(()) => only(table, dj).await,
        Err(error) => Err(error),
    })
}

fn write_csv(path: &Path, value: &Value) -> Option<()> {
    let cell = match value {
        Value::Text(text) if text.is_empty() => return None,
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float32(number) => number.to_string(),
        Value::Float64(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::BigDecimal(number) => number.to_plain_string(),
        Value::Date(date) => date.to_string(),
        Value::DateTime(moment) => moment.to_string(),
        Value::Duration(span) => datajoint_sql::show_span(*span),
        Value::Json(document) => document.to_string(),
        _ => return None,
    };
    std::fs::write(path, format!("id,v\n1,\"{}\"\n", cell.replace('"', "\"\""))).unwrap();
    Some(())
}

fn array(value: &Value) -> Option<ArrayRef> {
    Some(match value {
        Value::Bool(truth) => Arc::new(BooleanArray::from(vec![*truth])),
        Value::Int(number) => Arc::new(Int64Array::from(vec![*number])),
        Value::UInt(number) => Arc::new(UInt64Array::from(vec![*number])),
        Value::Float32(number) => Arc::new(Float32Array::from(vec![*number])),
        Value::Float64(number) => Arc::new(Float64Array::from(vec![*number])),
        Value::Text(text) => Arc::new(StringArray::from(vec![text.as_str()])),
        Value::Json(document) => Arc::new(StringArray::from(vec![document.to_string()])),
        Value::Decimal(number) => Arc::new(StringArray::from(vec![number.to_string()])),
        Value::BigDecimal(number) => Arc::new(StringArray::from(vec![number.to_plain_string()])),
        Value::Bytes(bytes) => Arc::new(BinaryArray::from(vec![bytes.as_slice()])),
        Value::Date(date) => {
            let days = (*date - NaiveDate::default()).num_days();
            Arc::new(Date32Array::from(vec![i32::try_from(days).unwrap()]))
        }
        // A leap second and parts of a microsecond have no place there.
        Value::DateTime(moment)
            if moment.and_utc().timestamp_subsec_nanos() % 1000 == 0 && !is_leap(moment) =>
        {
            Arc::new(TimestampMicrosecondArray::from(vec![moment.and_utc().timestamp_micros()]))
        }
        _ => return None,
    })
}

fn is_leap(moment: &datajoint::types::chrono::NaiveDateTime) -> bool {
    moment.and_utc().timestamp_subsec_nanos() >= 1_000_000_000
}
