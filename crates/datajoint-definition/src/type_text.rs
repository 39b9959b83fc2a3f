//! Types from and to text.

use std::fmt;

use crate::{AttributeType, CodecType, CoreType, NativeCategory, NativeType, Store};

/// Why a text is no type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeFault {
    /// What is wrong.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl TypeFault {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
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
    "int8", "int16", "int32", "int64", "float32", "float64", "bool", "uuid", "json", "bytes", "date", "datetime",
    "datetime(n)", "char(n)", "varchar(n)", "enum('a', 'b')", "decimal(p, s)",
];

/// The codecs that DataJoint brings along, and whether each can keep its data in the table.
const CODECS: [(&str, bool); 6] =
    [("blob", true), ("attach", true), ("hash", false), ("object", false), ("npy", false), ("filepath", false)];

impl AttributeType {
    /// The type that a definition, or a marker in a comment, writes so. Case and blanks do not matter.
    ///
    /// Fails for a text that is no type of DataJoint and no known type of a database.
    ///
    /// ```
    /// use datajoint_definition::{AttributeType, CoreType};
    ///
    /// assert_eq!(AttributeType::parse("varchar (20)"), Ok(AttributeType::Core(CoreType::Varchar(20))));
    /// assert!(AttributeType::parse("int33").unwrap_err().help.contains("int32"));
    /// ```
    pub fn parse(text: &str) -> Result<Self, TypeFault> {
        let text = text.trim();
        if text.starts_with('<') {
            return codec(text).map(Self::Codec);
        }
        let (word, arguments, rest) = split(text);
        if rest.is_empty()
            && let Some(core) = core(&word, arguments)?
        {
            return Ok(Self::Core(core));
        }
        if let Some(category) = native(&word, arguments.is_some(), &rest) {
            return Ok(Self::Native(NativeType { text: text.to_owned(), category }));
        }
        Err(unknown(text, &word))
    }
}

/// A type as its first word in lower case, the text between its parentheses, and what follows in lower case.
fn split(text: &str) -> (String, Option<&str>, String) {
    let end = text.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let rest = rest.trim();
    let word = word.to_lowercase();
    if let Some(inner) = rest.strip_prefix('(')
        && let Some(close) = inner.rfind(')')
    {
        let (arguments, after) = inner.split_at(close);
        return (word, Some(arguments), after.trim_start_matches(')').trim().to_lowercase());
    }
    (word, None, rest.to_lowercase())
}

fn core(word: &str, arguments: Option<&str>) -> Result<Option<CoreType>, TypeFault> {
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
        "datetime" | "char" | "varchar" | "enum" | "decimal" => return with_arguments(word, arguments),
        _ => return Ok(None),
    };
    match arguments {
        None => Ok(Some(plain)),
        Some(arguments) => Err(TypeFault::new(
            format!("the type `{word}` takes no arguments, but `({arguments})` is given"),
            format!("write `{word}`"),
        )),
    }
}

fn with_arguments(word: &str, arguments: Option<&str>) -> Result<Option<CoreType>, TypeFault> {
    let wrong = |example: &str| {
        TypeFault::new(
            format!("the type `{word}` can't be `{word}{}`", arguments.map_or(String::new(), |a| format!("({a})"))),
            format!("write `{example}`"),
        )
    };
    match (word, arguments) {
        ("datetime", None) => Ok(Some(CoreType::DateTime { precision: None })),
        ("datetime", Some(digits)) => match digits.trim().parse() {
            Ok(precision @ 0..=6) => Ok(Some(CoreType::DateTime { precision: Some(precision) })),
            _ => Err(wrong("datetime(3)` with 0 to 6 digits after the second, as in `datetime(6)")),
        },
        ("char" | "varchar", Some(length)) => match length.trim().parse() {
            Ok(length) if word == "char" => Ok(Some(CoreType::Char(length))),
            Ok(length) => Ok(Some(CoreType::Varchar(length))),
            Err(_) => Err(wrong(&format!("{word}(255)"))),
        },
        ("char" | "varchar", None) => Err(wrong(&format!("{word}(255)"))),
        ("enum", Some(list)) => members(list).map(|members| Some(CoreType::Enum(members))),
        ("enum", None) => Err(wrong("enum('a', 'b')")),
        ("decimal", Some(digits)) => {
            let Some((precision, scale)) = digits.split_once(',') else { return Ok(None) };
            match (precision.trim().parse(), scale.trim().parse()) {
                (Ok(precision), Ok(scale)) if scale <= precision => Ok(Some(CoreType::Decimal { precision, scale })),
                _ => Err(wrong("decimal(8, 2)")),
            }
        }
        _ => Ok(None),
    }
}

/// The members of an enum, each between single or double quotes, a quote inside doubled.
fn members(list: &str) -> Result<Vec<String>, TypeFault> {
    let fault = |message: &str| {
        TypeFault::new(format!("{message} in `enum({list})`"), "write the members so: `enum('left', 'right')`")
    };
    let mut members = Vec::new();
    let mut rest = list.trim();
    loop {
        let quote = match rest.chars().next() {
            Some(quote @ ('\'' | '"')) => quote,
            Some(_) => return Err(fault("a member without quotes")),
            None => return Err(fault("no member")),
        };
        let mut member = String::new();
        let mut characters = rest.char_indices().skip(1).peekable();
        let end = loop {
            match characters.next() {
                Some((at, character)) if character == quote => {
                    if characters.next_if(|(_, next)| *next == quote).is_some() {
                        member.push(quote);
                    } else {
                        break at + 1;
                    }
                }
                Some((_, character)) => member.push(character),
                None => return Err(fault("a quote that is not closed")),
            }
        };
        if members.contains(&member) {
            return Err(fault(&format!("the member `{member}` twice")));
        }
        members.push(member);
        rest = rest.get(end..).unwrap_or_default().trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None if rest.is_empty() => return Ok(members),
            None => return Err(fault("something between the members other than a comma")),
        }
    }
}

fn codec(text: &str) -> Result<CodecType, TypeFault> {
    let Some(inner) = text.strip_prefix('<').and_then(|inner| inner.strip_suffix('>')) else {
        return Err(TypeFault::new(format!("`{text}` does not end with `>`"), "write a codec so: `<blob>` or `<blob@store>`"));
    };
    let (name, store) = match inner.split_once('@') {
        None => (inner.trim(), Store::Table),
        Some((name, store)) if store.trim().is_empty() => (name.trim(), Store::Default),
        Some((name, store)) => (name.trim(), Store::Named(store.trim().to_owned())),
    };
    if name.is_empty() {
        return Err(TypeFault::new(format!("`{text}` names no codec"), "write a codec so: `<blob>` or `<blob@store>`"));
    }
    if let Some((_, false)) = CODECS.iter().find(|(known, _)| *known == name)
        && store == Store::Table
    {
        return Err(TypeFault::new(
            format!("`<{name}>` keeps its data in a store, but names none"),
            format!("write `<{name}@>` for the default store, or `<{name}@store>`"),
        ));
    }
    Ok(CodecType { name: name.to_owned(), store })
}

/// The kind of a native type, from its first word, whether it has arguments, and what follows them.
fn native(word: &str, has_arguments: bool, rest: &str) -> Option<NativeCategory> {
    let modifiers = |allowed: &[&str]| rest.split_whitespace().all(|word| allowed.contains(&word));
    match word {
        "serial" => (!has_arguments && rest.is_empty()).then_some(NativeCategory::Integer),
        "int" | "integer" | "tinyint" | "smallint" | "mediumint" | "bigint" => {
            modifiers(&["unsigned", "auto_increment"]).then_some(NativeCategory::Integer)
        }
        "decimal" | "numeric" | "dec" | "fixed" => {
            modifiers(&["unsigned", "zerofill"]).then_some(NativeCategory::Numeric)
        }
        "double" | "float" | "real" => modifiers(&["unsigned"]).then_some(NativeCategory::Float),
        "time" | "timestamp" | "year" => rest.is_empty().then_some(NativeCategory::Temporal),
        "blob" | "tinyblob" | "mediumblob" | "longblob" => {
            (!has_arguments && rest.is_empty()).then_some(NativeCategory::Blob)
        }
        "text" | "tinytext" | "mediumtext" | "longtext" => {
            (!has_arguments && rest.is_empty()).then_some(NativeCategory::Text)
        }
        _ => None,
    }
}

fn unknown(text: &str, word: &str) -> TypeFault {
    let help = if let Some((name, store)) = text.split_once('@') {
        format!("since DataJoint 2 a codec stands between angle brackets: `<{}@{}>`", name.trim(), store.trim())
    } else if word == "external" {
        "since DataJoint 2 a stored blob is written `<blob@store>`".to_owned()
    } else if word.starts_with("uint") {
        "there are no unsigned core types: take the next larger signed one, such as `int32` for `uint16`".to_owned()
    } else {
        let words = CORE_TYPES.map(|core| core.split('(').next().unwrap_or(core));
        match crate::suggest(word, words) {
            Some(near) => {
                let whole = CORE_TYPES.iter().find(|core| core.starts_with(near)).copied().unwrap_or(near);
                format!("did you mean `{whole}`?")
            }
            None => format!("the core types are {}", CORE_TYPES.join(", ")),
        }
    };
    TypeFault::new(format!("unknown type `{text}`"), help)
}

impl NativeType {
    /// The core type to use instead, as a definition writes it, if one holds the same values.
    pub fn core_alternative(&self) -> Option<&'static str> {
        let (word, arguments, rest) = split(&self.text);
        let unsigned = rest.contains("unsigned");
        Some(match word.as_str() {
            "tinyint" if arguments.is_some_and(|width| width.trim() == "1") => "bool",
            "tinyint" => if unsigned { "int16" } else { "int8" },
            "smallint" => if unsigned { "int32" } else { "int16" },
            "mediumint" => "int32",
            "int" | "integer" | "serial" => if unsigned { "int64" } else { "int32" },
            "bigint" => "int64",
            "float" | "real" => "float32",
            "double" => "float64",
            "decimal" | "numeric" | "dec" | "fixed" => "decimal(p, s)",
            "timestamp" => "datetime",
            "blob" | "tinyblob" | "mediumblob" | "longblob" => "<blob>` for values or `bytes` for raw bytes, not `blob",
            "year" => "int16",
            "text" | "tinytext" | "mediumtext" | "longtext" => "varchar(n)",
            _ => return None,
        })
    }
}

impl CodecType {
    /// True for a codec that DataJoint brings along.
    pub fn is_built_in(&self) -> bool {
        CODECS.iter().any(|(name, _)| *name == self.name)
    }
}
