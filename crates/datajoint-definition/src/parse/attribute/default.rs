//! What stands between `=` and `:`.

use crate::parse::scan::has_open_quote;
use crate::{DefaultValue, Diagnostic, Span};

pub(super) fn read(span: Span, text: &str, faults: &mut Vec<Diagnostic>) -> DefaultValue {
    let (word, arguments) = text.split_once('(').map_or((text, false), |(word, _)| (word.trim(), true));
    if text.is_empty() {
        return DefaultValue::Required;
    }
    if word.eq_ignore_ascii_case("null") {
        if arguments {
            let message = format!("`{text}` is no default: `null` takes no arguments");
            faults.push(Diagnostic::error(span, message).with_help("write `null`"));
        }
        return DefaultValue::Null;
    }
    if word.eq_ignore_ascii_case("current_timestamp") {
        return now(text).unwrap_or_else(|| {
            let message =
                format!("`{text}` is no default: nothing follows `CURRENT_TIMESTAMP` but its digits");
            let help = "write `CURRENT_TIMESTAMP`, or `CURRENT_TIMESTAMP(3)` with 0 to 6 digits";
            faults.push(Diagnostic::error(span, message).with_help(help));
            DefaultValue::CurrentTimestamp { precision: None }
        });
    }
    if text.len() > 1
        && let Some(inner) = text.strip_prefix('"').and_then(|inner| inner.strip_suffix('"'))
    {
        return DefaultValue::Value(inner.to_owned());
    }
    if let Some(inner) = text.strip_prefix('\'') {
        return match inner.strip_suffix('\'') {
            Some(inner) if !inner.replace("''", "").contains('\'') => {
                DefaultValue::Value(inner.replace("''", "'"))
            }
            _ => unmatched(span, text, faults),
        };
    }
    if has_open_quote(text) && text.starts_with('"') {
        return unmatched(span, text, faults);
    }
    DefaultValue::Value(text.to_owned())
}

/// `CURRENT_TIMESTAMP`, `CURRENT_TIMESTAMP()` or `CURRENT_TIMESTAMP(3)`.
fn now(text: &str) -> Option<DefaultValue> {
    let precision = match text.split_once('(') {
        None => None,
        Some((_, rest)) => match rest.strip_suffix(')')?.trim() {
            "" => None,
            digits => Some(digits.parse().ok().filter(|digits| *digits <= 6)?),
        },
    };
    Some(DefaultValue::CurrentTimestamp { precision })
}

fn unmatched(span: Span, text: &str, faults: &mut Vec<Diagnostic>) -> DefaultValue {
    let inner = text.trim_matches(['\'', '"']);
    let quote = if inner.contains('"') { "'" } else { "\"" };
    let mended = if quote == "'" { inner.replace('\'', "''") } else { inner.to_owned() };
    let message = format!("the default {text} has quotes that do not match");
    faults.push(Diagnostic::error(span, message).with_help(format!("write `{quote}{mended}{quote}`")));
    DefaultValue::Value(inner.to_owned())
}
