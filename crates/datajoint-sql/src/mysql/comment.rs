use datajoint_definition::{AttributeType, CoreType};
use datajoint_schema::Attribute;

use crate::declaration::marked_comment;

/// ` COMMENT "…"` of a column, with the marker of its type; empty when there is nothing to say.
///
/// A column brought in by a foreign key has no marker, unless Python could not tell its type otherwise.
pub(super) fn column(attribute: &Attribute) -> String {
    let text = match (&attribute.attribute_type, attribute.inherited) {
        (AttributeType::Core(CoreType::Uuid), true) => format!(":uuid:{}", attribute.comment),
        (_, true) => attribute.comment.clone(),
        (_, false) => marked_comment(attribute),
    };
    if text.is_empty() { text } else { format!(" COMMENT {}", quote(&text)) }
}

/// A text between double quotes, as the server's strings have them without `ANSI_QUOTES`.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
