use std::fmt;

use datajoint_sql::Value;

/// A Rust type that an attribute can have.
///
/// Implement it, or derive it for a newtype, to use a type of your own in a row.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the value of an attribute",
    note = "implement `datajoint::AttributeValue` for it, or derive it on a newtype"
)]
pub trait AttributeValue: Sized {
    /// The value as the database takes it.
    fn into_value(self) -> Result<Value, ValueError>;

    /// The value from what the database gave.
    fn from_value(value: Value) -> Result<Self, ValueError>;
}

/// A value that does not fit its attribute or its Rust type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueError {
    /// The attribute, when known.
    pub attribute: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

impl ValueError {
    /// An error with a message.
    pub fn new(message: impl Into<String>) -> Self {
        Self { attribute: None, message: message.into() }
    }

    /// The same error with the attribute named.
    #[must_use]
    pub fn at(mut self, attribute: &str) -> Self {
        self.attribute.get_or_insert_with(|| attribute.to_owned());
        self
    }
}

impl fmt::Display for ValueError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.attribute {
            Some(attribute) => write!(formatter, "attribute `{attribute}`: {}", self.message),
            None => formatter.write_str(&self.message),
        }
    }
}

impl std::error::Error for ValueError {}
