//! Which types may meet in one column.

use datajoint_definition::{AttributeType, CodecType, CoreType, NativeType};

/// How well two types of one column go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// They are the same, though perhaps written differently.
    Same,
    /// Both are texts; their lengths differ.
    Length,
    /// A database would refuse the reference, or a value could be read as another.
    None,
}

/// How well `first` and `second` go together.
pub(crate) fn fit(first: &AttributeType, second: &AttributeType) -> Fit {
    let (first, second) = (plain(first), plain(second));
    match (&first, &second) {
        (first, second) if first == second => Fit::Same,
        (
            Plain::Core(CoreType::Varchar(_) | CoreType::Char(_)),
            Plain::Core(CoreType::Varchar(_) | CoreType::Char(_)),
        ) => Fit::Length,
        _ => Fit::None,
    }
}

/// Returns the type in the one spelling that all spellings of it share: `INT` is `int32`, and `datetime(0)` is `datetime`.
///
/// ```
/// use datajoint_definition::AttributeType;
/// use datajoint_schema::canonical_type;
///
/// let canonical = |text| canonical_type(&AttributeType::parse(text).unwrap());
/// assert_eq!(canonical("INT"), "int32");
/// assert_eq!(canonical("Bigint  UNSIGNED"), "bigint unsigned");
/// ```
pub fn canonical_type(attribute_type: &AttributeType) -> String {
    match plain(attribute_type) {
        Plain::Core(core) => core.to_string(),
        Plain::Native(text) => text,
        Plain::Codec(codec) => AttributeType::Codec(codec).to_string(),
    }
}

/// A type with the spellings of one thing brought together.
#[derive(Debug, PartialEq, Eq)]
enum Plain {
    Core(CoreType),
    Native(String),
    Codec(CodecType),
}

fn plain(attribute_type: &AttributeType) -> Plain {
    match attribute_type {
        AttributeType::Core(CoreType::DateTime { precision: Some(0) }) => {
            Plain::Core(CoreType::DateTime { precision: None })
        }
        AttributeType::Core(core) => Plain::Core(core.clone()),
        AttributeType::Native(native) => native_plain(native),
        AttributeType::Codec(codec) => Plain::Codec(codec.clone()),
    }
}

/// Native types that a core type stands for are that core type.
fn native_plain(native: &NativeType) -> Plain {
    let text = native.text.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    match text.as_str() {
        "tinyint" => Plain::Core(CoreType::Int8),
        "smallint" => Plain::Core(CoreType::Int16),
        "int" | "integer" => Plain::Core(CoreType::Int32),
        "bigint" => Plain::Core(CoreType::Int64),
        "float" | "real" => Plain::Core(CoreType::Float32),
        "double" => Plain::Core(CoreType::Float64),
        _ => Plain::Native(text),
    }
}
