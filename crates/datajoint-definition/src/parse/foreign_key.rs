//! `-> [options] Parent.proj(new='old')`

use super::Source;
use crate::{Diagnostic, ForeignKeyLine, Rename, Span, suggest};

pub(super) fn parse(line: Source<'_>, in_key: bool, faults: &mut Vec<Diagnostic>) -> Option<ForeignKeyLine> {
    let (before, after) = line.text.split_once("->")?;
    let mut at = before.len() + 2;
    let code = after.split('#').next().unwrap_or_default();
    if !before.trim().is_empty() {
        let names = before.trim().trim_start_matches('(').trim_end_matches(')').trim();
        let help = format!("since DataJoint 2 attributes are renamed so: `-> {}.proj({names}='name')`", code.trim());
        faults.push(Diagnostic::error(line.part(0, before.len()), format!("`{}` stands before `->`", before.trim())).with_help(help));
        return None;
    }
    let mut key = ForeignKeyLine {
        parent: String::new(),
        nullable: false,
        unique: false,
        renames: Vec::new(),
        in_key,
        span: line.span(),
        parent_span: line.span(),
    };
    let mut rest = code;
    let trimmed = rest.trim_start();
    at += rest.len() - trimmed.len();
    rest = trimmed;
    if let Some(inner) = rest.strip_prefix('[') {
        let Some((options, tail)) = inner.split_once(']') else {
            let help = format!("write `-> [nullable] {}`", inner.trim());
            faults.push(Diagnostic::error(line.part(at, at + 1), "`[` is not closed").with_help(help));
            return None;
        };
        read_options(&mut key, options, tail.trim(), line.part(at, at + options.len() + 2), faults);
        at += options.len() + 2;
        rest = tail;
    }
    let trimmed = rest.trim_start();
    at += rest.len() - trimmed.len();
    let reference = trimmed.trim_end();
    if key.nullable && in_key {
        let message = "a reference in the primary key can't be nullable";
        let help = format!("write `-> {reference}`, or move the line below `---`");
        faults.push(Diagnostic::error(line.span(), message).with_help(help));
    }
    read_reference(&mut key, line, at, reference, faults)?;
    Some(key)
}

fn read_options(key: &mut ForeignKeyLine, options: &str, parent: &str, span: Span, faults: &mut Vec<Diagnostic>) {
    for option in options.split(',').map(str::trim) {
        match option.to_lowercase().as_str() {
            "nullable" => key.nullable = true,
            "unique" => key.unique = true,
            other => {
                let near = suggest(other, ["nullable", "unique"]);
                let help = near.map_or("the options are `nullable` and `unique`".to_owned(), |near| {
                    format!("did you mean `-> [{near}] {parent}`?")
                });
                faults.push(Diagnostic::error(span, format!("unknown option `{option}`")).with_help(help));
            }
        }
    }
}

fn read_reference(
    key: &mut ForeignKeyLine,
    line: Source<'_>,
    at: usize,
    reference: &str,
    faults: &mut Vec<Diagnostic>,
) -> Option<()> {
    let end = reference.find(|character: char| !is_path(character)).unwrap_or(reference.len());
    let (path, mut rest) = reference.split_at(end);
    let mut path = path.trim_end_matches(['.', ':']);
    // `Parent.proj(…)`: the last word is the call.
    let mut is_projection = false;
    if rest.trim_start().starts_with('(')
        && let Some(parent) = path.strip_suffix(".proj")
    {
        path = parent;
        is_projection = true;
    } else if let Some(tail) = rest.trim_start().strip_prefix('(')
        && let Some(tail) = tail.trim_start().strip_prefix(')')
    {
        // `Parent()`, and perhaps a projection of it.
        match tail.strip_prefix(".proj") {
            Some(call) => {
                rest = call;
                is_projection = true;
            }
            None => rest = tail,
        }
    }
    let span = line.part(at, at + path.len().max(1));
    if path.is_empty() || !is_name_path(path) {
        let help = "write `-> Parent`, `-> module.Parent` or `-> Parent.proj(new='old')`";
        let message = if reference.is_empty() {
            "`->` names no parent".to_owned()
        } else {
            format!("`{reference}` is not the name of a table")
        };
        let span = if reference.is_empty() { line.span() } else { line.part(at, at + reference.len()) };
        faults.push(Diagnostic::error(span, message).with_help(old_form(reference).unwrap_or(help.to_owned())));
        return None;
    }
    path.clone_into(&mut key.parent);
    key.parent_span = span;
    let rest_at = at + (reference.len() - rest.len());
    if is_projection {
        return read_projection(key, line, rest_at, rest, faults);
    }
    if !rest.trim().is_empty() {
        let message = format!("`{}` can't follow the parent", rest.trim());
        let help = old_form(reference).unwrap_or(format!("write `-> {path}`; only a table or its projection can be referred to"));
        faults.push(Diagnostic::error(line.part(rest_at, rest_at + rest.len()), message).with_help(help));
        return None;
    }
    Some(())
}

/// The 2.x form of `Parent(name)` or `(name) Parent`.
fn old_form(reference: &str) -> Option<String> {
    let (before, inner) = reference.split_once('(')?;
    let (names, after) = inner.split_once(')')?;
    let parent = if before.trim().is_empty() { after.trim() } else { before.trim() };
    (is_name_path(parent) && names.split(',').all(|name| is_attribute(name.trim()))).then(|| {
        format!("since DataJoint 2 attributes are renamed so: `-> {parent}.proj({}='name')`", names.trim())
    })
}

fn read_projection(
    key: &mut ForeignKeyLine,
    line: Source<'_>,
    at: usize,
    call: &str,
    faults: &mut Vec<Diagnostic>,
) -> Option<()> {
    let parent = key.parent.clone();
    let fault = |span: Span, message: String| {
        Diagnostic::error(span, message).with_help(format!("write `-> {parent}.proj(new='old')`"))
    };
    let whole = line.part(at, at + call.len());
    let open = call.len() - call.trim_start().len() + 1;
    let Some(arguments) = call.trim_start().strip_prefix('(').and_then(|inner| inner.trim_end().strip_suffix(')')) else {
        faults.push(fault(whole, "`.proj(` is not closed".to_owned()));
        return None;
    };
    let mut start = at + open;
    for argument in arguments.split(',') {
        let span = line.part(start, start + argument.len());
        start += argument.len() + 1;
        let argument = argument.trim();
        if argument.is_empty() || argument == "..." || unquote(argument).is_some_and(is_attribute) {
            continue;
        }
        let renamed = argument.split_once('=').and_then(|(new, old)| Some((new.trim(), unquote(old.trim())?.trim())));
        match renamed {
            Some((new, old)) if is_attribute(new) && (is_attribute(old) || is_duplicate(old)) => {
                key.renames.push(Rename { new: new.to_owned(), old: old.to_owned(), span });
            }
            Some((new, _)) if is_attribute(new) => {
                let message = format!("`{argument}` computes a value, which no foreign key can hold");
                faults.push(fault(span, message));
            }
            _ => faults.push(fault(span, format!("`{argument}` is not of the form new='old'"))),
        }
    }
    Some(())
}

fn unquote(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    text.strip_prefix(quote)?.strip_suffix(quote)
}

/// `(name)`: the attribute under a second name.
fn is_duplicate(old: &str) -> bool {
    old.strip_prefix('(').and_then(|old| old.strip_suffix(')')).is_some_and(|old| is_attribute(old.trim()))
}

fn is_attribute(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_')
}

fn is_path(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | ':')
}

fn is_name_path(path: &str) -> bool {
    path.split("::").flat_map(|part| part.split('.')).all(|name| {
        name.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && name.chars().all(|character| character.is_alphanumeric() || character == '_')
    })
}
