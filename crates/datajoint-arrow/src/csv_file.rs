//! CSV files.

use std::fs::File;
use std::path::{Path, PathBuf};

use datajoint_definition::{AttributeType, CoreType, NativeCategory, Store};
use datajoint_pipeline::DynamicRow;
use datajoint_schema::{Attribute, Heading, Table, TableName};
use datajoint_sql::Value;

use crate::quotes::Quotes;
use crate::{Error, Result, WholeFile};

pub(crate) struct Writer {
    file: csv::Writer<File>,
    whole: WholeFile,
    /// The name of each column, and whether it may be null.
    columns: Vec<(String, bool)>,
    rows: u64,
    path: PathBuf,
    /// What the rows are of, for messages.
    query: String,
}

impl Writer {
    pub(crate) fn create(path: &Path, heading: &Heading, query: String) -> Result<Self> {
        let whole = WholeFile::new(path).map_err(Error::file(path))?;
        let file = File::create(whole.path()).map_err(Error::file(path))?;
        let mut file = csv::Writer::from_writer(file);
        let columns: Vec<(String, bool)> =
            heading.visible().map(|attribute| (attribute.name.clone(), attribute.nullable)).collect();
        file.write_record(columns.iter().map(|(name, _)| name)).map_err(Error::csv(path))?;
        Ok(Self { file, whole, columns, rows: 0, path: path.to_owned(), query })
    }

    pub(crate) fn write(&mut self, row: &[Value]) -> Result<()> {
        self.rows += 1;
        for ((name, nullable), value) in self.columns.iter().zip(row) {
            let fault = |kind: &str| Error::Value {
                query: self.query.clone(),
                row: self.rows,
                attribute: name.clone(),
                value: datajoint_sql::show_value(value),
                kind: kind.to_owned(),
            };
            if let Value::Bytes(_) = value {
                return Err(Error::Bytes { query: self.query.clone(), attribute: name.clone() });
            }
            let cell = cell(value).ok_or_else(|| fault("string of a CSV file"))?;
            // Read again, it would be null.
            if cell.is_empty() && *nullable && *value != Value::Null {
                return Err(fault("cell of a column that may be null, where an empty one is null"));
            }
            self.file.write_field(cell).map_err(Error::csv(&self.path))?;
        }
        self.file.write_record(None::<&[u8]>).map_err(Error::csv(&self.path))
    }

    pub(crate) fn finish(mut self) -> Result<u64> {
        self.file.flush().map_err(Error::file(&self.path))?;
        drop(self.file);
        self.whole.keep().map_err(Error::file(&self.path))?;
        Ok(self.rows)
    }
}

fn cell(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float32(number) => format!("{number:?}"),
        Value::Float64(number) => format!("{number:?}"),
        Value::Decimal(number) => number.to_string(),
        Value::BigDecimal(number) => number.to_plain_string(),
        Value::Duration(span) => datajoint_sql::show_span(*span),
        Value::Text(text) => text.clone(),
        Value::Date(date) => date.to_string(),
        Value::Time(time) => time.to_string(),
        Value::DateTime(moment) => moment.format("%Y-%m-%d %H:%M:%S%.f").to_string(),
        Value::Uuid(uuid) => uuid.to_string(),
        Value::Json(document) => document.to_string(),
        Value::Bytes(_) | Value::Default => return None,
    })
}

pub(crate) struct Reader {
    file: csv::Reader<Quotes<File>>,
    /// The name of each column, and its attribute where the table has one.
    columns: Vec<(String, Option<Attribute>)>,
    table: TableName,
    path: PathBuf,
    /// How many lines fewer it counts than there are.
    uncounted: u64,
}

impl Reader {
    pub(crate) fn open(path: &Path, table: &Table) -> Result<Self> {
        let file = File::open(path).map_err(Error::file(path))?;
        let mut file = csv::Reader::from_reader(Quotes::new(file));
        let names = file.headers().map_err(Error::csv(path))?.clone();
        if names.iter().all(|name| name.trim().is_empty()) {
            return Err(Error::NoNames { path: path.display().to_string() });
        }
        Error::of_two_columns(names.iter().map(str::trim))?;
        let attribute =
            |name: &str| table.heading.get(name).filter(|attribute| !attribute.is_hidden()).cloned();
        let columns = names.iter().map(|name| (name.trim().to_owned(), attribute(name.trim()))).collect();
        // Before lines that end as Windows has it, a record begins with the end of the line before it.
        let of_names = names.iter().map(|name| name.matches('\n').count() as u64).sum::<u64>() + 1;
        let uncounted = (of_names + 1).saturating_sub(file.position().line());
        Ok(Self { file, columns, table: table.name.clone(), path: path.to_owned(), uncounted })
    }

    /// The next row; `None` after the last.
    pub(crate) fn next(&mut self) -> Option<Result<DynamicRow>> {
        let mut record = csv::StringRecord::new();
        match self.file.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(Error::csv_line(&self.path, self.uncounted)(error))),
        }
        let line = record.position().map(csv::Position::line).unwrap_or_default() + self.uncounted;
        let cells = self.columns.iter().zip(record.iter()).map(|((name, attribute), text)| {
            let value = match attribute {
                Some(attribute) => parsed(attribute, text).ok_or_else(|| Error::Cell {
                    table: self.table.clone(),
                    line,
                    attribute: attribute.name.clone(),
                    value: text.to_owned(),
                    type_text: attribute.type_text.clone(),
                })?,
                None => Value::Text(text.to_owned()),
            };
            Ok((name.clone(), value))
        });
        Some(cells.collect())
    }
}

fn is_text(attribute_type: &AttributeType) -> bool {
    match attribute_type {
        AttributeType::Core(core) => {
            matches!(core, CoreType::Char(_) | CoreType::Varchar(_) | CoreType::Enum(_))
        }
        AttributeType::Native(native) => {
            matches!(native.category, NativeCategory::String | NativeCategory::Text)
        }
        AttributeType::Codec(_) => false,
    }
}

/// The value that a cell is of an attribute.
fn parsed(attribute: &Attribute, text: &str) -> Option<Value> {
    let is_text = is_text(&attribute.attribute_type);
    if text.is_empty() && (!is_text || attribute.nullable) {
        return Some(if attribute.nullable { Value::Null } else { Value::Default });
    }
    let bare = text.trim();
    Some(match &attribute.attribute_type {
        AttributeType::Core(core) => match core {
            CoreType::Int8 | CoreType::Int16 | CoreType::Int32 | CoreType::Int64 => {
                Value::Int(bare.parse().ok()?)
            }
            // A whole number must be that float, which is for the table to say.
            CoreType::Float32 => {
                whole(bare).or_else(|| datajoint_sql::parse_float32(bare).map(Value::Float32))?
            }
            CoreType::Float64 => {
                whole(bare).or_else(|| datajoint_sql::parse_float(bare).map(Value::Float64))?
            }
            CoreType::Bool => match bare.to_ascii_lowercase().as_str() {
                "true" | "1" => Value::Bool(true),
                "false" | "0" => Value::Bool(false),
                _ => return None,
            },
            CoreType::Decimal { .. } => datajoint_sql::decimal_value(datajoint_sql::parse_decimal(bare)?),
            CoreType::Json => Value::Json(Box::new(datajoint_sql::parse_json(bare).ok()?)),
            CoreType::Bytes => return None,
            CoreType::Char(_) | CoreType::Varchar(_) | CoreType::Enum(_) => Value::Text(text.to_owned()),
            // What these are as text is for the table to say.
            CoreType::Date | CoreType::DateTime { .. } | CoreType::Uuid => Value::Text(bare.to_owned()),
        },
        AttributeType::Codec(codec) if codec.store == Store::Table => return None,
        AttributeType::Codec(_) => Value::Json(Box::new(datajoint_sql::parse_json(bare).ok()?)),
        AttributeType::Native(native) if native.category == NativeCategory::Blob => return None,
        AttributeType::Native(_) => Value::Text(text.to_owned()),
    })
}

fn whole(text: &str) -> Option<Value> {
    let number = text.parse().map(Value::Int).ok();
    number.or_else(|| text.parse().map(Value::UInt).ok())
}
