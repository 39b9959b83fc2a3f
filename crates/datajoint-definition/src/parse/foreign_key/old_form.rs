//! Renames as they were written before version 2, and what they are now.

use super::{is_attribute, is_name_path};

/// What to write instead of `(new) -> Parent(old)`.
pub(super) fn before_arrow(before: &str, reference: &str) -> String {
    let Some(new) = names(before) else { return format!("begin the line with the arrow: `-> {reference}`") };
    let (parent, old) = split(reference).unwrap_or((reference, Vec::new()));
    renamed(parent, &new, &old)
}

/// What to write instead of `Parent(name)` or `(name) Parent`; `None` for what is neither.
pub(super) fn in_reference(reference: &str) -> Option<String> {
    let (parent, names) = split(reference)?;
    (!names.is_empty()).then(|| renamed(parent, &names, &[]))
}

fn renamed(parent: &str, new: &[&str], old: &[&str]) -> String {
    let pairs: Vec<String> = new
        .iter()
        .enumerate()
        .map(|(place, new)| format!("{new}='{}'", old.get(place).copied().unwrap_or("name_in_parent")))
        .collect();
    format!("since DataJoint 2 attributes are renamed so: `-> {parent}.proj({})`", pairs.join(", "))
}

/// The parent and the names between parentheses, before or after it.
fn split(reference: &str) -> Option<(&str, Vec<&str>)> {
    let (before, inner) = reference.split_once('(')?;
    let (inner, after) = inner.split_once(')')?;
    let parent = if before.trim().is_empty() { after.trim() } else { before.trim() };
    is_name_path(parent).then_some(())?;
    Some((parent, names(inner)?))
}

/// The names of a list with or without parentheses.
fn names(list: &str) -> Option<Vec<&str>> {
    let list = list.trim();
    let list = list.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(list);
    let names: Vec<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    (!names.is_empty() && names.iter().all(|name| is_attribute(name))).then_some(names)
}
