//! Rows in memory.

use datajoint_schema::Lineage;
use datajoint_sql::Value;

/// What columns of each kind are called: the first letter of a name is kept when it is changed.
pub(super) mod kind {
    pub(in super::super) const STRING: char = 't';
    pub(in super::super) const CHAR: char = 's';
    pub(in super::super) const ENUM: char = 'e';
    pub(in super::super) const DECIMAL: char = 'd';
    pub(in super::super) const TIME: char = 'w';
    pub(in super::super) const DATE: char = 'y';
    pub(in super::super) const CLOCK: char = 'h';
    pub(in super::super) const UNSIGNED: char = 'u';
    pub(in super::super) const LONG: char = 'b';
    pub(in super::super) const FLOAT: char = 'f';

    /// The kinds of columns that are no small whole numbers.
    pub(in super::super) const ALL: [char; 10] =
        [STRING, CHAR, ENUM, DECIMAL, TIME, DATE, CLOCK, UNSIGNED, LONG, FLOAT];

    /// The kind of a column; whole numbers have several letters.
    pub(in super::super) fn of(name: &str) -> Option<char> {
        name.chars().next().filter(|letter| ALL.contains(letter))
    }
}

/// The members of every enum, in the order of their declaration, which is no other order of theirs.
pub(super) const MEMBERS: [&str; 4] = ["mid", "High", "low", "a b"];

/// A value, in the order that queries have: null first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Cell {
    Null,
    /// In hundredths.
    Number(i64),
    Text(String),
}

impl Cell {
    pub(super) fn whole(number: i64) -> Self {
        Self::Number(100 * number)
    }

    /// A number as it was written, whatever type the backend gives a sum.
    fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let hundredths: i64 = format!("{whole}{:0<2}", fraction.trim_end_matches('0')).parse().ok()?;
        (fraction.trim_end_matches('0').len() <= 2).then_some(Self::Number(sign * hundredths))
    }

    /// A value as it was fetched or given.
    pub(super) fn of(value: &Value) -> Self {
        let number = |text: String| Self::parse(&text).unwrap_or(Self::Text(text));
        match value {
            Value::Null => Self::Null,
            Value::Int(integer) => Self::whole(*integer),
            Value::UInt(integer) => number(integer.to_string()),
            Value::Decimal(decimal) => number(decimal.to_string()),
            Value::Float64(float) => number(format!("{float:?}")),
            Value::DateTime(moment) => Self::Text(moment.format("%Y-%m-%d %H:%M:%S%.3f").to_string()),
            Value::Date(date) => Self::Text(date.to_string()),
            Value::Time(time) => Self::Text(time.format("%H:%M:%S%.6f").to_string()),
            Value::Text(text) => Self::Text(text.clone()),
            other => Self::Text(format!("{other:?}")),
        }
    }

    /// A value to compare with a column.
    pub(super) fn operand(name: &str, value: &Value) -> Self {
        match (kind::of(name), value) {
            (Some(kind::CHAR), Value::Text(text)) => Self::Text(text.trim_end_matches(' ').to_owned()),
            (Some(kind::DECIMAL | kind::FLOAT), Value::Text(text)) => Self::parse(text).unwrap_or(Self::Null),
            _ => Self::of(value),
        }
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Number(number) if number % 100 == 0 => Value::Int(number / 100),
            Self::Number(number) => {
                let sign = if *number < 0 { "-" } else { "" };
                Value::Text(format!("{sign}{}.{:02}", number.abs() / 100, number.abs() % 100))
            }
            Self::Text(text) => Value::Text(text.clone()),
        }
    }

    /// The order of two values of a column.
    pub(super) fn order(&self, other: &Self, name: &str) -> std::cmp::Ordering {
        let place = |cell: &Self| match cell {
            Self::Text(text) => MEMBERS.iter().position(|member| member == text),
            _ => None,
        };
        if kind::of(name) == Some(kind::ENUM) { place(self).cmp(&place(other)) } else { self.cmp(other) }
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
