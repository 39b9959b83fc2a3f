//! What the databases make of defaults.

use datajoint_definition::DefaultValue;

/// `CURRENT_TIMESTAMP` with a precision, as a definition writes it.
pub(crate) fn now(text: &str) -> Option<DefaultValue> {
    let upper = text.trim().to_ascii_uppercase();
    let rest = upper.strip_prefix("CURRENT_TIMESTAMP")?;
    let rest = if rest == "()" { "" } else { rest };
    let precision = match rest.trim().strip_prefix('(') {
        None if rest.is_empty() => None,
        None => return None,
        Some(digits) => Some(digits.strip_suffix(')')?.trim().parse().ok().filter(|digits| *digits <= 6)?),
    };
    // None are what is meant without a number.
    let precision = precision.filter(|digits| *digits > 0);
    Some(DefaultValue::CurrentTimestamp { precision })
}

/// The default that an expression of the catalog stands for: a literal, perhaps with a type, or a function.
pub(crate) fn function(text: &str) -> DefaultValue {
    if let Some(now) = now(text) {
        return now;
    }
    let text = text.trim();
    if let Some(rest) = text.strip_prefix('\'') {
        let mut value = String::new();
        let mut characters = rest.chars().peekable();
        while let Some(character) = characters.next() {
            if character == '\'' && characters.next_if_eq(&'\'').is_none() {
                return DefaultValue::Value(value);
            }
            value.push(character);
        }
    }
    let bare = text.split("::").next().unwrap_or(text);
    if bare.eq_ignore_ascii_case("null") {
        return DefaultValue::Null;
    }
    DefaultValue::Value(bare.trim_matches(|character| character == '(' || character == ')').to_owned())
}
