//! What a setting takes, and how it is read from text.

use serde_json::Value;

/// What a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// True or false.
    Flag,
    /// A whole number, from the first to the second.
    Number(i64, i64),
    /// Any text.
    Text,
    /// A text that is never shown.
    Secret,
    /// The path of a file or folder.
    Path,
    /// One of these words, in any case.
    Choice(&'static [&'static str]),
    /// A JSON array of strings, the first of which is not empty: a program with its arguments.
    Words,
    /// A JSON object.
    Object,
    /// A JSON object of stores.
    Stores,
}

/// Other words for some choices, as people have them from elsewhere.
const OTHER_WORDS: &[(&str, &str)] = &[("postgres", "postgresql"), ("warn", "WARNING")];

impl Kind {
    /// The value of a text, as it stands in a variable or in the file of a secret.
    ///
    /// Fails with what would have been right.
    pub(crate) fn read(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Text | Self::Secret | Self::Path => Ok(Value::String(text.to_owned())),
            Self::Flag => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" | "t" | "y" => Ok(Value::Bool(true)),
                "false" | "0" | "no" | "off" | "f" | "n" => Ok(Value::Bool(false)),
                _ => Err(self.expected()),
            },
            Self::Number(..) => {
                let number: i64 = text.trim().parse().map_err(|_| self.expected())?;
                self.check(Value::from(number))
            }
            Self::Choice(_) => self.check(Value::String(text.trim().to_owned())),
            Self::Object | Self::Stores | Self::Words => {
                let value: Value = serde_json::from_str(text).map_err(|error| format!("JSON ({error})"))?;
                self.check(value)
            }
        }
    }

    /// The value as the setting keeps it. `null` leaves a setting as if it were absent.
    ///
    /// Fails with what would have been right.
    pub(crate) fn check(self, value: Value) -> Result<Value, String> {
        match (self, value) {
            (_, Value::Null) => Ok(Value::Null),
            (Self::Flag, value @ Value::Bool(_))
            | (Self::Text | Self::Secret | Self::Path, value @ Value::String(_))
            | (Self::Object | Self::Stores, value @ Value::Object(_)) => Ok(value),
            (Self::Words, Value::Array(words)) if is_command(&words) => Ok(Value::Array(words)),
            (Self::Number(least, most), Value::Number(number)) => match number.as_i64() {
                Some(whole) if (least..=most).contains(&whole) => Ok(Value::from(whole)),
                _ => Err(self.expected()),
            },
            (Self::Flag, Value::Number(number)) => match number.as_i64() {
                Some(0) => Ok(Value::Bool(false)),
                Some(1) => Ok(Value::Bool(true)),
                _ => Err(self.expected()),
            },
            (Self::Choice(words), Value::String(word)) => {
                let other = OTHER_WORDS.iter().find(|(other, _)| other.eq_ignore_ascii_case(&word));
                let word = other.map_or(word.as_str(), |(_, word)| *word);
                let known = words.iter().find(|known| known.eq_ignore_ascii_case(word));
                known.map(|known| Value::from(*known)).ok_or_else(|| self.expected())
            }
            // A password of digits, as people write it.
            (Self::Text | Self::Secret, Value::Number(number)) => Ok(Value::String(number.to_string())),
            (Self::Flag | Self::Number(..), Value::String(text)) => self.read(&text),
            _ => Err(self.expected()),
        }
    }

    /// What would be right, to come after "must be".
    pub(crate) fn expected(self) -> String {
        match self {
            Self::Flag => "true or false".to_owned(),
            Self::Number(least, i64::MAX) => format!("a whole number of {least} or more"),
            Self::Number(least, most) => format!("a whole number from {least} to {most}"),
            Self::Text | Self::Secret => "a text".to_owned(),
            Self::Path => "a path".to_owned(),
            Self::Choice(words) => format!("one of {}", words.join(", ")),
            Self::Words => {
                "a JSON array of a program and its arguments, such as [\"notify\", \"--now\"]".to_owned()
            }
            Self::Object | Self::Stores => "a JSON object".to_owned(),
        }
    }
}

fn is_command(words: &[Value]) -> bool {
    let has_program = words.first().and_then(Value::as_str).is_some_and(|program| !program.is_empty());
    has_program && words.iter().all(Value::is_string)
}
