use datajoint_definition::{AttributeType, NativeCategory, NativeType};

/// What a comment tells of the type of its column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Found {
    /// The type.
    pub(crate) attribute_type: AttributeType,
    /// The type as written.
    pub(crate) type_text: String,
}

impl Found {
    /// The type that this text names; a type that this library doesn't know is one of the database.
    pub(crate) fn parse(text: &str) -> Self {
        let attribute_type = AttributeType::parse(text).unwrap_or_else(|_| {
            AttributeType::Native(NativeType { text: text.to_owned(), category: category(text) })
        });
        Self { attribute_type, type_text: text.to_owned() }
    }
}

/// What kind of values a type holds that is not a type of DataJoint.
fn category(text: &str) -> NativeCategory {
    let word = text.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|part| word.contains(part));
    if has(&["blob", "binary", "bytea"]) {
        NativeCategory::Blob
    } else if has(&["date", "time", "year", "interval"]) {
        NativeCategory::Temporal
    } else if has(&["double", "float", "real"]) {
        NativeCategory::Float
    } else if has(&["numeric", "decimal"]) {
        NativeCategory::Numeric
    } else if has(&["int", "serial"]) && !word.starts_with("point") {
        NativeCategory::Integer
    } else {
        NativeCategory::Text
    }
}

/// The type in front of a comment, `:int32:`, and what follows. The type may have colons itself.
pub(super) fn split(comment: &str) -> (Option<Found>, &str) {
    let Some(rest) = comment.strip_prefix(':') else { return (None, comment) };
    let Some(place) = end_of_type(rest) else { return (None, comment) };
    let text = &rest[..place];
    match AttributeType::parse(text) {
        Ok(attribute_type) => {
            (Some(Found { attribute_type, type_text: text.to_owned() }), &rest[place + 1..])
        }
        Err(_) => (None, comment),
    }
}

/// The first colon outside the quotes of an enum's members.
fn end_of_type(text: &str) -> Option<usize> {
    let mut quote = None;
    for (place, letter) in text.char_indices() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if letter == ':' => return Some(place),
            None if matches!(letter, '\'' | '"') => quote = Some(letter),
            Some(_) | None => {}
        }
    }
    None
}
