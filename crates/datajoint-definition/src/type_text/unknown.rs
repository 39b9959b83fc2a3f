//! What is said of a text that is no type.

use super::codec::BUILT_IN;
use super::{CORE_TYPES, Parts, TypeFault};
use crate::{AttributeType, suggest};

/// Names that other systems have for core types.
const SYNONYMS: [(&str, &str); 21] = [
    ("boolean", "bool"),
    ("bit", "bool"),
    ("string", "varchar(255)"),
    ("str", "varchar(255)"),
    ("character", "char(1)"),
    ("nvarchar", "varchar(255)"),
    ("binary", "bytes"),
    ("varbinary", "bytes"),
    ("bytea", "bytes"),
    ("uint8", "int16"),
    ("uint16", "int32"),
    ("uint32", "int64"),
    ("uint64", "decimal(20, 0)"),
    ("int24", "int32"),
    ("int4", "int32"),
    ("int2", "int16"),
    ("float16", "float32"),
    ("float4", "float32"),
    ("bigserial", "int64"),
    ("timestamptz", "datetime"),
    ("guid", "uuid"),
];

pub(super) fn fault(text: &str, parts: &Parts<'_>) -> TypeFault {
    let message = format!("unknown type `{text}`");
    if let Some(codec) = codec_without_brackets(text) {
        return TypeFault::corrected(
            message,
            "since DataJoint 2 a codec stands between angle brackets:",
            codec,
        );
    }
    if text.is_empty() {
        return TypeFault::new("a type is missing", core_types());
    }
    if !parts.word.is_empty() && !parts.rest.is_empty() {
        let open = text.matches('(').count().saturating_sub(text.matches(')').count());
        let mended = format!("{text}{}", ")".repeat(open));
        if open > 0 && AttributeType::parse(&mended).is_ok() {
            return TypeFault::corrected(message, "did you mean", mended);
        }
        if text.to_ascii_lowercase().starts_with("double precision") {
            return TypeFault::corrected(message, "did you mean", "float64");
        }
        let head = text.get(..text.to_lowercase().rfind(&parts.rest).unwrap_or(0)).unwrap_or_default().trim();
        if AttributeType::parse(head).is_ok() {
            let mut fault = TypeFault::corrected(message, "write", head);
            let after = if parts.rest.contains("null") {
                "; an attribute can be null only when its default is `null`"
            } else {
                "; nothing can follow the type but a `# comment`"
            };
            fault.help.push_str(after);
            return fault;
        }
    }
    if let Some((_, core)) = SYNONYMS.iter().find(|(name, _)| *name == parts.word) {
        return TypeFault::corrected(message, "did you mean", *core);
    }
    let words = CORE_TYPES.map(|core| core.split('(').next().unwrap_or(core));
    let Some(near) = suggest(&parts.word, words) else { return TypeFault::new(message, core_types()) };
    // The near word with the arguments that were given, if it is a type with them.
    let given = parts.arguments.map_or_else(|| near.to_owned(), |arguments| format!("{near}({arguments})"));
    let is_type = near != parts.word && matches!(AttributeType::parse(&given), Ok(AttributeType::Core(_)));
    TypeFault::corrected(message, "did you mean", if is_type { given } else { example(near).to_owned() })
}

/// A core type with arguments where it needs them.
fn example(word: &str) -> &str {
    match word {
        "char" => "char(8)",
        "varchar" => "varchar(255)",
        "enum" => "enum('left', 'right')",
        "decimal" => "decimal(8, 2)",
        plain => plain,
    }
}

/// `blob@store`, `attach` and `external-store` of the versions before 2, as they are written now.
fn codec_without_brackets(text: &str) -> Option<String> {
    if let Some((name, store)) = text.split_once('@') {
        let name = if name.trim().ends_with("blob") { "blob" } else { name.trim() };
        return Some(format!("<{name}@{}>", store.trim()));
    }
    let (word, store) = text.split_once('-').map_or((text, None), |(word, store)| (word, Some(store)));
    let word = word.trim().to_ascii_lowercase();
    let name = if word == "external" { "blob" } else { &word };
    let (name, in_table) = BUILT_IN.into_iter().find(|(known, _)| *known == name)?;
    Some(match store {
        Some(store) => format!("<{name}@{}>", store.trim()),
        None if in_table && word != "external" => format!("<{name}>"),
        None => format!("<{name}@>"),
    })
}

fn core_types() -> String {
    format!("the core types are {}", CORE_TYPES.join(", "))
}
