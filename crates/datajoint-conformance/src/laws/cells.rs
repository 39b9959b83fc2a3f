//! Rows in memory.

use datajoint_schema::Lineage;
use datajoint_sql::Value;

/// A value, in the order that queries have: null first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Cell {
    Null,
    Number(i64),
    Text(String),
}

impl Cell {
    /// A value as it was fetched, whatever type the backend gives a sum.
    pub(super) fn of(value: &Value) -> Self {
        let number = |text: String| {
            let whole = text.strip_suffix(".0").unwrap_or(&text);
            whole.parse().map_or(Self::Text(text.clone()), Self::Number)
        };
        match value {
            Value::Null => Self::Null,
            Value::Int(integer) => Self::Number(*integer),
            Value::UInt(integer) => number(integer.to_string()),
            Value::Decimal(decimal) => number(decimal.normalize().to_string()),
            Value::Float64(float) => number(format!("{float:?}")),
            Value::Text(text) => Self::Text(text.clone()),
            other => Self::Text(format!("{other:?}")),
        }
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Number(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text.clone()),
        }
    }

    pub(super) fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

/// A column of rows in memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) in_key: bool,
    pub(super) lineage: Option<Lineage>,
}

/// Rows in memory.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rows {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Rows {
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    pub(super) fn key(&self) -> Vec<&str> {
        self.columns.iter().filter(|column| column.in_key).map(|column| column.name.as_str()).collect()
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.place(name).is_some()
    }

    /// These columns first, in this order.
    pub(super) fn with_first(self, names: &[&str]) -> Self {
        let mut places: Vec<usize> = names.iter().filter_map(|name| self.place(name)).collect();
        places.extend(
            (0..self.columns.len()).filter(|&place| !names.contains(&self.columns[place].name.as_str())),
        );
        let cells = |row: &Vec<Cell>| places.iter().map(|&place| row[place].clone()).collect();
        Self {
            rows: self.rows.iter().map(cells).collect(),
            columns: places.iter().map(|&place| self.columns[place].clone()).collect(),
        }
    }

    /// The names of the columns in the order of the alphabet, each with whether it is in the key; and the rows in that
    /// order of columns, sorted.
    pub(super) fn canonical(&self) -> (Vec<(String, bool)>, Vec<Vec<Cell>>) {
        let mut places: Vec<usize> = (0..self.columns.len()).collect();
        places.sort_by(|one, other| self.columns[*one].name.cmp(&self.columns[*other].name));
        let names =
            places.iter().map(|&place| (self.columns[place].name.clone(), self.columns[place].in_key));
        let cells = |row: &Vec<Cell>| places.iter().map(|&place| row[place].clone()).collect();
        let mut rows: Vec<Vec<Cell>> = self.rows.iter().map(cells).collect();
        rows.sort();
        (names.collect(), rows)
    }
}
