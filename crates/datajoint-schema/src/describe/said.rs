//! Whether a line says what it was written for: it is parsed again.

use datajoint_definition::{
    AttributeLine, AttributeType, CoreType, DefaultValue, Definition, Diagnostic, ForeignKeyLine, Line, parse,
};

use crate::unsaid::{Unsaid, ends_line};
use crate::{Attribute, ForeignKey};

/// What is wrong with the line of an attribute, if anything is.
pub(super) fn attribute(attribute: &Attribute, line: &str) -> Option<Unsaid> {
    let what = format!("`{}`", attribute.name);
    let text = if attribute.in_key { line.to_owned() } else { format!("---\n{line}") };
    unsaid(
        what,
        line,
        &text,
        |definition| matches!(&definition.lines[..], [Line::Attribute(read)] if is_same(attribute, read)),
    )
}

fn is_same(attribute: &Attribute, read: &AttributeLine) -> bool {
    read.name == attribute.name
        && (read.type_text == attribute.type_text || read.attribute_type == attribute.attribute_type)
        && read.comment == attribute.comment.trim()
        && match (&read.default, &attribute.default) {
            // A definition has no words for what a server computes, which is told apart.
            (DefaultValue::CurrentTimestamp { .. }, DefaultValue::CurrentTimestamp { .. })
            | (_, DefaultValue::OfServer(_)) => true,
            (DefaultValue::Value(read), DefaultValue::Value(meant)) => {
                let is_truth = attribute.attribute_type == AttributeType::Core(CoreType::Bool);
                let truth = if meant.eq_ignore_ascii_case("true") { "1" } else { "0" };
                read == meant || (is_truth && read == truth)
            }
            (read, meant) => read == meant,
        }
}

/// The same of the comment of the table.
pub(super) fn comment(comment: &str, line: &str) -> Option<Unsaid> {
    unsaid("the comment of the table".to_owned(), line, line, |definition| {
        definition.lines.is_empty() && definition.comment.as_deref() == Some(comment)
    })
}

/// The same of a reference, which is `plain` with a parent that has a plain name: what it is called is up to who asked.
pub(super) fn reference(line: &str, plain: &str, foreign_key: &ForeignKey) -> Option<Unsaid> {
    let what = format!("the reference to `{}`", foreign_key.parent);
    broken(&what, line).or_else(|| {
        let text = if foreign_key.in_key { plain.to_owned() } else { format!("---\n{plain}") };
        unsaid(what, line, &text, |definition| {
            matches!(&definition.lines[..], [Line::ForeignKey(read)] if refers_so(foreign_key, read))
        })
    })
}

fn refers_so(foreign_key: &ForeignKey, read: &ForeignKeyLine) -> bool {
    let renamed = foreign_key.columns.iter().filter(|pair| pair.child != pair.parent);
    let names = |name: &str| name.trim_matches(['(', ')']).to_owned();
    read.parent == "Parent"
        && (read.nullable, read.unique) == (foreign_key.nullable, foreign_key.unique)
        && read
            .renames
            .iter()
            .map(|rename| (rename.new.clone(), names(&rename.old)))
            .filter(|(new, old)| new != old)
            .eq(renamed.map(|pair| (pair.child.clone(), pair.parent.clone())))
}

/// The same of an index; what its parts say is the affair of a database.
pub(super) fn index(line: &str) -> Option<Unsaid> {
    broken("an index", line)
}

fn broken(what: &str, line: &str) -> Option<Unsaid> {
    let letter = line.chars().find(|letter| ends_line(*letter))?;
    let fault = format!("it has a line break, {}", letter.escape_default());
    Some(Unsaid::Line { what: what.to_owned(), line: line.trim().to_owned(), fault })
}

fn unsaid(what: String, line: &str, text: &str, is_same: impl Fn(&Definition) -> bool) -> Option<Unsaid> {
    if let Some(broken) = broken(&what, line) {
        return Some(broken);
    }
    let (definition, faults) = parse(text);
    let fault = match faults.into_iter().find(Diagnostic::is_error) {
        Some(fault) => fault.message,
        None if is_same(&definition) => return None,
        None => "it would be read as something else".to_owned(),
    };
    Some(Unsaid::Line { what, line: line.trim().to_owned(), fault })
}
