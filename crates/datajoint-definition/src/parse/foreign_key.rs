//! `-> [options] Parent.proj(new='old')`

mod old_form;
mod reference;

use super::Source;
use crate::{Diagnostic, ForeignKeyLine, suggest};

pub(super) fn parse(line: Source<'_>, in_key: bool, faults: &mut Vec<Diagnostic>) -> Option<ForeignKeyLine> {
    let (before, after) = line.text.split_once("->")?;
    let arrow_end = before.len() + 2;
    let code = after.split('#').next().unwrap_or_default();
    if !before.trim().is_empty() {
        let message = format!("`{}` stands before `->`", before.trim());
        let help = old_form::before_arrow(before.trim(), code.trim());
        faults.push(Diagnostic::error(line.trimmed_part(0, before.len()), message).with_help(help));
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
    let mut at = arrow_end + (code.len() - code.trim_start().len());
    let code_end = arrow_end + code.trim_end().len();
    if let Some(inner) = code.trim().strip_prefix('[') {
        let Some((options, tail)) = inner.split_once(']') else {
            let mut words = inner.split_whitespace().filter(|word| !word.trim_matches(',').is_empty());
            let parent = words.next_back().unwrap_or("Parent");
            let options: Vec<&str> = words.map(|word| word.trim_matches(',')).collect();
            let options = if options.is_empty() { "nullable".to_owned() } else { options.join(", ") };
            let fault = Diagnostic::error(line.part(at, at + 1), "`[` is not closed");
            faults.push(fault.with_help(format!("write `-> [{options}] {parent}`")));
            return None;
        };
        read_options(&mut key, line, at + 1, options, tail.trim(), faults);
        at += options.len() + 2;
    }
    let reference = line.text.get(at..code_end).unwrap_or_default();
    at += reference.len() - reference.trim_start().len();
    let reference = reference.trim();
    if key.nullable && in_key {
        let message = "a reference in the primary key can't be nullable";
        let unique = if key.unique { "[unique] " } else { "" };
        let help = format!("write `-> {unique}{reference}`, or move the line below `---`");
        faults.push(Diagnostic::error(line.span(), message).with_help(help));
    }
    reference::read(&mut key, line, at, reference, faults)?;
    Some(key)
}

fn read_options(
    key: &mut ForeignKeyLine,
    line: Source<'_>,
    at: usize,
    options: &str,
    parent: &str,
    faults: &mut Vec<Diagnostic>,
) {
    let mut start = at;
    for option in options.split(',') {
        let span = if option.trim().is_empty() {
            line.part(at - 1, at + options.len() + 1)
        } else {
            line.trimmed_part(start, start + option.len())
        };
        start += option.len() + 1;
        match option.trim().to_ascii_lowercase().as_str() {
            "nullable" => key.nullable = true,
            "unique" => key.unique = true,
            "" => {
                let help = format!("write `-> [nullable] {parent}`, `-> [unique] {parent}` or `-> {parent}`");
                faults.push(Diagnostic::error(span, "an option is missing").with_help(help));
            }
            other => {
                let near = match other {
                    "null" | "optional" | "none" => Some("nullable"),
                    _ => suggest(other, ["nullable", "unique"]),
                };
                // Nobody means a list this long.
                let near = near.filter(|_| options.len() < 80);
                let help = near.map_or_else(
                    || "the options are `nullable` and `unique`".to_owned(),
                    |near| {
                        let options: Vec<&str> = options
                            .split(',')
                            .map(|each| if each == option { near } else { each.trim() })
                            .collect();
                        format!("did you mean `-> [{}] {parent}`?", options.join(", "))
                    },
                );
                faults.push(
                    Diagnostic::error(span, format!("unknown option `{}`", option.trim())).with_help(help),
                );
            }
        }
    }
}

/// True for a name that an attribute can have, hidden ones included.
fn is_attribute(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name
            .chars()
            .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_')
}

/// `Parent`, `module.Parent`, `module::Parent`
fn is_name_path(path: &str) -> bool {
    path.split("::").flat_map(|part| part.split('.')).all(|name| {
        name.starts_with(|first: char| first.is_alphabetic() || first == '_')
            && name.chars().all(|character| character.is_alphanumeric() || character == '_')
    })
}
