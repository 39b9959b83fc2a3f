//! Kinds of attributes that backends treat in ways of their own.

use datajoint_definition::{AttributeType, CoreType, NativeCategory, Store};
use datajoint_schema::Attribute;

/// The type of values of which nothing is known before.
pub(crate) const UNKNOWN_TYPE: &str = "expression";

/// True for an attribute whose type is known before the query is run.
pub(crate) fn has_known_type(attribute: &Attribute) -> bool {
    attribute.type_text != UNKNOWN_TYPE
}

/// The members of an enum.
pub(crate) fn members(attribute: &Attribute) -> Option<&[String]> {
    match &attribute.attribute_type {
        AttributeType::Core(CoreType::Enum(members)) => Some(members),
        _ => None,
    }
}

/// The members of an enum whose column lacks some of them, so that its own type takes no operand that is one of these.
pub(crate) fn members_beyond_column(attribute: &Attribute) -> Option<&[String]> {
    members(attribute).filter(|_| !attribute.missing_members.is_empty())
}

/// True for strings of any length.
pub(crate) fn is_string(attribute: &Attribute) -> bool {
    match &attribute.attribute_type {
        AttributeType::Core(core) => matches!(core, CoreType::Char(_) | CoreType::Varchar(_)),
        AttributeType::Native(native) => {
            matches!(native.category, NativeCategory::String | NativeCategory::Text)
        }
        AttributeType::Codec(_) => false,
    }
}

/// True for an attribute of a native type whose values are numbers, days or times.
pub(crate) fn is_ordered_native(attribute: &Attribute) -> bool {
    use NativeCategory::{Float, Integer, Numeric, Temporal};

    let AttributeType::Native(native) = &attribute.attribute_type else { return false };
    has_known_type(attribute) && matches!(native.category, Integer | Numeric | Float | Temporal)
}

/// True for an attribute that stands in the database as a JSON document.
pub(crate) fn is_document(attribute: &Attribute) -> bool {
    match &attribute.attribute_type {
        AttributeType::Core(core) => *core == CoreType::Json,
        AttributeType::Codec(codec) => codec.store != Store::Table,
        AttributeType::Native(_) => false,
    }
}

/// True for whole numbers, and for what counts as such.
pub(crate) fn is_whole(attribute: &Attribute) -> bool {
    match &attribute.attribute_type {
        AttributeType::Core(core) => matches!(
            core,
            CoreType::Int8 | CoreType::Int16 | CoreType::Int32 | CoreType::Int64 | CoreType::Bool
        ),
        AttributeType::Native(native) => crate::native::is_integer(native),
        AttributeType::Codec(_) => false,
    }
}
