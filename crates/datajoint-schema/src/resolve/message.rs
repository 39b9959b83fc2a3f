//! The words of the faults: what is wrong, and the line that would be right.

use datajoint_definition::{Diagnostic, ForeignKeyLine, Rename, Span, snake_case, suggest};

use super::column::{Origin, Reference};
use super::foreign_key::source_of;
use crate::{Attribute, Parent};

type Side<'a> = (&'a Attribute, &'a Origin<'a>);

/// Two columns of one name with different types.
pub(super) fn conflict(first: Side<'_>, second: Side<'_>) -> Diagnostic {
    let message =
        format!("`{}` can't be both {} and {}", first.0.name, describe_side(first), describe_side(second));
    Diagnostic::error(second.1.span, message).with_help(renaming_help(first, second))
}

/// Two text columns of one name with different lengths.
pub(super) fn lengths(first: Side<'_>, second: Side<'_>) -> Diagnostic {
    let message = format!(
        "`{}` is {} and {}: the column gets the first length",
        first.0.name,
        describe_side(first),
        describe_side(second)
    );
    Diagnostic::warning(second.1.span, message)
        .with_help(format!("give both the same length, or keep them apart: {}", renaming_help(first, second)))
}

fn describe_side((attribute, origin): Side<'_>) -> String {
    let type_text = &attribute.type_text;
    match origin.reference {
        Some(Reference { parent, attribute, .. }) => {
            format!("`{type_text}` (`{attribute}` of `{}`)", parent.class_name)
        }
        None => format!("`{type_text}` (declared here)"),
    }
}

fn renaming_help((_, first): Side<'_>, (attribute, second): Side<'_>) -> String {
    let name = &attribute.name;
    match (second.reference, first.reference) {
        (Some(reference), _) => format!("rename the parent's: `{}`", renamed_line(reference, name)),
        (None, Some(reference)) => format!(
            "call this attribute something else than `{name}`, or rename the parent's: `{}`",
            renamed_line(reference, name)
        ),
        (None, None) => "give the attributes different names".to_owned(),
    }
}

/// The line of a reference with another name for the attribute that is called `name` here.
fn renamed_line(Reference { line, parent, attribute }: Reference<'_>, name: &str) -> String {
    let options: Vec<&str> = [(line.nullable, "nullable"), (line.unique, "unique")]
        .into_iter()
        .filter_map(|(is_set, option)| is_set.then_some(option))
        .collect();
    let options = if options.is_empty() { String::new() } else { format!("[{}] ", options.join(", ")) };
    let kept = line.renames.iter().filter(|rename| rename.new != name);
    let mut renames: Vec<String> = kept.map(|rename| format!("{}='{}'", rename.new, rename.old)).collect();
    renames.push(format!("{}='{attribute}'", other_name(&parent.class_name, attribute)));
    format!("-> {options}{}.proj({})", line.parent, renames.join(", "))
}

/// A name for `attribute` of `parent` beside one that has it already.
fn other_name(parent: &str, attribute: &str) -> String {
    let prefix = snake_case(parent).unwrap_or_default();
    if attribute.starts_with(&prefix) {
        format!("other_{attribute}")
    } else {
        format!("{prefix}_{attribute}")
    }
}

pub(super) fn part_without_master(class_name: &str, span: Span) -> Diagnostic {
    Diagnostic::error(span, format!("the part `{class_name}` has no master"))
        .with_help("name the table that it belongs to, and begin its definition with `-> master`")
}

pub(super) fn part_beside_master(class_name: &str, master: &str, span: Span) -> Diagnostic {
    Diagnostic::warning(
        span,
        format!("the key of the part `{class_name}` doesn't refer to its master `{master}`"),
    )
    .with_help(
        "begin the definition with `-> master`, so that the rows of a part belong to a row of the master",
    )
}

pub(super) fn unknown_parent(line: &ForeignKeyLine) -> Diagnostic {
    let (message, help) = if line.parent == "master" {
        (
            "`-> master` stands in a table that has no master".to_owned(),
            "name the parent: `-> Parent`".to_owned(),
        )
    } else {
        (
            format!("the parent `{}` is not known", line.parent),
            format!("bring it into scope, or write its full path: `-> module::{}`", line.parent),
        )
    };
    Diagnostic::error(line.parent_span, message).with_help(help)
}

pub(super) fn self_reference(line: &ForeignKeyLine, class_name: &str) -> Diagnostic {
    Diagnostic::error(line.parent_span, format!("`{class_name}` can't refer to itself")).with_help(format!(
        "keep the relation in another table with two references to `{class_name}`, one of them renamed"
    ))
}

pub(super) fn parent_without_key(line: &ForeignKeyLine, parent: &Parent) -> Diagnostic {
    Diagnostic::error(
        line.parent_span,
        format!("`{}` holds a single row and has no key to refer to", parent.class_name),
    )
    .with_help(format!("remove the line, or give `{}` a primary key", parent.class_name))
}

pub(super) fn nullable_without_effect(line: &ForeignKeyLine) -> Diagnostic {
    Diagnostic::warning(
        line.span,
        format!("`nullable` changes nothing: all attributes of `{}` stand in the primary key", line.parent),
    )
    .with_help(format!("write `-> {}`", line.parent))
}

pub(super) fn null_overruled(line: &ForeignKeyLine, name: &str) -> Diagnostic {
    Diagnostic::warning(
        line.span,
        format!(
            "`{name}` is declared with `null`, but `-> {}` needs a value, so it can't be null",
            line.parent
        ),
    )
    .with_help(format!("write `-> [nullable] {}`, or remove `null`", line.parent))
}

pub(super) fn unknown_rename(rename: &Rename, parent: &Parent, key: &[&Attribute]) -> Diagnostic {
    let names: Vec<&str> = key.iter().map(|attribute| attribute.name.as_str()).collect();
    let old = source_of(rename);
    let help = suggest(old, names.iter().copied())
        .or_else(|| names.first().copied().filter(|_| names.len() == 1))
        .map_or_else(|| "rename one of these".to_owned(), |near| format!("write `{}='{near}'`", rename.new));
    Diagnostic::error(
        rename.span,
        format!(
            "`{old}` is not in the primary key of `{}`, which is ({})",
            parent.class_name,
            names.join(", ")
        ),
    )
    .with_help(help)
}

pub(super) fn name_taken(line: &ForeignKeyLine, parent: &Parent, name: &str) -> Diagnostic {
    Diagnostic::error(
        line.span,
        format!("two attributes of `{}` would be called `{name}` here", parent.class_name),
    )
    .with_help(format!("take another name than `{name}`, or rename `{name}` of the parent too"))
}

/// As many names a message shows and compares: a text from outside may have any number of them, and of faults.
const SHOWN: usize = 100;

pub(super) fn unknown_in_index<'a>(
    span: Span,
    name: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Diagnostic {
    let visible = names.filter(|name| !crate::is_hidden_name(name)).take(SHOWN);
    let help = suggest(name, visible.clone()).map_or_else(
        || format!("the attributes are {}", visible.collect::<Vec<_>>().join(", ")),
        |near| format!("did you mean `{near}`?"),
    );
    Diagnostic::error(span, format!("the index is on `{name}`, which is no attribute of the table"))
        .with_help(help)
}

pub(super) fn path_into_plain(span: Span, attribute: &Attribute) -> Diagnostic {
    let Attribute { name, type_text, .. } = attribute;
    Diagnostic::error(
        span,
        format!("the index goes into `{name}`, which is `{type_text}` and no JSON document"),
    )
    .with_help(format!("index `{name}` itself, or declare it as `json`"))
}
