//! The type of a value that the database computes, as far as its expression tells.

use datajoint_definition::{AttributeType, Backend, CoreType, NativeCategory, NativeType};

use super::reading::tokens;
use super::reference::{Reference, reference};
use super::shared::Shared;
use crate::aggregated::digits_of_average;
use crate::backends::dialect;
use crate::kind::{is_ordered_native, is_string, is_whole};
use crate::token::{Token, calls, trimmed};

/// The type of a computed value, and its text, where it follows from that of an attribute: the least and the greatest of its
/// values are one of them, sums are exact, means are floats or decimals with some digits more.
pub(super) fn type_of(text: &str, from: &[Shared]) -> Option<(AttributeType, String)> {
    let named = |name: &str| from.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name));
    let (function, name) = call_of(text)?;
    let attribute = named(&name)?;
    let own = || (attribute.attribute_type.clone(), attribute.type_text.clone());
    let core = match &attribute.attribute_type {
        AttributeType::Core(core) => Some(core),
        _ => None,
    };
    match (function.as_str(), core) {
        ("min" | "max", Some(core)) => (!matches!(core, CoreType::Json | CoreType::Bytes)).then(own),
        ("min" | "max", None) => (is_string(attribute) || is_ordered_native(attribute)).then(own),
        ("sum", Some(CoreType::Decimal { .. })) => Some(own()),
        ("sum", _) if is_whole(attribute) => {
            let native = NativeType { text: "bigint".to_owned(), category: NativeCategory::Integer };
            Some((AttributeType::Native(native), "bigint".to_owned()))
        }
        ("avg", Some(CoreType::Decimal { precision, scale })) => {
            let digits = digits_of_average(*scale);
            let precision = precision.saturating_add(digits - scale);
            let core = CoreType::Decimal { precision, scale: digits };
            Some((AttributeType::Core(core), format!("decimal({precision},{digits})")))
        }
        ("sum" | "avg", Some(CoreType::Float32 | CoreType::Float64)) => Some(float()),
        ("avg", _) if is_whole(attribute) => Some(float()),
        _ => None,
    }
}

fn float() -> (AttributeType, String) {
    (AttributeType::Core(CoreType::Float64), "float64".to_owned())
}

/// The name of the attribute that a text is and no more, be it between quotes or brackets.
pub(super) fn attribute_of(text: &str) -> Option<String> {
    Backend::ALL.into_iter().find_map(|backend| {
        let tokens = tokens(dialect(backend), text).ok()?;
        alone(&tokens).map(|name| name.name().to_owned())
    })
}

/// The reference that some pieces are, be it between brackets.
pub(super) fn alone(tokens: &[Token]) -> Option<Reference<'_>> {
    match trimmed(tokens) {
        [open, within @ .., close] if open.is("(") && close.is(")") => alone(within),
        tokens => reference(tokens, 0).filter(|name| name.at.end == tokens.len()),
    }
}

/// What a text computes when it is a function of one attribute alone, and the name of that.
pub(super) fn call_of(text: &str) -> Option<(String, String)> {
    // Backends differ in what is a comment or stands between brackets, not in such a call.
    Backend::ALL.into_iter().find_map(|backend| {
        let tokens = tokens(dialect(backend), text).ok()?;
        let tokens = trimmed(&tokens);
        let call = calls(tokens, 0).filter(|call| call.end == tokens.len())?;
        let [argument] = call.arguments[..] else { return None };
        let (_, name) = of_one(argument)?;
        Some((tokens.first()?.name()?.to_ascii_lowercase(), name.name().to_owned()))
    })
}

/// The attribute that is the argument of an aggregate, and the word that may stand before it.
pub(super) fn of_one(argument: &[Token]) -> Option<(&'static str, Reference<'_>)> {
    let (word, of) = match argument {
        [first, of @ ..] if first.is_word("distinct") => ("DISTINCT ", trimmed(of)),
        [first, of @ ..] if first.is_word("all") => ("", trimmed(of)),
        of => ("", of),
    };
    match of {
        [open, inner @ .., close] if open.is("(") && close.is(")") => {
            of_one(trimmed(inner)).filter(|(inner, _)| inner.is_empty()).map(|(_, name)| (word, name))
        }
        of => Some((word, reference(of, 0).filter(|name| name.at.end == of.len())?)),
    }
}
