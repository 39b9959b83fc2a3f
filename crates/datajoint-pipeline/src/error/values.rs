use std::fmt;

use datajoint_sql::Value;

use crate::typed::describe;

/// Attributes and their values, as of a key that an error speaks of. It is shown as `subject = 1 and session = 2`.
///
/// It is empty where nobody knows the values.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct KeyValues(Vec<(String, Value)>);

impl KeyValues {
    pub(crate) fn of(names: &[&str], values: &[Value]) -> Self {
        Self(names.iter().map(|&name| name.to_owned()).zip(values.iter().cloned()).collect())
    }

    /// Returns the value of an attribute, where it is known.
    pub fn get(&self, attribute: &str) -> Option<&Value> {
        self.iter().find(|(name, _)| *name == attribute).map(|(_, value)| value)
    }

    /// Returns each attribute with its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Returns true where no value is known.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same values under other names.
    pub(crate) fn renamed<'a>(self, names: impl Iterator<Item = &'a str>) -> Self {
        Self(names.map(str::to_owned).zip(self.0.into_iter().map(|(_, value)| value)).collect())
    }

    /// ` (subject = 1)`, or nothing.
    pub(super) fn in_brackets(&self) -> String {
        if self.is_empty() { String::new() } else { format!(" ({self})") }
    }
}

impl fmt::Display for KeyValues {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (name, value)) in self.iter().enumerate() {
            let between = if place > 0 { " and " } else { "" };
            write!(formatter, "{between}{name} = {}", describe(value))?;
        }
        Ok(())
    }
}

/// What may have been meant by a name that is not there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Hint {
    /// Nothing is known of it.
    #[default]
    Unknown,
    /// The most similar name that is there.
    Nearest(String),
    /// All names that are there, none of which is similar.
    Known(Vec<String>),
    /// A name of this form is to be written.
    Form(&'static str),
}

impl Hint {
    /// Returns the most similar name, or those that are there.
    pub(crate) fn of<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.collect();
        match datajoint_definition::suggest(name, known.iter().copied()) {
            Some(near) => Self::Nearest(near.to_owned()),
            None if known.is_empty() => Self::Unknown,
            None => Self::Known(known.into_iter().map(str::to_owned).collect()),
        }
    }
}

/// `; did you mean …?`, or the names there are.
impl fmt::Display for Hint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => Ok(()),
            Self::Nearest(near) => write!(formatter, "; did you mean `{near}`?"),
            Self::Known(names) if names.len() > 12 => {
                write!(formatter, "; there are {}, …", names[..12].join(", "))
            }
            Self::Known(names) => write!(formatter, "; there are {}", names.join(", ")),
            Self::Form(form) => write!(formatter, "; write `{form}`"),
        }
    }
}

/// A string at a place in JSON that is longer than a unique index on that place takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TooLong {
    /// The place, as the index has it.
    pub place: String,
    /// How many letters the index takes.
    pub most: usize,
    /// How many are given.
    pub given: usize,
}

impl fmt::Display for TooLong {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, most, given } = self;
        write!(formatter, "its unique index on `{place}` takes at most {most} letters, and {given} are given")
    }
}
