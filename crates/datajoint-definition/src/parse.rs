//! Text to syntax tree. Never fails: what can't be understood becomes a finding.

mod attribute;
mod foreign_key;
mod index;

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
/// assert_eq!(faults[0].help.as_deref(), Some("did you mean `float64`?"));
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

impl Source<'_> {
    fn span(&self) -> Span {
        Span::new(self.start, self.start + self.text.len())
    }

    /// The place of a part of the line.
    fn part(&self, start: usize, end: usize) -> Span {
        Span::new(self.start + start, self.start + end)
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
    /// True once a line that is not blank was seen.
    begun: bool,
    below: bool,
}

impl Parser {
    fn line(&mut self, line: Source<'_>) {
        if line.text.is_empty() {
            return;
        }
        let is_first = !std::mem::replace(&mut self.begun, true);
        if let Some(comment) = line.text.strip_prefix('#') {
            if is_first {
                self.table_comment(line, comment);
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
        let Some(parsed) = parsed else { return };
        if let Line::Attribute(attribute) = &parsed
            && self.has_attribute(&attribute.name)
        {
            let message = format!("attribute `{}` is declared twice", attribute.name);
            let help = "remove one of the lines, or give the attribute another name";
            self.faults.push(Diagnostic::error(attribute.name_span, message).with_help(help));
            return;
        }
        self.definition.lines.push(parsed);
    }

    fn has_attribute(&self, name: &str) -> bool {
        self.definition.lines.iter().any(|line| matches!(line, Line::Attribute(attribute) if attribute.name == name))
    }

    fn table_comment(&mut self, line: Source<'_>, comment: &str) {
        let comment = comment.trim();
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

/// The first place of one of `wanted` outside quotes.
fn find_unquoted(text: &str, wanted: char) -> Option<usize> {
    let mut open = None;
    for (at, character) in text.char_indices() {
        match open {
            Some(quote) if character == quote => open = None,
            Some(_) => {}
            None if character == wanted => return Some(at),
            None if character == '"' || character == '\'' => open = Some(character),
            None => {}
        }
    }
    None
}
