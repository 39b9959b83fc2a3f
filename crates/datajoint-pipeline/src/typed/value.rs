use std::fmt;

use datajoint_sql::Value;

mod number;
mod text;
mod time;

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
#[derive(Clone, PartialEq, Eq)]
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

datajoint_definition::debug_as_report!(ValueError);

impl From<std::convert::Infallible> for ValueError {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

/// What a value is, for messages.
pub(crate) fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Default => "the default".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::UInt(value) => value.to_string(),
        Value::Float32(value) => format!("{value:?}"),
        Value::Float64(value) => format!("{value:?}"),
        Value::Decimal(value) => value.to_string(),
        Value::BigDecimal(value) => value.to_plain_string(),
        Value::Duration(value) => datajoint_sql::show_span(*value),
        Value::Text(value) => format!("{:?}", shortened(value)),
        Value::Bytes(value) => datajoint_definition::count(value.len(), "byte"),
        Value::Date(value) => value.to_string(),
        Value::Time(value) => value.to_string(),
        Value::DateTime(value) => value.to_string(),
        Value::Uuid(value) => value.to_string(),
        Value::Json(value) => format!("the JSON {}", shortened(&value.to_string())),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The value is not what the Rust type holds.
fn mismatch(wanted: &str, value: &Value) -> ValueError {
    ValueError::new(match value {
        Value::Null => {
            format!("is null; read it as `Option`, or leave out rows where it is (wanted {wanted})")
        }
        value => format!("{} is not {wanted}", describe(value)),
    })
}

impl AttributeValue for Value {
    fn into_value(self) -> Result<Value, ValueError> {
        Ok(self)
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        Ok(value)
    }
}

impl<T: AttributeValue> AttributeValue for Option<T> {
    fn into_value(self) -> Result<Value, ValueError> {
        self.map_or(Ok(Value::Null), T::into_value)
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        match value {
            Value::Null => Ok(None),
            value => T::from_value(value).map(Some),
        }
    }
}
