use datajoint_definition::{AttributeType, CoreType};
use datajoint_schema::{Attribute, Table};

use crate::declaration::marked_comment;
use crate::{Error, Result};

/// ` COMMENT "…"` of a column, with the marker of its type; empty when there is nothing to say.
///
/// A column brought in by a foreign key has no marker, unless Python could not tell its type otherwise.
pub(super) fn column(attribute: &Attribute) -> String {
    let text = text(attribute);
    if text.is_empty() { text } else { format!(" COMMENT {}", quote(&text)) }
}

fn text(attribute: &Attribute) -> String {
    match (&attribute.attribute_type, attribute.inherited) {
        (AttributeType::Core(CoreType::Uuid), true) => format!(":uuid:{}", attribute.comment),
        (_, true) => attribute.comment.clone(),
        (_, false) => marked_comment(attribute),
    }
}

/// How many characters the server keeps as the comment of a column, and as that of a table.
const LONGEST_OF_COLUMN: usize = 1024;
const LONGEST_OF_TABLE: usize = 2048;

/// Fails for a comment of these columns or of the table that the server would refuse.
pub(super) fn check(table: &Table, attributes: &[&Attribute]) -> Result<()> {
    let refused = |advice: String| Err(Error::Declaration { table: table.name.clone(), advice });
    let length = table.comment.chars().count();
    if length > LONGEST_OF_TABLE {
        return refused(format!(
            "its comment has {length} characters, and the server keeps {LONGEST_OF_TABLE}: shorten it"
        ));
    }
    for attribute in attributes {
        let Attribute { name, comment, .. } = attribute;
        let of_comment = comment.chars().count();
        let of_type = text(attribute).chars().count() - of_comment;
        if of_type + of_comment <= LONGEST_OF_COLUMN {
            continue;
        }
        return refused(if of_type > LONGEST_OF_COLUMN {
            format!(
                "the type of `{name}` takes {of_type} characters of the comment of its column, of which the server keeps \
                 {LONGEST_OF_COLUMN}: make the members of the enum rows of a lookup table, which `{name}` refers to"
            )
        } else {
            format!(
                "the comment of `{name}` has {of_comment} characters, and the server keeps {} beside its type: shorten it",
                LONGEST_OF_COLUMN - of_type
            )
        });
    }
    Ok(())
}

/// A text between double quotes, as the server's strings have them without `ANSI_QUOTES`.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
