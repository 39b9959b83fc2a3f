use datajoint_definition::Diagnostic;

use crate::source::Place;

/// A fault with the line of the text that it is about.
pub(crate) fn draw(fault: &Diagnostic, text: &str, place: Option<&Place>) -> String {
    let before = text.get(..fault.span.start).unwrap_or(text);
    let number = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
    let number = place.map_or(0, |place| place.line) + number;
    let mut drawn = format!("{}\n {number} | {line}", fault.message);
    if let Some(help) = &fault.help {
        drawn.push_str("\n help: ");
        drawn.push_str(help);
    }
    drawn
}
