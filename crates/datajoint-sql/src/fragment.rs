//! Pieces of SQL with their values, before the places are numbered.

use datajoint_definition::Backend;

use crate::{Error, Result, Statement, Value, placeholder};

/// Stands in the text for each value. No identifier or keyword holds it.
const PLACE: char = '\u{0}';

/// A piece of SQL with the values that belong to its places.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Fragment {
    pub(crate) text: String,
    pub(crate) parameters: Vec<Value>,
}

impl Fragment {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), parameters: Vec::new() }
    }

    /// One value.
    pub(crate) fn value(value: Value) -> Self {
        Self { text: PLACE.to_string(), parameters: vec![value] }
    }

    /// Text of a user's with `?` for each value; `?` between quotes is text.
    pub(crate) fn of_user(text: &str, parameters: &[Value]) -> Result<Self> {
        let mut places = 0;
        let mut open = None;
        let marked: String = text
            .chars()
            .map(|character| match open {
                Some(quote) => {
                    if character == quote {
                        open = None;
                    }
                    character
                }
                None if matches!(character, '\'' | '"' | '`') => {
                    open = Some(character);
                    character
                }
                None if character == '?' => {
                    places += 1;
                    PLACE
                }
                None => character,
            })
            .collect();
        if places == parameters.len() {
            return Ok(Self { text: marked, parameters: parameters.to_vec() });
        }
        Err(Error::Placeholders { text: text.to_owned(), places, values: parameters.len() })
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.text.push_str(&other.text);
        self.parameters.extend(other.parameters);
    }

    /// The pieces with a separator between them.
    pub(crate) fn join(pieces: impl IntoIterator<Item = Self>, separator: &str) -> Self {
        let mut joined = Self::default();
        for (number, piece) in pieces.into_iter().enumerate() {
            if number > 0 {
                joined.push(separator);
            }
            joined.append(piece);
        }
        joined
    }

    /// The same between parentheses.
    pub(crate) fn grouped(mut self) -> Self {
        self.text = format!("({})", self.text);
        self
    }

    /// The statement, its places written as the backend writes them.
    pub(crate) fn into_statement(self, backend: Backend) -> Statement {
        let mut sql = String::with_capacity(self.text.len() + 2 * self.parameters.len());
        let mut number = 0;
        for character in self.text.chars() {
            if character == PLACE {
                number += 1;
                sql.push_str(&placeholder(backend, number));
            } else {
                sql.push(character);
            }
        }
        Statement { sql, parameters: self.parameters }
    }
}
