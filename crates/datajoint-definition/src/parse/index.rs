//! `index (a, b)` and `unique index (a, b)`

use std::collections::HashSet;

use super::Source;
use super::scan::{has_open_quote, unquoted};
use crate::{Diagnostic, IndexItem, IndexLine, JsonPath};

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
    let code = line.code();
    let (unique, rest) = after_word(code)?;
    let word = if unique { "unique index" } else { "index" };
    let fault =
        |message: String, help: String| Diagnostic::error(line.part(0, code.len()), message).with_help(help);
    let inner = rest.strip_prefix('(').unwrap_or(rest);
    if let Some(sign) = foreign(inner) {
        let message =
            format!("`{sign}` belongs in no index: its parts are attributes, paths and expressions");
        faults.push(fault(message, format!("write `{word} (name)`, or `{word} ((year(day)))`")));
        return None;
    }
    if has_open_quote(inner) {
        faults.push(fault(
            "the index has quotes that do not match".to_owned(),
            format!("write `{word} (name)`"),
        ));
        return None;
    }
    let Some(inner) = inner.strip_suffix(')').filter(|inner| is_balanced(inner)) else {
        let message = "the parentheses of the index do not match".to_owned();
        faults.push(fault(message, format!("write `{word} ({})`", mended(inner))));
        return None;
    };
    let mut items: Vec<IndexItem> = Vec::new();
    let (mut seen, mut twice) = (HashSet::new(), None);
    for (place, text) in split_arguments(inner) {
        let item = match item(text) {
            Ok(item) => item,
            Err(advice) => {
                let start = code.len() - inner.len() - 1 + place;
                let fault = Diagnostic::error(
                    line.part(start, start + text.len()),
                    format!("`{text}` is no place in JSON"),
                );
                faults.push(fault.with_help(advice));
                return None;
            }
        };
        if seen.insert(item.clone()) {
            items.push(item);
        } else {
            twice.get_or_insert(text);
        }
    }
    if let Some(text) = twice {
        let names: Vec<String> = items.iter().map(ToString::to_string).collect();
        let message = format!("`{text}` stands twice in the index");
        faults.push(fault(message, format!("write `{word} ({})`", names.join(", "))));
    }
    if items.is_empty() {
        faults.push(fault("the index names no attribute".to_owned(), format!("write `{word} (name)`")));
        return None;
    }
    Some(IndexLine { unique, items, span: line.span() })
}

/// What ends a statement, begins a comment or means nothing, outside quotes.
fn foreign(text: &str) -> Option<&str> {
    let mut signs = [";", "--", "/*", "\\"].into_iter();
    if text.contains('\0') {
        return Some("NUL");
    }
    signs.find_map(|sign| {
        let first = sign.chars().next()?;
        unquoted(text).find(|(at, letter)| {
            *letter == first && text.get(*at..).is_some_and(|rest| rest.starts_with(sign))
        })?;
        Some(sign)
    })
}

/// True when no parenthesis closes before it opens, and none stays open.
fn is_balanced(text: &str) -> bool {
    let mut open = Vec::new();
    unquoted(text).all(|(_, character)| match character {
        '(' | '[' => {
            open.push(character);
            true
        }
        ')' => open.pop() == Some('('),
        ']' => open.pop() == Some('['),
        _ => true,
    }) && open.is_empty()
}

/// The items with as many parentheses as are needed.
fn mended(inner: &str) -> String {
    let inner = inner.trim_end_matches([')', ' ', ',', ';']);
    let open = inner.matches('(').count();
    let closed = inner.matches(')').count();
    format!("{inner}{}", ")".repeat(open.saturating_sub(closed)))
}

/// The parts between commas that stand in no brackets of their own, and where each stands.
fn split_arguments(text: &str) -> Vec<(usize, &str)> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    let ends = unquoted(text).chain([(text.len(), ',')]);
    for (at, character) in ends {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                let part = text.get(start..at).unwrap_or_default();
                let place = start + part.len() - part.trim_start().len();
                parts.push((place, part.trim()));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.retain(|(_, part)| !part.is_empty());
    parts
}

/// `name`, `name.path:type`, or anything else as an expression. Fails with what is wrong in a path that is none.
fn item(text: &str) -> Result<IndexItem, String> {
    if text.chars().all(|letter| letter.is_alphanumeric() || letter == '_') {
        return Ok(IndexItem::Attribute(text.to_owned()));
    }
    if JsonPath::attribute_meant(text).is_none() {
        return Ok(IndexItem::Expression(text.to_owned()));
    }
    let place = JsonPath::parse(text)?;
    let path = place.way();
    Ok(IndexItem::JsonPath { attribute: place.attribute, path, returning: place.returning })
}
