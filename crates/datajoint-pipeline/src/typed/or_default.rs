use datajoint_sql::Value;

use super::{AttributeValue, ValueError};

/// A value, or what the database fills in for it: for attributes with a default such as
/// `CURRENT_TIMESTAMP`, which is not known before the row is inserted.
///
/// A row that was read always holds a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum OrDefault<T> {
    /// The default of the attribute.
    #[default]
    Default,
    /// This value.
    Value(T),
}

impl<T> OrDefault<T> {
    /// The value; `None` for the default.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Default => None,
            Self::Value(value) => Some(value),
        }
    }

    /// The value; `None` for the default.
    pub const fn as_value(&self) -> Option<&T> {
        match self {
            Self::Default => None,
            Self::Value(value) => Some(value),
        }
    }
}

impl<T> From<T> for OrDefault<T> {
    fn from(value: T) -> Self {
        Self::Value(value)
    }
}

impl<T: AttributeValue> AttributeValue for OrDefault<T> {
    fn into_value(self) -> Result<Value, ValueError> {
        match self {
            Self::Default => Ok(Value::Default),
            Self::Value(value) => value.into_value(),
        }
    }

    fn from_value(value: Value) -> Result<Self, ValueError> {
        T::from_value(value).map(Self::Value)
    }
}
