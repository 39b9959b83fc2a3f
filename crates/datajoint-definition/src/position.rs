//! Places in the text of a definition, for people.

use std::fmt::Write as _;

use crate::Diagnostic;

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
    ///
    /// ```
    /// let text = "weight : flaot64";
    /// let (_, faults) = datajoint_definition::parse(text);
    /// assert_eq!(
    ///     faults[0].draw(text, Some(("src/lab.rs", 7))),
    ///     "unknown type `flaot64`
    ///  --> src/lab.rs:7:10
    ///   |
    /// 7 | weight : flaot64
    ///   |          ^^^^^^^
    ///   = help: did you mean `weight : float64`?"
    /// );
    /// ```
    pub fn draw(&self, text: &str, origin: Option<(&str, usize)>) -> String {
        let position = Position::of(text, self.span.start);
        let before = prefix(text, self.span.start);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = text.get(line_start..).and_then(|rest| rest.split('\n').next()).unwrap_or_default();
        let indent = visible(before.get(line_start..).unwrap_or_default());
        let marked = prefix(text, self.span.end).get(before.len()..).unwrap_or_default();
        let marked = visible(marked.split('\n').next().unwrap_or_default());
        let number = origin.map_or(position.line, |(_, first)| first + position.line - 1);
        let place = match origin {
            Some((file, _)) => format!("{file}:{number}:{}", position.column),
            None => format!("line {number}, column {}", position.column),
        };
        let number = number.to_string();
        let margin = " ".repeat(number.len());
        let mut drawn = format!(
            "{}\n{margin}--> {place}\n{margin} |\n{number} | {}\n{margin} | {}{}",
            self.message,
            visible(line).trim_end(),
            " ".repeat(indent.chars().count()),
            "^".repeat(marked.chars().count().max(1)),
        );
        for help in self.help.iter().flat_map(|help| help.lines()) {
            // Writing to a string can't fail.
            let _ = write!(drawn, "\n{margin} = help: {help}");
        }
        drawn
    }
}

/// The text as a terminal shows it one column a character: a tab as four blanks, no control characters.
fn visible(text: &str) -> String {
    text.replace('\t', "    ").chars().filter(|character| !character.is_control()).collect()
}
