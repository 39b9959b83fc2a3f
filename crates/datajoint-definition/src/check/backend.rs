//! What one database does not take.

use crate::parse::native_help;
use crate::{AttributeLine, AttributeType, Backend, CoreType, Diagnostic, NativeCategory, NativeType};

pub(super) fn attribute(attribute: &AttributeLine, backend: Option<Backend>, faults: &mut Vec<Diagnostic>) {
    let limit = backend.map_or(Some(63), |backend| backend.capability().max_identifier_length);
    // Longer than any database takes is said with the line.
    if limit.is_some_and(|limit| attribute.name.len() > limit) && attribute.name.len() <= 64 {
        let message = format!("the name `{}` has {} characters", attribute.name, attribute.name.len());
        faults.push(Diagnostic::error(attribute.name_span, message).with_help("shorten it to 63"));
    }
    let Some(backend) = backend else { return };
    if let AttributeType::Native(native) = &attribute.attribute_type {
        let help = native_help(native, &attribute.name, attribute.default_text.as_deref());
        if !has_native(backend, native) {
            let message = format!("{backend} has no type `{}`", native.text);
            faults.push(Diagnostic::error(attribute.type_span, message).with_help(help));
        } else if attribute.in_key
            && !backend.capability().has_text_keys
            && native.category == NativeCategory::Text
        {
            let message = format!("{backend} can't keep `{}` in a primary key", native.text);
            faults.push(Diagnostic::error(attribute.type_span, message).with_help(help));
        }
    }
    if let AttributeType::Core(CoreType::Decimal { precision, scale }) = attribute.attribute_type
        && let Some((digits, after_point)) = backend.capability().max_decimal
        && (precision > digits || scale > after_point)
    {
        let message =
            format!("{backend} keeps at most {digits} digits, {after_point} of them after the point");
        let mended = format!("decimal({}, {})", precision.min(digits), scale.min(after_point));
        let help = format!("write `{} : {mended}`", attribute.name);
        faults.push(Diagnostic::error(attribute.type_span, message).with_help(help));
    }
}

/// True when the database knows the type. SQLite takes any name for a type.
fn has_native(backend: Backend, native: &NativeType) -> bool {
    match backend {
        Backend::Sqlite | Backend::Mysql | Backend::Mariadb => return true,
        Backend::Postgresql => {}
    }
    let text = native.text.to_ascii_lowercase();
    let end = text.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let rest = rest.trim();
    match native.category {
        NativeCategory::Integer => {
            matches!(word, "int" | "integer" | "smallint" | "bigint" | "serial") && rest.is_empty()
        }
        NativeCategory::Numeric => {
            matches!(word, "decimal" | "numeric" | "dec") && (rest.is_empty() || rest.ends_with(')'))
        }
        NativeCategory::Float => {
            (word == "float" && !rest.contains(',') && (rest.is_empty() || rest.ends_with(')')))
                || (word == "real" && rest.is_empty())
        }
        NativeCategory::String => word != "set",
        NativeCategory::Temporal => word != "year",
        NativeCategory::Blob => false,
        NativeCategory::Text => word == "text",
    }
}
