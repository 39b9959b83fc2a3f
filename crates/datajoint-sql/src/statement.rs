use crate::Value;

/// A statement with the values bound to it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statement {
    /// The text, with the placeholders of its backend.
    pub sql: String,
    /// The values, in the order of the placeholders.
    pub parameters: Vec<Value>,
}

impl Statement {
    /// A statement without values.
    pub fn plain(sql: impl Into<String>) -> Self {
        Self { sql: sql.into(), parameters: Vec::new() }
    }
}
