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
    let default = attribute.default_text.as_deref();
    let unheld = unheld_type(backend, &attribute.name, default, &attribute.attribute_type, attribute.in_key);
    if let Some(UnheldType { reason, help }) = unheld {
        faults.push(Diagnostic::error(attribute.type_span, reason).with_help(help));
    }
}

/// Why a database has no column for an attribute, which it would refuse or keep as something else.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnheldType {
    /// What the database has not: `postgresql has no type `longblob``.
    pub reason: String,
    /// What to write instead.
    pub help: String,
}

/// Returns why a database has no column for an attribute of this name, default and type; `None` when it has one.
///
/// ```
/// use datajoint_definition::{AttributeType, Backend, unheld_type};
///
/// let trace = AttributeType::parse("varchar(70000)").unwrap();
/// let unheld = unheld_type(Backend::Mysql, "trace", None, &trace, false).unwrap();
/// assert_eq!(unheld.reason, "mysql keeps 0 to 16383 characters in a `varchar`");
/// assert!(unheld_type(Backend::Sqlite, "trace", None, &trace, false).is_none());
/// ```
pub fn unheld_type(
    backend: Backend,
    name: &str,
    default: Option<&str>,
    attribute_type: &AttributeType,
    in_key: bool,
) -> Option<UnheldType> {
    let unheld = |reason, help| Some(UnheldType { reason, help });
    let capability = backend.capability();
    match attribute_type {
        AttributeType::Native(native) => {
            let help = || native_help(native, name, default);
            if !has_native(backend, native) {
                return unheld(format!("{backend} has no type `{}`", native.text), help());
            }
            if in_key && !capability.has_text_keys && native.category == NativeCategory::Text {
                return unheld(format!("{backend} can't keep `{}` in a primary key", native.text), help());
            }
            None
        }
        // The driver reads the members of a type as a list, in which it takes this one for none.
        AttributeType::Core(CoreType::Enum(members))
            if !capability.reads_null_as_member && members.iter().any(|member| member == "NULL") =>
        {
            unheld(
                format!("an enum of {backend} with a member 'NULL' can't be read"),
                format!("give the member of `{name}` another name, such as 'null' or 'none'"),
            )
        }
        AttributeType::Core(CoreType::Decimal { precision, scale }) => {
            let (digits, after_point) = capability.max_decimal?;
            if *precision <= digits && *scale <= after_point {
                return None;
            }
            let mended = format!("decimal({}, {})", precision.min(&digits), scale.min(&after_point));
            unheld(
                format!("{backend} keeps at most {digits} digits, {after_point} of them after the point"),
                format!("write `{name} : {mended}`"),
            )
        }
        AttributeType::Core(core @ (CoreType::Char(length) | CoreType::Varchar(length))) => {
            let (word, (least, most)) = match core {
                CoreType::Char(_) => ("char", capability.char_lengths),
                _ => ("varchar", capability.varchar_lengths),
            };
            if (least..=most).contains(length) {
                return None;
            }
            let mended = match length.clamp(&least, &most) {
                length if word == "char" && *length == most => format!("varchar({length})"),
                length => format!("{word}({length})"),
            };
            unheld(
                format!("{backend} keeps {least} to {most} characters in a `{word}`"),
                format!("write `{name} : {mended}`"),
            )
        }
        _ => None,
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
