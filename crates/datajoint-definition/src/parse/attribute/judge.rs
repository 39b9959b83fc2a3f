//! What is wrong with a line that was understood.

use super::written;
use crate::parse::Source;
use crate::{
    AttributeLine, AttributeType, CoreType, DefaultValue, Diagnostic, NativeCategory, NativeType, Store,
};

/// The longest name that every database takes, and the longest that any takes.
const LONGEST_NAME: usize = 64;

pub(super) fn judge(attribute: &AttributeLine, line: Source<'_>, faults: &mut Vec<Diagnostic>) {
    let AttributeLine { name, type_text, .. } = attribute;
    if let Some(comment) = attribute.comment.strip_prefix(':') {
        let line_written = written(name, attribute.default_text.as_deref(), type_text);
        let help = format!("write `{line_written}  # {}`", comment.trim_start_matches(':').trim());
        let message = "a comment must not begin with a colon, which marks a type in the database";
        faults.push(Diagnostic::error(line.span(), message).with_help(help));
    }
    if attribute.in_key && attribute.is_nullable() {
        let message = format!("`{name}` is in the primary key, so it can't be null");
        let help = format!("write `{}`, or move the line below `---`", written(name, None, type_text));
        faults.push(Diagnostic::error(line.span(), message).with_help(help));
    }
    if name.len() > LONGEST_NAME {
        let message = format!("the name `{name}` has {} characters; databases allow 63", name.len());
        faults.push(Diagnostic::error(attribute.name_span, message).with_help("shorten it"));
    }
    if attribute.in_key && is_large(&attribute.attribute_type) {
        let message = format!("`{name}` is in the primary key, where `{type_text}` can't be");
        faults.push(Diagnostic::error(attribute.type_span, message).with_help("move the line below `---`"));
    }
    if is_blob(&attribute.attribute_type)
        && matches!(attribute.default, DefaultValue::Value(_) | DefaultValue::CurrentTimestamp { .. })
    {
        let message =
            format!("the default of `{name}` can only be `null`: databases keep no other for bytes");
        let help = format!("write `{}`", written(name, Some("null"), type_text));
        faults.push(Diagnostic::error(line.span(), message).with_help(help));
    }
    match &attribute.attribute_type {
        AttributeType::Native(native) => {
            let message = format!("`{}` is a type of one database, not the same everywhere", native.text);
            let help = native_help(native, name, attribute.default_text.as_deref());
            faults.push(Diagnostic::warning(attribute.type_span, message).with_help(help));
        }
        AttributeType::Codec(codec) => {
            if let Some(near) = codec.nearest_built_in() {
                let message = format!("`<{}>` is no codec that DataJoint brings along", codec.name);
                let mended = type_text.replacen(&codec.name, near, 1);
                let help = format!(
                    "did you mean `{}`? A codec of your own keeps its name",
                    written(name, attribute.default_text.as_deref(), &mended)
                );
                faults.push(Diagnostic::warning(attribute.type_span, message).with_help(help));
            }
        }
        AttributeType::Core(_) => {}
    }
}

/// The line with a core type in place of a native one.
pub(crate) fn native_help(native: &NativeType, name: &str, default: Option<&str>) -> String {
    if native.category == NativeCategory::Blob {
        return format!(
            "write `{}` to keep arrays and other values, or `{}` for raw bytes",
            written(name, default, "<blob>"),
            written(name, default, "bytes")
        );
    }
    match native.core_alternative() {
        Some(core) => format!("use the core type: `{}`", written(name, default, &core)),
        None => "no core type is a time of day: keep a `datetime`, or the seconds as `float64`".to_owned(),
    }
}

fn is_large(attribute_type: &AttributeType) -> bool {
    match attribute_type {
        AttributeType::Codec(_) => true,
        AttributeType::Core(core) => matches!(core, CoreType::Json | CoreType::Bytes),
        // `binary(n)` and `varbinary(n)` have a length.
        AttributeType::Native(native) => {
            native.category == NativeCategory::Blob && !native.text.contains('(')
        }
    }
}

fn is_blob(attribute_type: &AttributeType) -> bool {
    match attribute_type {
        AttributeType::Codec(codec) => codec.store == Store::Table,
        AttributeType::Core(core) => *core == CoreType::Bytes,
        AttributeType::Native(native) => {
            native.category == NativeCategory::Blob && !native.text.contains('(')
        }
    }
}
