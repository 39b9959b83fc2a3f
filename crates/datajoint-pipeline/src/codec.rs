//! Values of codecs on their way into a table and out of it: objects are written before the rows that speak of them, and read
//! when no statement runs.

use std::sync::Arc;

use datajoint_codec::{Codecs, Row as CodecRow};
use datajoint_definition::{AttributeType, CodecType};
use datajoint_schema::{Attribute, Table, TableName};
use datajoint_sql::{Select, Value, bind_in_place, read_value};
use datajoint_store::Stores;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};

use crate::error::RowCodecError;
use crate::insert::Columns;
use crate::query::key_text;
use crate::typed::ValueError;
use crate::{Error, Instance, Result};

/// How many objects are written or read at once.
pub(crate) const AT_ONCE: usize = 16;

/// True for attributes whose values a codec encodes and decodes: all but those that stand in the table as they are.
#[doc(hidden)]
pub fn is_encoded(attribute: &Attribute) -> bool {
    matches!(&attribute.attribute_type, AttributeType::Codec(codec) if !Codecs::is_plain(codec))
}

/// A value that was encoded, with its place among the values.
type Encoded = (usize, Value);

/// Encodes the values of rows that codecs have to: their objects are in the stores when it ends, and the values bound.
///
/// `before` rows came before these.
pub(crate) async fn encode_rows(
    instance: &Instance,
    table: &Table,
    columns: &Columns,
    values: &mut [Value],
    before: u64,
) -> Result<()> {
    if !columns.has_encoded() {
        return Ok(());
    }
    let mut jobs = Vec::new();
    for (number, row) in values.chunks_mut(columns.names.len().max(1)).enumerate() {
        let key = Arc::new(key_of(table, columns, row));
        for (column, attribute) in columns.encoded(table) {
            if matches!(row[column], Value::Null | Value::Default) {
                continue;
            }
            let place = number * columns.names.len() + column;
            let (value, key) = (std::mem::take(&mut row[column]), Arc::clone(&key));
            let row = before + number as u64 + 1;
            jobs.push(encode(instance, table, attribute, (place, value), key, row));
        }
    }
    let encoded: Vec<Encoded> = futures_util::stream::iter(jobs).buffered(AT_ONCE).try_collect().await?;
    for (place, value) in encoded {
        values[place] = value;
    }
    Ok(())
}

async fn encode(
    instance: &Instance,
    table: &Table,
    attribute: &Attribute,
    (place, value): Encoded,
    key: Arc<Vec<(String, Value)>>,
    row: u64,
) -> Result<Encoded> {
    let AttributeType::Codec(codec) = &attribute.attribute_type else { return Ok((place, value)) };
    let of = CodecRow { schema: &table.name.schema, table: &table.name.table, key: &key };
    let encoded = async {
        let coder = instance.codecs().coder(instance.stores(), codec, &attribute.name)?;
        coder.encode(of, value).await
    };
    let mut encoded = encoded.await.map_err(|source| {
        let (of, key) = (format!("for `{}`", table.name), shown(&key));
        Error::Encode(Box::new(RowCodecError { of, row, key, attribute: attribute.name.clone(), source }))
    })?;
    bind_in_place(instance.backend(), attribute, &mut encoded).map_err(|error| Error::Row {
        table: table.name.clone(),
        row,
        source: ValueError::new(error.to_string()).at(&attribute.name),
    })?;
    Ok((place, encoded))
}

/// The primary key of a row as far as it is given, as its values are read.
fn key_of(table: &Table, columns: &Columns, row: &[Value]) -> Vec<(String, Value)> {
    let of_attribute = |attribute: &Attribute| {
        let column = columns.names.iter().position(|name| *name == attribute.name)?;
        let value = row[column].clone();
        let value = if value == Value::Default { value } else { read_value(attribute, value).ok()? };
        Some((attribute.name.clone(), value))
    };
    table.heading.primary_key().filter_map(of_attribute).collect()
}

/// A key for messages: ` (subject = 1)`.
fn shown(key: &[(String, Value)]) -> String {
    if key.is_empty() {
        return String::new();
    }
    let (names, values): (Vec<&str>, Vec<Value>) =
        key.iter().map(|(name, value)| (name.as_str(), value.clone())).unzip();
    format!(" ({})", key_text(&names, &values))
}

/// What decodes the rows of a query.
pub(crate) struct Decoding {
    codecs: Arc<Codecs>,
    stores: Arc<Stores>,
    cells: Vec<Cell>,
    /// The places of the key with its names.
    key: Vec<(usize, String)>,
}

/// A column whose values are decoded.
struct Cell {
    place: usize,
    attribute: String,
    codec: CodecType,
    /// The table that the values come from, where it is one.
    table: Option<TableName>,
}

/// Why a row can't be decoded.
pub(crate) struct Undecoded {
    key: String,
    attribute: String,
    source: datajoint_codec::Error,
}

impl Undecoded {
    pub(crate) fn of(self, query: &str, row: u64) -> Error {
        let Self { key, attribute, source } = self;
        Error::Decode(Box::new(RowCodecError { of: format!("of {query}"), row, key, attribute, source }))
    }
}

impl Decoding {
    /// What decodes the rows of a query; `None` when there is nothing to decode.
    pub(crate) fn new(instance: &Instance, select: &Select) -> Option<Self> {
        let attributes = select.heading.all();
        let cell = |(place, attribute): (usize, &Arc<Attribute>)| match &attribute.attribute_type {
            AttributeType::Codec(codec) if is_encoded(attribute) => Some(Cell {
                place,
                attribute: attribute.name.clone(),
                codec: codec.clone(),
                table: select.table_of(place).cloned(),
            }),
            _ => None,
        };
        let cells: Vec<Cell> = attributes.iter().enumerate().filter_map(cell).collect();
        if cells.is_empty() {
            return None;
        }
        let in_key = attributes.iter().enumerate().filter(|(_, attribute)| attribute.in_key);
        let key = in_key.map(|(place, attribute)| (place, attribute.name.clone())).collect();
        let (codecs, stores) = instance.shared_codecs();
        Some(Self { codecs, stores, cells, key })
    }

    /// The values of a row, decoded.
    pub(crate) async fn one(&self, mut row: Vec<Value>) -> Result<Vec<Value>, Undecoded> {
        let key: Vec<(String, Value)> =
            self.key.iter().map(|(place, name)| (name.clone(), row[*place].clone())).collect();
        for cell in &self.cells {
            if row[cell.place] == Value::Null {
                continue;
            }
            let stored = std::mem::take(&mut row[cell.place]);
            let table = cell.table.as_ref();
            let of = table.map(|table| CodecRow { schema: &table.schema, table: &table.table, key: &key });
            let decoded = async {
                let coder = self.codecs.coder(&self.stores, &cell.codec, &cell.attribute)?;
                coder.decode(of, stored).await
            };
            row[cell.place] = decoded.await.map_err(|source| Undecoded {
                key: shown(&key),
                attribute: cell.attribute.clone(),
                source,
            })?;
        }
        Ok(row)
    }

    /// The values of rows, decoded a few at a time.
    pub(crate) fn all(
        &self,
        rows: Vec<Vec<Value>>,
    ) -> impl Stream<Item = Result<Vec<Value>, Undecoded>> + Send + Unpin {
        Box::pin(futures_util::stream::iter(rows).map(|row| self.one(row)).buffered(AT_ONCE))
    }
}
