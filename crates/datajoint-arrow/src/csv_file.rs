//! CSV files.

use std::fs::File;
use std::path::Path;

use datajoint_definition::{AttributeType, CoreType, Store};
use datajoint_pipeline::DynamicRow;
use datajoint_schema::{Attribute, Heading, Table};
use datajoint_sql::Value;

use crate::{Error, Result};

pub(crate) struct Writer {
    file: csv::Writer<File>,
    names: Vec<String>,
    rows: u64,
}

impl Writer {
    pub(crate) fn create(path: &Path, heading: &Heading) -> Result<Self> {
        let file = File::create(path).map_err(Error::file(path))?;
        let mut file = csv::Writer::from_writer(file);
        let names: Vec<String> = heading.visible().map(|attribute| attribute.name.clone()).collect();
        file.write_record(&names)?;
        Ok(Self { file, names, rows: 0 })
    }

    pub(crate) fn write(&mut self, row: &[Value]) -> Result<()> {
        self.rows += 1;
        for (name, value) in self.names.iter().zip(row) {
            let cell = cell(value).ok_or_else(|| Error::Value {
                attribute: name.clone(),
                value: "a blob".to_owned(),
                kind: "text".to_owned(),
            })?;
            self.file.write_field(cell)?;
        }
        Ok(self.file.write_record(None::<&[u8]>)?)
    }

    pub(crate) fn finish(mut self) -> Result<u64> {
        self.file.flush().map_err(csv::Error::from)?;
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
    file: csv::Reader<File>,
    /// The name of each column, and its attribute where the table has one.
    columns: Vec<(String, Option<Attribute>)>,
}

impl Reader {
    pub(crate) fn open(path: &Path, table: &Table) -> Result<Self> {
        let file = File::open(path).map_err(Error::file(path))?;
        let mut file = csv::Reader::from_reader(file);
        let names = file.headers()?.clone();
        let attribute =
            |name: &str| table.heading.get(name).filter(|attribute| !attribute.is_hidden()).cloned();
        let columns = names.iter().map(|name| (name.trim().to_owned(), attribute(name.trim()))).collect();
        Ok(Self { file, columns })
    }

    /// The next row; `None` after the last.
    pub(crate) fn next(&mut self) -> Option<Result<DynamicRow>> {
        let mut record = csv::StringRecord::new();
        match self.file.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => return Some(Err(error.into())),
        }
        let line = record.position().map(csv::Position::line).unwrap_or_default();
        let cells = self.columns.iter().zip(record.iter()).map(|((name, attribute), text)| {
            let value = match attribute {
                Some(attribute) => parsed(attribute, text, line)?,
                None => Value::Text(text.to_owned()),
            };
            Ok((name.clone(), value))
        });
        Some(cells.collect())
    }
}

/// The value that a cell is of an attribute.
fn parsed(attribute: &Attribute, text: &str, line: u64) -> Result<Value> {
    let fault = || Error::Cell {
        line,
        attribute: attribute.name.clone(),
        value: text.to_owned(),
        type_text: attribute.type_text.clone(),
    };
    let is_text = matches!(
        &attribute.attribute_type,
        AttributeType::Core(CoreType::Char(_) | CoreType::Varchar(_) | CoreType::Enum(_))
    );
    if text.is_empty() && (!is_text || attribute.nullable) {
        return Ok(if attribute.nullable { Value::Null } else { Value::Default });
    }
    let bare = text.trim();
    Ok(match &attribute.attribute_type {
        AttributeType::Core(core) => match core {
            CoreType::Int8 | CoreType::Int16 | CoreType::Int32 | CoreType::Int64 => {
                Value::Int(bare.parse().map_err(|_| fault())?)
            }
            CoreType::Float32 => Value::Float32(bare.parse().map_err(|_| fault())?),
            CoreType::Float64 => Value::Float64(bare.parse().map_err(|_| fault())?),
            CoreType::Bool => match bare.to_ascii_lowercase().as_str() {
                "true" | "1" => Value::Bool(true),
                "false" | "0" => Value::Bool(false),
                _ => return Err(fault()),
            },
            CoreType::Decimal { .. } => Value::Decimal(bare.parse().map_err(|_| fault())?),
            CoreType::Json => Value::Json(Box::new(serde_json::from_str(bare).map_err(|_| fault())?)),
            CoreType::Bytes => return Err(fault()),
            CoreType::Char(_) | CoreType::Varchar(_) | CoreType::Enum(_) => Value::Text(text.to_owned()),
            // What these are as text is for the table to say.
            CoreType::Date | CoreType::DateTime { .. } | CoreType::Uuid => Value::Text(bare.to_owned()),
        },
        AttributeType::Codec(codec) if codec.store == Store::Table => return Err(fault()),
        AttributeType::Codec(_) => Value::Json(Box::new(serde_json::from_str(bare).map_err(|_| fault())?)),
        AttributeType::Native(_) => Value::Text(text.to_owned()),
    })
}
