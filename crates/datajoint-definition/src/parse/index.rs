//! `index (a, b)` and `unique index (a, b)`

use super::Source;
use crate::{Diagnostic, IndexItem, IndexLine};

/// True for a line that declares an index: the word and a parenthesis.
pub(super) fn is_index(line: &str) -> bool {
    after_word(line).is_some_and(|(_, rest)| rest.starts_with('('))
}

/// What follows the word `index`, and whether `unique` stood before it.
fn after_word(code: &str) -> Option<(bool, &str)> {
    let word = |text: &str, word: &str| {
        text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)).then_some(word.len())
    };
    let (unique, rest) = match word(code, "unique") {
        Some(length) => {
            let rest = code.get(length..)?;
            let trimmed = rest.trim_start();
            if trimmed.len() == rest.len() {
                return None;
            }
            (true, trimmed)
        }
        None => (false, code),
    };
    let length = word(rest, "index")?;
    Some((unique, rest.get(length..)?.trim_start()))
}

pub(super) fn parse(line: Source<'_>, faults: &mut Vec<Diagnostic>) -> Option<IndexLine> {
    let code = line.text.split('#').next().unwrap_or_default().trim_end();
    let (unique, rest) = after_word(code)?;
    let word = if unique { "unique index" } else { "index" };
    let inner = rest.strip_prefix('(').unwrap_or(rest);
    let Some(inner) = inner.strip_suffix(')').filter(|inner| is_balanced(inner)) else {
        let mended = mended(inner);
        let fault = Diagnostic::error(line.part(0, code.len()), "the parentheses of the index do not match");
        faults.push(fault.with_help(format!("write `{word} ({mended})`")));
        return None;
    };
    let mut items: Vec<IndexItem> = Vec::new();
    for text in split_arguments(inner).into_iter().map(str::trim).filter(|text| !text.is_empty()) {
        let item = item(text);
        if items.contains(&item) {
            let message = format!("`{text}` stands twice in the index");
            let fault = Diagnostic::error(line.part(0, code.len()), message);
            let names: Vec<String> = items.iter().map(ToString::to_string).collect();
            faults.push(fault.with_help(format!("write `{word} ({})`", names.join(", "))));
        } else {
            items.push(item);
        }
    }
    if items.is_empty() {
        let fault = Diagnostic::error(line.part(0, code.len()), "the index names no attribute");
        faults.push(fault.with_help(format!("write `{word} (name)`")));
        return None;
    }
    Some(IndexLine { unique, items, span: line.span() })
}

/// True when no parenthesis closes before it opens, and none stays open.
fn is_balanced(text: &str) -> bool {
    let mut depth = 0_usize;
    for character in text.chars() {
        match character {
            '(' => depth += 1,
            ')' if depth == 0 => return false,
            ')' => depth -= 1,
            _ => {}
        }
    }
    depth == 0
}

/// The items with as many parentheses as are needed.
fn mended(inner: &str) -> String {
    let inner = inner.trim_end_matches([')', ' ', ',', ';']);
    let open = inner.matches('(').count();
    let closed = inner.matches(')').count();
    format!("{inner}{}", ")".repeat(open.saturating_sub(closed)))
}

/// The parts between commas that stand in no parentheses of their own.
fn split_arguments(text: &str) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.extend(text.get(start..at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(text.get(start..));
    parts
}

/// `name`, `name.path:type`, or anything else as an expression.
fn item(text: &str) -> IndexItem {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_word(text) {
        return IndexItem::Attribute(text.to_owned());
    }
    let (place, returning) = match text.split_once(':') {
        Some((place, returning)) => (place, Some(returning.trim().to_owned())),
        None => (text, None),
    };
    if let Some((attribute, path)) = place.split_once('.')
        && is_word(attribute)
        && !path.is_empty()
        && path.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '*' | '[' | ']'))
    {
        return IndexItem::JsonPath { attribute: attribute.to_owned(), path: path.to_owned(), returning };
    }
    IndexItem::Expression(text.to_owned())
}
