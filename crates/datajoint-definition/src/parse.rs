//! Text to syntax tree. Never fails: what can't be understood becomes a finding.

mod attribute;
mod foreign_key;
mod index;
mod scan;

pub(crate) use attribute::native_help;

use std::collections::HashSet;

use crate::{Definition, Diagnostic, Line, Span};

/// Parses a definition: what was understood, and every fault found in one pass.
///
/// ```
/// let (definition, faults) = datajoint_definition::parse("
///     ## A session of recording
///     -> Subject
///     session : int16
///     ---
///     weight  : flaot64   # (g)
/// ");
/// assert_eq!(definition.comment.as_deref(), Some("A session of recording"));
/// assert_eq!(faults[0].message, "unknown type `flaot64`");
/// assert_eq!(faults[0].help.as_deref(), Some("did you mean `weight : float64`?"));
/// ```
pub fn parse(text: &str) -> (Definition, Vec<Diagnostic>) {
    let mut parser = Parser::default();
    for line in lines(text) {
        parser.line(line);
    }
    (parser.definition, parser.faults)
}

/// One line without the blanks around it, and where it stands.
#[derive(Debug, Clone, Copy)]
struct Source<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Source<'a> {
    fn span(&self) -> Span {
        Span::new(self.start, self.start + self.text.len())
    }

    /// The place of a part of the line.
    fn part(&self, start: usize, end: usize) -> Span {
        Span::new(self.start + start, self.start + end)
    }

    /// The place of a part of the line, without the blanks around it.
    fn trimmed_part(&self, start: usize, end: usize) -> Span {
        let part = self.text.get(start..end).unwrap_or_default();
        let start = start + part.len() - part.trim_start().len();
        self.part(start, start + part.trim().len())
    }

    /// The line without its comment.
    fn code(&self) -> &'a str {
        let end = scan::find_unquoted(self.text, '#').unwrap_or(self.text.len());
        self.text.get(..end).unwrap_or_default().trim_end()
    }
}

fn lines(text: &str) -> impl Iterator<Item = Source<'_>> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let at = start + (line.len() - line.trim_start().len());
        start += line.len();
        Source { text: line.trim(), start: at }
    })
}

#[derive(Default)]
struct Parser {
    definition: Definition,
    faults: Vec<Diagnostic>,
    /// The names of the attributes, looked up for each line.
    names: HashSet<String>,
    /// True once a line that is not blank was seen.
    begun: bool,
    below: bool,
}

impl Parser {
    fn line(&mut self, line: Source<'_>) {
        if line.text.is_empty() {
            return;
        }
        if let Some(place) = line.text.find('\0') {
            let message = "a definition holds no NUL: PostgreSQL keeps none, and SQLite would end there";
            let fault = Diagnostic::error(line.part(place, place + 1), message);
            self.faults.push(fault.with_help("take the character out"));
            return;
        }
        let is_first = !std::mem::replace(&mut self.begun, true);
        if let Some(comment) = line.text.strip_prefix('#') {
            if is_first {
                self.table_comment(line, comment.trim());
            }
            return;
        }
        if line.text.starts_with("---") {
            self.below = true;
            return;
        }
        let in_key = !self.below;
        let parsed = if is_foreign_key(line.text) {
            foreign_key::parse(line, in_key, &mut self.faults).map(Line::ForeignKey)
        } else if index::is_index(line.text) {
            index::parse(line, &mut self.faults).map(Line::Index)
        } else {
            attribute::parse(line, in_key, &mut self.faults).map(Line::Attribute)
        };
        match parsed {
            Some(Line::Attribute(attribute)) if !self.names.insert(attribute.name.clone()) => {
                let message = format!("attribute `{}` is declared twice", attribute.name);
                let help = "remove one of the lines, or give the attribute another name";
                self.faults.push(Diagnostic::error(attribute.name_span, message).with_help(help));
            }
            parsed => self.definition.lines.extend(parsed),
        }
    }

    fn table_comment(&mut self, line: Source<'_>, comment: &str) {
        if comment.starts_with(':') {
            let help = format!("write `# {}`", comment.trim_start_matches(':').trim());
            let message = "the comment of a table must not begin with a colon";
            self.faults.push(Diagnostic::error(line.span(), message).with_help(help));
        }
        self.definition.comment = Some(comment.to_owned());
    }
}

/// A line with `->` before any quote or comment.
fn is_foreign_key(line: &str) -> bool {
    line.split_once("->").is_some_and(|(before, _)| !before.contains(['"', '#', '\'']))
}
