//! Types from text.

mod codec;
mod display;
mod members;
mod native;
mod unknown;

use std::fmt;

use crate::{AttributeType, CoreType};

/// Why a text is no type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeFault {
    /// What is wrong.
    pub message: String,
    /// How to mend it; it shows the correction between backticks.
    pub help: String,
    /// The type that was probably meant.
    pub correction: Option<String>,
}

impl TypeFault {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into(), correction: None }
    }

    /// A fault whose help is a word or two and the correction.
    fn corrected(message: impl Into<String>, words: &str, correction: impl Into<String>) -> Self {
        let correction = correction.into();
        let mark = if words.starts_with("did you") { "?" } else { "" };
        let help = format!("{words} `{correction}`{mark}");
        Self { message: message.into(), help, correction: Some(correction) }
    }

    /// The help, with the whole line in place of the type alone.
    pub(crate) fn help_in(&self, line: impl FnOnce(&str) -> String) -> String {
        match &self.correction {
            Some(correction) => {
                self.help.replace(&format!("`{correction}`"), &format!("`{}`", line(correction)))
            }
            None => self.help.clone(),
        }
    }
}

impl fmt::Display for TypeFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}; {}", self.message, self.help)
    }
}

impl std::error::Error for TypeFault {}

/// The core types as a definition writes them.
pub const CORE_TYPES: [&str; 17] = [
    "int8",
    "int16",
    "int32",
    "int64",
    "float32",
    "float64",
    "bool",
    "uuid",
    "json",
    "bytes",
    "date",
    "datetime",
    "datetime(n)",
    "char(n)",
    "varchar(n)",
    "enum('a', 'b')",
    "decimal(p, s)",
];

impl AttributeType {
    /// The type that a definition, or a marker in a comment, writes so. Case and blanks do not matter.
    ///
    /// Fails for a text that is no type of DataJoint and no known type of a database.
    ///
    /// ```
    /// use datajoint_definition::{AttributeType, CoreType};
    ///
    /// assert_eq!(AttributeType::parse("varchar (20)"), Ok(AttributeType::Core(CoreType::Varchar(20))));
    /// assert_eq!(AttributeType::parse("int33").unwrap_err().correction.as_deref(), Some("int32"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, TypeFault> {
        let text = text.trim();
        if text.starts_with('<') {
            return codec::read(text).map(Self::Codec);
        }
        let parts = Parts::of(text);
        if parts.rest.is_empty()
            && let Some(core) = core(&parts)?
        {
            return Ok(Self::Core(core));
        }
        native::read(text, &parts).map(Self::Native).ok_or_else(|| unknown::fault(text, &parts))
    }
}

/// The first word of a type in lower case, the text between its parentheses, and what follows in lower case.
struct Parts<'a> {
    word: String,
    arguments: Option<&'a str>,
    rest: String,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let end = text.find(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        let (word, rest) = text.split_at(end.unwrap_or(text.len()));
        let (word, rest) = (word.to_ascii_lowercase(), rest.trim());
        match rest.strip_prefix('(').and_then(|inner| inner.rsplit_once(')')) {
            Some((arguments, after)) => {
                Self { word, arguments: Some(arguments.trim()), rest: after.trim().to_lowercase() }
            }
            None => Self { word, arguments: None, rest: rest.to_lowercase() },
        }
    }
}

fn core(parts: &Parts<'_>) -> Result<Option<CoreType>, TypeFault> {
    let word = parts.word.as_str();
    let plain = match word {
        "int8" => CoreType::Int8,
        "int16" => CoreType::Int16,
        "int32" => CoreType::Int32,
        "int64" => CoreType::Int64,
        "float32" => CoreType::Float32,
        "float64" => CoreType::Float64,
        "bool" => CoreType::Bool,
        "uuid" => CoreType::Uuid,
        "json" | "jsonb" => CoreType::Json,
        "bytes" => CoreType::Bytes,
        "date" => CoreType::Date,
        "datetime" | "char" | "varchar" | "enum" | "decimal" => return with_arguments(word, parts.arguments),
        _ => return Ok(None),
    };
    match parts.arguments {
        None => Ok(Some(plain)),
        Some(arguments) => {
            let message = format!("the type `{word}` takes no arguments, but `({arguments})` is given");
            Err(TypeFault::corrected(message, "write", word))
        }
    }
}

fn with_arguments(word: &str, arguments: Option<&str>) -> Result<Option<CoreType>, TypeFault> {
    let wrong = |why: &str, example: &str| {
        let written = arguments.map_or_else(|| word.to_owned(), |arguments| format!("{word}({arguments})"));
        Err(TypeFault::corrected(format!("{why} `{written}`"), "write", example))
    };
    match (word, arguments) {
        ("datetime", None) => Ok(Some(CoreType::DateTime { precision: None })),
        ("datetime", Some(digits)) => match digits.parse() {
            Ok(precision @ 0..=6) => Ok(Some(CoreType::DateTime { precision: Some(precision) })),
            _ => wrong("a second has 0 to 6 digits after the point, unlike", "datetime(6)"),
        },
        ("char" | "varchar", Some(length)) => match length.parse() {
            Ok(length) if word == "char" => Ok(Some(CoreType::Char(length))),
            Ok(length) => Ok(Some(CoreType::Varchar(length))),
            Err(_) => wrong("the length must be a number of characters in", &format!("{word}(255)")),
        },
        ("char" | "varchar", None) => {
            wrong("the number of characters is missing from", &format!("{word}(255)"))
        }
        ("enum", Some(list)) => members::read(list).map(|members| Some(CoreType::Enum(members))),
        ("enum", None) => wrong("the members are missing from", "enum('left', 'right')"),
        ("decimal", Some(digits)) => {
            // A precision alone is a type of the databases.
            let Some((precision, scale)) = digits.split_once(',') else { return Ok(None) };
            match (precision.trim().parse::<u8>(), scale.trim().parse::<u8>()) {
                (Ok(precision), Ok(scale)) if scale <= precision => {
                    Ok(Some(CoreType::Decimal { precision, scale }))
                }
                (Ok(precision), Ok(scale)) => {
                    let swapped = format!("decimal({scale}, {precision})");
                    wrong("more digits after the point than in all in", &swapped)
                }
                _ => wrong("all digits and those after the point must be numbers in", "decimal(8, 2)"),
            }
        }
        _ => Ok(None),
    }
}
