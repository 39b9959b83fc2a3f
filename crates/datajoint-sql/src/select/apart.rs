//! Attributes that are never equal on a server where they are of another kind, and those that are other strings there.

use datajoint_definition::{AttributeType, CoreType};
use datajoint_schema::Attribute;

use crate::dialect::Dialect;
use crate::token::{Token, solid_before, solid_from};

/// What values of attributes have in common that are compared by what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kin {
    Number,
    Text,
    Day,
    /// With so many digits of its second.
    Moment(u8),
    Uuid,
}

/// The kin of an attribute; `None` where nobody knows it here.
pub(super) fn kin(attribute: &Attribute) -> Option<Kin> {
    let AttributeType::Core(core) = &attribute.attribute_type else { return None };
    Some(match core {
        CoreType::Int8
        | CoreType::Int16
        | CoreType::Int32
        | CoreType::Int64
        | CoreType::Bool
        | CoreType::Float32
        | CoreType::Float64
        | CoreType::Decimal { .. } => Kin::Number,
        CoreType::Char(_) | CoreType::Varchar(_) | CoreType::Enum(_) => Kin::Text,
        CoreType::Date => Kin::Day,
        CoreType::DateTime { precision } => Kin::Moment(precision.unwrap_or(0)),
        CoreType::Uuid => Kin::Uuid,
        CoreType::Json | CoreType::Bytes => return None,
    })
}

/// How many digits the values of an attribute have behind their point, where they are exact.
pub(super) fn digits(attribute: &Attribute) -> Option<usize> {
    let AttributeType::Core(core) = &attribute.attribute_type else { return None };
    match core {
        CoreType::Int8 | CoreType::Int16 | CoreType::Int32 | CoreType::Int64 | CoreType::Bool => Some(0),
        CoreType::Decimal { scale, .. } => Some(usize::from(*scale)),
        _ => None,
    }
}

/// Functions of every backend that take strings.
const OF_STRINGS: [&str; 16] = [
    "char_length",
    "concat",
    "concat_ws",
    "group_concat",
    "left",
    "length",
    "lower",
    "ltrim",
    "octet_length",
    "replace",
    "right",
    "rtrim",
    "string_agg",
    "substr",
    "trim",
    "upper",
];

/// True where what stands there becomes a string: as an argument of a function that takes one, in a cast, and beside `||`
/// where that joins strings.
pub(super) fn becomes_string(
    dialect: &dyn Dialect,
    tokens: &[Token],
    function: Option<usize>,
    at: &std::ops::Range<usize>,
) -> bool {
    let (before, after) = (solid_before(tokens, at.start), solid_from(tokens, at.end));
    let is = |place: Option<usize>, signs: &[&str]| {
        place.is_some_and(|place| {
            signs.iter().any(|sign| tokens[place].is(sign) || tokens[place].is_word(sign))
        })
    };
    let joins = !dialect.twists().contains(&crate::dialect::Twist::PipesAreOr);
    if joins && (is(before, &["||"]) || is(after, &["||"])) {
        return true;
    }
    let Some(name) = function.and_then(|place| tokens[place].name()) else { return false };
    let is_whole = is(before, &["(", ",", "distinct"]);
    if name.eq_ignore_ascii_case("cast") {
        let kind = after.filter(|&place| tokens[place].is_word("as"));
        let kind = kind.and_then(|place| solid_from(tokens, place + 1));
        return is_whole && is(kind, &["char", "character", "nchar", "text", "varchar"]);
    }
    is_whole
        && is(after, &[")", ",", "order", "separator"])
        && OF_STRINGS.iter().any(|known| name.eq_ignore_ascii_case(known))
}
