//! Types and defaults in the one form in which the lock keeps them.

use datajoint_definition::{AttributeType, CoreType, DefaultValue, NativeCategory};
use datajoint_schema::Attribute;

/// True when two attributes have the same default, though they may write it differently.
pub fn same_default(first: &Attribute, second: &Attribute) -> bool {
    let normal = |attribute: &Attribute| default(&attribute.default, &attribute.attribute_type);
    normal(first) == normal(second)
}

/// A default without what its spelling alone tells.
pub(crate) fn default(default: &DefaultValue, attribute_type: &AttributeType) -> DefaultValue {
    match default {
        // The type says how many digits there are.
        DefaultValue::CurrentTimestamp { .. } => DefaultValue::CurrentTimestamp { precision: None },
        DefaultValue::Value(text) if is_truth(attribute_type) => {
            DefaultValue::Value(match text.trim().to_ascii_lowercase().as_str() {
                "true" => "1".to_owned(),
                "false" => "0".to_owned(),
                _ => text.trim().to_owned(),
            })
        }
        DefaultValue::Value(text) if is_number(attribute_type) => {
            DefaultValue::Value(number(text).unwrap_or_else(|| text.clone()))
        }
        other => other.clone(),
    }
}

fn is_truth(attribute_type: &AttributeType) -> bool {
    matches!(attribute_type, AttributeType::Core(CoreType::Bool))
}

fn is_number(attribute_type: &AttributeType) -> bool {
    match attribute_type {
        AttributeType::Core(core) => matches!(
            core,
            CoreType::Int8
                | CoreType::Int16
                | CoreType::Int32
                | CoreType::Int64
                | CoreType::Float32
                | CoreType::Float64
                | CoreType::Decimal { .. }
        ),
        AttributeType::Native(native) => matches!(
            native.category,
            NativeCategory::Integer | NativeCategory::Numeric | NativeCategory::Float
        ),
        AttributeType::Codec(_) => false,
    }
}

/// A number without a plus, zeros around it, and blanks; `None` for what is no plain number.
fn number(text: &str) -> Option<String> {
    let text = text.trim();
    if text.bytes().any(|byte| matches!(byte, b'e' | b'E')) {
        return text.parse::<f64>().ok().filter(|number| number.is_finite()).map(|number| number.to_string());
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_plain(whole) || !is_plain(fraction) {
        return None;
    }
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn a_number_is_written_in_one_way() {
        for (text, expected) in [
            ("7", Some("7")),
            (" +07 ", Some("7")),
            ("0.50", Some("0.5")),
            (".5", Some("0.5")),
            ("5.", Some("5")),
            ("-0.0", Some("-0")),
            ("1e3", Some("1000")),
            ("00", Some("0")),
            (".", None),
            ("", None),
            ("nextval('a')", None),
            ("1,000", None),
        ] {
            assert_eq!(number(text).as_deref(), expected, "{text}");
        }
    }
}
