use std::collections::HashMap;

use datajoint_definition::Backend;
use datajoint_schema::Beside;

use crate::{Error, Result, Value};

/// What the catalog queries answered.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CatalogRows {
    rows: HashMap<&'static str, Vec<Vec<Value>>>,
}

impl CatalogRows {
    /// Keeps the rows of a query, each with as many values as the query has columns, beside those that it has of it.
    pub fn insert(&mut self, name: &'static str, rows: Vec<Vec<Value>>) {
        self.rows.entry(name).or_default().extend(rows);
    }

    /// The columns of all tables.
    pub(crate) fn columns(&self) -> &[Vec<Value>] {
        self.get(COLUMNS)
    }

    fn get(&self, name: &str) -> &[Vec<Value>] {
        self.rows.get(name).map_or(&[], Vec::as_slice)
    }
}

pub(super) const COLUMNS: &str = "columns";
pub(super) const KEYS: &str = "keys";
pub(super) const LINEAGE: &str = "lineage";

/// A column of a table.
#[derive(Debug)]
pub(super) struct ColumnRow {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) table_comment: String,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) nullable: bool,
    pub(super) default: Option<String>,
    pub(super) comment: String,
    /// The members of an enum, as a JSON array, where the type doesn't tell.
    pub(super) members: Option<String>,
    pub(super) filling: Filling,
}

/// How the server fills a column that a row leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filling {
    /// With its default, if it has one.
    Default,
    /// With its default, which the server says to be an expression.
    Expression,
    /// With the next number, as its type says where it has no other words.
    Counter,
    /// The same, in words that no type has.
    Identity,
    /// With the present moment, which each change renews.
    OnUpdate,
    /// By an expression that is kept with the row, or computed when it is read.
    Generated,
}

impl Filling {
    /// The closed list of the catalog queries.
    fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "expression" => Self::Expression,
            "counter" => Self::Counter,
            "identity" => Self::Identity,
            "on update" => Self::OnUpdate,
            "generated" => Self::Generated,
            _ => return None,
        })
    }
}

/// A column of a key or an index.
#[derive(Debug)]
pub(super) struct KeyRow {
    pub(super) kind: String,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) name: String,
    pub(super) column: Option<String>,
    pub(super) expression: Option<String>,
    pub(super) parent_schema: Option<String>,
    pub(super) parent_table: Option<String>,
    pub(super) parent_column: Option<String>,
    /// What an index has beside its parts.
    pub(super) beside: Option<Beside>,
}

/// A row of a table `~lineage`.
#[derive(Debug)]
pub(super) struct LineageRow {
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) attribute: String,
    pub(super) lineage: String,
}

pub(super) fn columns(backend: Backend, rows: &CatalogRows) -> Result<Vec<ColumnRow>> {
    let read = |row: &Vec<Value>| {
        let mut cells = Cells::new(backend, COLUMNS, row, 10)?;
        Ok(ColumnRow {
            schema: cells.text()?,
            table: cells.text()?,
            table_comment: cells.optional()?.unwrap_or_default(),
            name: cells.text()?,
            kind: cells.text()?,
            nullable: cells.text()? == "YES",
            default: cells.optional()?,
            comment: cells.optional()?.unwrap_or_default(),
            members: cells.optional()?,
            filling: match cells.optional()? {
                None => Filling::Default,
                Some(word) => Filling::of_word(&word).ok_or_else(|| cells.unknown(&word))?,
            },
        })
    };
    rows.get(COLUMNS).iter().map(read).collect()
}

pub(super) fn keys(backend: Backend, rows: &CatalogRows) -> Result<Vec<KeyRow>> {
    let read = |row: &Vec<Value>| {
        let mut cells = Cells::new(backend, KEYS, row, 13)?;
        let (kind, schema, table, name) = (cells.text()?, cells.text()?, cells.text()?, cells.text()?);
        // The rows come in the order of the positions.
        cells.optional()?;
        let (column, expression) = (cells.optional()?, cells.optional()?);
        let (parent_schema, parent_table) = (cells.optional()?, cells.optional()?);
        let parent_column = cells.optional()?;
        cells.optional()?;
        let beside = match (cells.optional()?, cells.optional()?) {
            (None, _) => None,
            (Some(word), text) => {
                Some(Beside::of_word(&word, text.unwrap_or_default()).ok_or_else(|| cells.unknown(&word))?)
            }
        };
        Ok(KeyRow {
            kind,
            schema,
            table,
            name,
            column,
            expression,
            parent_schema,
            parent_table,
            parent_column,
            beside,
        })
    };
    rows.get(KEYS).iter().map(read).collect()
}

pub(super) fn lineage(backend: Backend, rows: &CatalogRows) -> Result<Vec<LineageRow>> {
    let read = |row: &Vec<Value>| {
        let mut cells = Cells::new(backend, LINEAGE, row, 4)?;
        Ok(LineageRow {
            schema: cells.text()?,
            table: cells.text()?,
            attribute: cells.text()?,
            lineage: cells.text()?,
        })
    };
    rows.get(LINEAGE).iter().map(read).collect()
}

/// The cells of a row, one after the other.
pub(super) struct Cells<'a> {
    backend: Backend,
    query: &'static str,
    rest: std::slice::Iter<'a, Value>,
}

impl<'a> Cells<'a> {
    pub(super) fn new(backend: Backend, query: &'static str, row: &'a [Value], width: usize) -> Result<Self> {
        if row.len() == width {
            return Ok(Self { backend, query, rest: row.iter() });
        }
        let detail = format!("{} columns instead of {width}", row.len());
        Err(Error::Catalog { backend, query, detail })
    }

    pub(super) fn text(&mut self) -> Result<String> {
        let fault =
            |query, backend| Error::Catalog { backend, query, detail: "null instead of a text".to_owned() };
        self.optional()?.ok_or_else(|| fault(self.query, self.backend))
    }

    fn unknown(&self, word: &str) -> Error {
        Error::Catalog { backend: self.backend, query: self.query, detail: format!("`{word}`") }
    }

    pub(super) fn optional(&mut self) -> Result<Option<String>> {
        match self.rest.next() {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Text(text)) => Ok(Some(text.clone())),
            Some(Value::Int(number)) => Ok(Some(number.to_string())),
            Some(Value::UInt(number)) => Ok(Some(number.to_string())),
            Some(Value::Bytes(bytes)) => Ok(Some(String::from_utf8_lossy(bytes).into_owned())),
            Some(other) => Err(Error::Catalog {
                backend: self.backend,
                query: self.query,
                detail: format!("{} instead of a text", crate::bind::show(other)),
            }),
        }
    }
}
