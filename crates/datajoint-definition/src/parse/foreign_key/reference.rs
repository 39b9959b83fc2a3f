//! The parent, and its projection.

use std::collections::HashSet;

use super::{Source, is_attribute, is_name_path, old_form};
use crate::{Diagnostic, ForeignKeyLine, Rename};

/// Reads `Parent`, `Parent()` and any `.proj(…)` after them; `reference` stands at `at` in the line.
pub(super) fn read(
    key: &mut ForeignKeyLine,
    line: Source<'_>,
    at: usize,
    reference: &str,
    faults: &mut Vec<Diagnostic>,
) -> Option<()> {
    let path_end = path_length(reference);
    let (written, mut rest) = reference.split_at(path_end);
    let mut path = written.trim_end();
    let calls_projection =
        rest.starts_with('(') && path.rsplit(['.', ':']).next().is_some_and(|last| last.trim() == "proj");
    if calls_projection {
        let before = path.trim_end_matches("proj").trim_end();
        if let Some(parent) = before.strip_suffix('.') {
            path = parent.trim_end();
            rest = reference.get(before.len() - 1..).unwrap_or_default();
        }
    }
    let parent: String = path.split_whitespace().collect();
    if !is_name_path(&parent) {
        faults.push(no_table(line, at, reference));
        return None;
    }
    key.parent = parent;
    key.parent_span = line.part(at, at + path.len());
    rest = without_empty_call(rest);
    while let Some(call) = projection(rest) {
        let call_at = at + reference.len() - call.len();
        let Some((arguments, after)) = arguments(call) else {
            let fault = Diagnostic::error(
                line.part(call_at, call_at + call.trim_end().len()),
                "`.proj(` is not closed",
            );
            faults.push(fault.with_help(format!("write `-> {}.proj({})`", key.parent, closed(call))));
            return None;
        };
        if !key.renames.is_empty() {
            let fault = Diagnostic::error(line.trimmed_part(call_at, line.text.len()), "a second projection");
            faults.push(
                fault.with_help(format!("put all renames into one: `-> {}.proj(new='old', …)`", key.parent)),
            );
            return None;
        }
        read_renames(key, line, call_at + 1, arguments, faults);
        rest = after;
    }
    if rest.trim().is_empty() {
        return Some(());
    }
    let rest_at = at + reference.len() - rest.len();
    let message = format!("`{}` can't follow the parent", rest.trim());
    let help = old_form::in_reference(reference).unwrap_or_else(|| {
        format!("write `-> {}`; only a table or its projection can be referred to", key.parent)
    });
    faults.push(Diagnostic::error(line.trimmed_part(rest_at, rest_at + rest.len()), message).with_help(help));
    None
}

/// How far the path goes: names joined by `.` or `::`, blanks around them allowed.
fn path_length(text: &str) -> usize {
    let is_name = |character: char| character.is_alphanumeric() || character == '_';
    let mut end = 0;
    let mut expects_name = true;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_start().len();
        let rest = rest.trim_start();
        let length = if expects_name {
            rest.find(|character| !is_name(character)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            usize::from(rest.starts_with('.'))
        };
        // `Parent().proj(…)`: the dot belongs to what follows.
        if length == 0 {
            return end;
        }
        end += blanks + length;
        expects_name = !expects_name;
    }
}

fn no_table(line: Source<'_>, at: usize, reference: &str) -> Diagnostic {
    let help = old_form::in_reference(reference)
        .unwrap_or_else(|| "write `-> Parent`, `-> module.Parent` or `-> Parent.proj(new='old')`".to_owned());
    if reference.is_empty() {
        return Diagnostic::error(line.span(), "`->` names no parent").with_help(help);
    }
    let message = format!("`{reference}` is not the name of a table");
    Diagnostic::error(line.part(at, at + reference.len()), message).with_help(help)
}

/// What follows `()`.
fn without_empty_call(rest: &str) -> &str {
    let inner = rest.trim_start().strip_prefix('(').map(str::trim_start);
    inner.and_then(|inner| inner.strip_prefix(')')).unwrap_or(rest)
}

/// What follows `.proj`, from its parenthesis on.
fn projection(rest: &str) -> Option<&str> {
    let call = rest.trim_start().strip_prefix('.')?.trim_start().strip_prefix("proj")?.trim_start();
    call.starts_with('(').then_some(call)
}

/// The arguments of a call, and what follows it.
fn arguments(call: &str) -> Option<(&str, &str)> {
    let close = super::super::scan::find_unquoted(call, ')')?;
    Some((call.get(1..close)?, call.get(close + 1..)?))
}

fn closed(call: &str) -> String {
    call.trim_start_matches('(').trim().trim_end_matches(',').to_owned()
}

fn read_renames(
    key: &mut ForeignKeyLine,
    line: Source<'_>,
    at: usize,
    arguments: &str,
    faults: &mut Vec<Diagnostic>,
) {
    let mut start = at;
    let mut taken = HashSet::new();
    for argument in arguments.split(',') {
        let span = line.trimmed_part(start, start + argument.len());
        start += argument.len() + 1;
        let argument = argument.trim();
        if argument.is_empty() || argument == "..." || unquote(argument).is_some_and(is_attribute) {
            continue;
        }
        let parent = &key.parent;
        let (new, old) =
            argument.split_once('=').map_or(("new", argument), |(new, old)| (new.trim(), old.trim()));
        let quoted = unquote(old).map(str::trim);
        match quoted {
            Some(_) if new.starts_with('_') => {
                let message =
                    "names that begin with an underscore are reserved for the columns that DataJoint adds";
                let help = format!("write `-> {parent}.proj({}={old})`", new.trim_start_matches('_'));
                faults.push(Diagnostic::error(span, message).with_help(help));
            }
            Some(old)
                if argument.contains('=') && is_attribute(new) && (is_attribute(old) || is_copy(old)) =>
            {
                if taken.insert(new) {
                    key.renames.push(Rename { new: new.to_owned(), old: old.to_owned(), span });
                } else {
                    let message = format!("`{new}` is renamed twice");
                    let help = "give each attribute a name of its own";
                    faults.push(Diagnostic::error(span, message).with_help(help));
                }
            }
            Some(old) if is_attribute(new) && argument.contains('=') => {
                let message = format!("`{argument}` computes a value, which no foreign key can hold");
                let word: String =
                    old.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let old = if is_attribute(&word) { word } else { "old".to_owned() };
                let help = format!("rename only: `-> {parent}.proj({new}='{old}')`");
                faults.push(Diagnostic::error(span, message).with_help(help));
            }
            _ => {
                let message = format!("`{argument}` is not of the form new='old'");
                let old = old.trim_matches(['\'', '"', ' ']);
                let old = if is_attribute(old) { old } else { "old" };
                let new = if is_attribute(new) { new } else { "new" };
                let help = format!("write `-> {parent}.proj({new}='{old}')`");
                faults.push(Diagnostic::error(span, message).with_help(help));
            }
        }
    }
}

fn unquote(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    text.strip_prefix(quote)?.strip_suffix(quote)
}

/// `(name)`: the attribute under a second name.
fn is_copy(old: &str) -> bool {
    old.strip_prefix('(').and_then(|old| old.strip_suffix(')')).is_some_and(|old| is_attribute(old.trim()))
}
