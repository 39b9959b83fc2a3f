//! Pieces of SQL with the values bound within.

use datajoint_definition::Backend;

use crate::{Error, Result as Outcome, Statement, Value};

/// SQL text with bound values at their places; the placeholders are written last.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Fragment {
    pieces: Vec<Piece>,
    /// As of [`Statement::parts_of_rows`].
    parts_of_rows: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    Value(Value),
}

impl Fragment {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Text(text.into())], parts_of_rows: Vec::new() }
    }

    pub(crate) fn push(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(Piece::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.pieces.push(Piece::Text(text.to_owned())),
        }
    }

    pub(crate) fn push_value(&mut self, value: Value) {
        self.pieces.push(Piece::Value(value));
    }

    /// Notes what stands behind a point in a query of a user's.
    pub(crate) fn note_parts_of_rows(&mut self, names: impl IntoIterator<Item = String>) {
        for name in names {
            if !self.parts_of_rows.contains(&name) {
                self.parts_of_rows.push(name);
            }
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.note_parts_of_rows(other.parts_of_rows);
        for piece in other.pieces {
            match piece {
                Piece::Text(text) => self.push(&text),
                value @ Piece::Value(_) => self.pieces.push(value),
            }
        }
    }

    /// The text between its values.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.as_str()),
            Piece::Value(_) => None,
        })
    }

    /// How long its text is, with one for each value.
    pub(crate) fn length(&self) -> usize {
        let of = |piece: &Piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Value(_) => 1,
        };
        self.pieces.iter().map(of).sum()
    }

    /// Its pieces in turn: text, or a value.
    pub(crate) fn into_pieces(self) -> impl Iterator<Item = Result<String, Value>> {
        self.pieces.into_iter().map(|piece| match piece {
            Piece::Text(text) => Ok(text),
            Piece::Value(value) => Err(value),
        })
    }

    /// The same between parentheses.
    pub(crate) fn parenthesised(self) -> Self {
        let mut whole = Self::text("(");
        whole.append(self);
        whole.push(")");
        whole
    }

    /// Fragments with `separator` between them.
    pub(crate) fn join(fragments: impl IntoIterator<Item = Self>, separator: &str) -> Self {
        let mut whole = Self::default();
        for (place, fragment) in fragments.into_iter().enumerate() {
            if place > 0 {
                whole.push(separator);
            }
            whole.append(fragment);
        }
        whole
    }

    /// Conditions with a word between them. The server may count how deep they stand within each other, and takes them
    /// for that in a row: then they go together in groups.
    pub(crate) fn balanced(backend: Backend, mut conditions: Vec<Self>, word: &str) -> Self {
        let most = longest_row(backend).unwrap_or(usize::MAX);
        while conditions.len() > most {
            let mut groups = Vec::with_capacity(conditions.len() / most + 1);
            let mut rest = conditions.into_iter().peekable();
            while rest.peek().is_some() {
                groups.push(Self::join(rest.by_ref().take(most), word).parenthesised());
            }
            conditions = groups;
        }
        Self::join(conditions, word)
    }

    /// The statement of a query. Fails for more values than the backend binds at a time.
    pub(crate) fn into_query(self, backend: Backend) -> Outcome<Statement> {
        let statement = self.into_statement(backend);
        let (values, most) = (statement.parameters.len(), backend.capability().max_parameters);
        if values <= most {
            return Ok(statement);
        }
        let advice = format!(
            "it has {values} values in its conditions, and {backend} takes {most}: give them as one list (`is_in`, a list of \
             keys), or ask for a part at a time"
        );
        Err(Error::TooLarge { advice })
    }

    /// The statement, with the placeholders of the backend.
    pub(crate) fn into_statement(self, backend: Backend) -> Statement {
        let mut statement = Statement { parts_of_rows: self.parts_of_rows, ..Statement::default() };
        for piece in self.pieces {
            match piece {
                Piece::Text(text) => statement.sql.push_str(&text),
                Piece::Value(value) => {
                    statement.parameters.push(value);
                    push_placeholder(backend, statement.parameters.len(), &mut statement.sql);
                }
            }
        }
        statement
    }
}

/// How many conditions stand in a row at most, where the server counts how deep they are; `None` where it does not.
pub(crate) fn longest_row(backend: Backend) -> Option<usize> {
    // As deep as a tenth of what the server allows, so that there is room for what stands around and within.
    backend.capability().max_expression_depth.map(|depth| depth / 10)
}

/// The placeholder of the value with this number, counted from one.
///
/// ```
/// use datajoint_definition::Backend;
/// use datajoint_sql::placeholder;
///
/// assert_eq!(placeholder(Backend::Postgresql, 2), "$2");
/// assert_eq!(placeholder(Backend::Mysql, 2), "?");
/// ```
pub fn placeholder(backend: Backend, number: usize) -> String {
    let mut sql = String::new();
    push_placeholder(backend, number, &mut sql);
    sql
}

/// Writes the placeholder of the value with this number, counted from one.
pub(crate) fn push_placeholder(backend: Backend, number: usize, sql: &mut String) {
    if backend.capability().has_numbered_placeholders {
        sql.push('$');
        sql.push_str(&number.to_string());
    } else {
        sql.push('?');
    }
}
