//! `index (a, b)` and `unique index (a, b)`

use super::Source;
use crate::{Diagnostic, IndexItem, IndexLine};

/// True for a line that declares an index: the word, and parentheses that close before any comment.
pub(super) fn is_index(line: &str) -> bool {
    let code = line.split('#').next().unwrap_or_default().trim_end();
    after_word(code).is_some_and(|(_, rest)| rest.starts_with('(') && rest.ends_with(')'))
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
    let inner = rest.strip_prefix('(')?.strip_suffix(')')?;
    let items: Vec<IndexItem> =
        split_arguments(inner).into_iter().map(str::trim).filter(|item| !item.is_empty()).map(item).collect();
    if items.is_empty() {
        let fault = Diagnostic::error(line.span(), "the index names no attribute");
        faults.push(fault.with_help("write `index (name)`"));
        return None;
    }
    Some(IndexLine { unique, items, span: line.span() })
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
