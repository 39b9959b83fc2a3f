//! Functions that SQL of users calls.

use sqlparser::keywords::ALL_KEYWORDS;

use crate::Error;
use crate::token::{Token, solid_from};

/// Functions that every backend has, some of them by our translation.
const EVERYWHERE: [&str; 34] = [
    "abs",
    "avg",
    "ceil",
    "coalesce",
    "concat",
    "count",
    "curdate",
    "day",
    "floor",
    "group_concat",
    "hour",
    "if",
    "ifnull",
    "length",
    "lower",
    "ltrim",
    "max",
    "min",
    "minute",
    "month",
    "now",
    "nullif",
    "replace",
    "round",
    "rtrim",
    "second",
    "sqrt",
    "string_agg",
    "substr",
    "sum",
    "timestampdiff",
    "trim",
    "upper",
    "year",
];

/// Returns what is to be said of the first function that an expression calls and not every backend has, for the case that
/// the server does not have it either.
pub(super) fn unknown(tokens: &[Token], text: &str, attribute: Option<&str>) -> Option<Error> {
    let is_called = |place: usize| solid_from(tokens, place + 1).is_some_and(|next| tokens[next].is("("));
    let function = tokens.iter().enumerate().find_map(|(place, token)| {
        let Token::Word(name) = token else { return None };
        let is_known = EVERYWHERE.contains(&name.to_ascii_lowercase().as_str())
            || ALL_KEYWORDS.binary_search(&name.to_ascii_uppercase().as_str()).is_ok();
        (!is_known && is_called(place)).then(|| name.clone())
    })?;
    Some(Error::UnknownFunction {
        attribute: attribute.map(str::to_owned),
        text: text.trim().to_owned(),
        nearest: datajoint_definition::suggest(&function.to_ascii_lowercase(), EVERYWHERE),
        function,
    })
}
