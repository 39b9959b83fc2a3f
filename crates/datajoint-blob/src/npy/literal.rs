//! The part of Python's syntax that headers are written in.

use crate::{Error, Result};

/// A value in the header.
#[derive(Debug, PartialEq)]
pub(super) enum Literal<'a> {
    Text(&'a str),
    Bool(bool),
    Tuple(Vec<usize>),
    /// A list, which describes records.
    Other(&'a str),
}

impl<'a> Literal<'a> {
    /// The entries of `{'key': value, …}`, followed by nothing but white space.
    pub(super) fn entries(text: &'a str) -> Result<Vec<(&'a str, Self)>> {
        parse(text).ok_or_else(|| Error::Npy(format!("the header is damaged: {:?}", text.trim_end())))
    }
}

fn parse(text: &str) -> Option<Vec<(&str, Literal<'_>)>> {
    let mut rest = text.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let (key, after) = quoted(rest)?;
        let (value, after) = value(after.trim_start().strip_prefix(':')?.trim_start())?;
        entries.push((key, value));
        let after = after.trim_start();
        rest = if after.is_empty() { after } else { after.strip_prefix(',')?.trim_start() };
    }
    Some(entries)
}

fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    text[1..].split_once(quote)
}

fn value(text: &str) -> Option<(Literal<'_>, &str)> {
    if let Some(after) = text.strip_prefix("True") {
        Some((Literal::Bool(true), after))
    } else if let Some(after) = text.strip_prefix("False") {
        Some((Literal::Bool(false), after))
    } else if let Some(inside) = text.strip_prefix('(') {
        let (inside, after) = inside.split_once(')')?;
        tuple(inside).map(|lengths| (Literal::Tuple(lengths), after))
    } else if text.starts_with('[') {
        Some((Literal::Other(text), ""))
    } else {
        quoted(text).map(|(text, after)| (Literal::Text(text), after))
    }
}

fn tuple(text: &str) -> Option<Vec<usize>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Vec::new());
    }
    let text = text.strip_suffix(',').unwrap_or(text);
    // Python 2 marks long integers with an `L`.
    text.split(',').map(|length| length.trim().trim_end_matches('L').parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&[(&str, Literal<'_>)]>) {
        assert_eq!(parse(text).as_deref(), expected, "{text}");
    }

    #[test]
    fn entries_come_in_any_order_and_spacing() {
        check("{}", Some(&[]));
        check("{'a':'b'}  \n", Some(&[("a", Literal::Text("b"))]));
        check(
            "{\"f\" : True , 'g': False,}",
            Some(&[("f", Literal::Bool(true)), ("g", Literal::Bool(false))]),
        );
        check("{'s': (3L, 4,)}", Some(&[("s", Literal::Tuple(vec![3, 4]))]));
        check("{'s': (), 't': (5,)}", Some(&[("s", Literal::Tuple(vec![])), ("t", Literal::Tuple(vec![5]))]));
    }

    #[test]
    fn damaged_headers_are_not_guessed_at() {
        for text in [
            "",
            "{",
            "{'a'}",
            "{'a': }",
            "{'a': 'b",
            "{'s': (1}",
            "{'s': (-1,)}",
            "{'s': (a,)}",
            "{'a': True 'b'}",
        ] {
            check(text, None);
        }
    }
}
