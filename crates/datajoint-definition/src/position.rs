//! Places in the text of a definition, for people.

use std::fmt::Write as _;

use crate::{Diagnostic, Span};

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl Position {
    /// The place of a byte in a text; past the end, the end.
    pub fn of(text: &str, byte: usize) -> Self {
        let before = prefix(text, byte);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }
}

/// The text before a byte, cut at a character.
fn prefix(text: &str, byte: usize) -> &str {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

impl Diagnostic {
    /// The finding with the line it is about, as a compiler shows it.
    ///
    /// `origin` is the file of the definition and the line there on which the text begins.
    pub fn draw(&self, text: &str, origin: Option<(&str, usize)>) -> String {
        let Span { start, end } = self.span;
        let position = Position::of(text, start);
        let line = text.split('\n').nth(position.line - 1).unwrap_or_default().trim_end();
        let width = prefix(text, end).len().saturating_sub(prefix(text, start).len());
        let marked = text
            .get(prefix(text, start).len()..)
            .and_then(|rest| rest.get(..width))
            .unwrap_or_default()
            .split('\n')
            .next()
            .unwrap_or_default();
        let carets = "^".repeat(marked.chars().count().max(1));
        let number = origin.map_or(position.line, |(_, first)| first + position.line - 1);
        let place = match origin {
            Some((file, _)) => format!("{file}:{number}:{}", position.column),
            None => format!("line {number}, column {}", position.column),
        };
        let number = number.to_string();
        let margin = " ".repeat(number.len());
        let indent = " ".repeat(position.column - 1);
        let mut drawn = format!(
            "{}\n{margin}--> {place}\n{margin} |\n{number} | {line}\n{margin} | {indent}{carets}",
            self.message
        );
        for help in self.help.iter().flat_map(|help| help.lines()) {
            // Writing to a string can't fail.
            let _ = write!(drawn, "\n{margin} = help: {help}");
        }
        drawn
    }
}
