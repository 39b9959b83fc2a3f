use crate::Value;

/// A statement with the values bound to it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statement {
    /// The text, with the placeholders of its backend.
    pub sql: String,
    /// The values, in the order of the placeholders.
    pub parameters: Vec<Value>,
    /// What stands behind a point in queries within SQL of a user, `f` of `t.f`, where the server takes what is no column of
    /// `t` for a call of a function with its row. [`row_functions`](crate::row_functions) asks whether there are any.
    pub parts_of_rows: Vec<String>,
}

impl Statement {
    /// A statement without values.
    pub fn plain(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), ..Self::default() }
    }
}
