//! The name of an attribute, and what is said when there is none.

use super::written;
use crate::parse::Source;
use crate::parse::scan::find_unquoted;
use crate::{AttributeType, Diagnostic};

const LINES: &str = "a line is `name : type`, `-> Parent`, `index (name)`, `---` or `# comment`";

/// Where the name ends.
pub(super) fn read(line: Source<'_>, faults: &mut Vec<Diagnostic>) -> Option<usize> {
    let is_part =
        |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_';
    let end = line.text.find(|character: char| !is_part(character)).unwrap_or(line.text.len());
    let whole_end = line
        .text
        .find(|character: char| character.is_whitespace() || matches!(character, ':' | '=' | '#'))
        .unwrap_or(line.text.len());
    let whole = line.text.get(..whole_end).unwrap_or_default();
    if line.text.starts_with('_') {
        let message = "names that begin with an underscore are reserved for the columns that DataJoint adds";
        let help = format!("write `{}`", line.code().trim_start_matches('_'));
        faults.push(Diagnostic::error(line.part(0, whole_end), message).with_help(help));
        return None;
    }
    if line.text.starts_with(|first: char| first.is_ascii_lowercase()) && end == whole_end {
        return Some(end);
    }
    let message = if whole.is_empty() {
        "expected the name of an attribute".to_owned()
    } else {
        format!(
            "`{whole}` can't be the name of an attribute: use lower-case letters, digits and `_`, a letter first"
        )
    };
    let span = line.part(0, whole_end.max(line.text.chars().next().map_or(0, char::len_utf8)));
    faults.push(Diagnostic::error(span, message).with_help(help(line, whole)));
    None
}

fn help(line: Source<'_>, whole: &str) -> String {
    for arrow in ["- >", "=>", "–>", "—>", "→", "<-"] {
        if let Some(parent) = line.code().strip_prefix(arrow) {
            return format!("write `-> {}`", parent.trim());
        }
    }
    if line.text.starts_with(['-', '–', '—', '=', '_']) && whole.chars().all(|c| "-–—=_".contains(c))
    {
        return "write `---` between the primary key and the other attributes".to_owned();
    }
    let mended: String = whole
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '_' })
        .collect();
    let mended = mended.trim_start_matches(|first: char| !first.is_ascii_lowercase()).trim_end_matches('_');
    let rest = line.code().get(whole.len()..).unwrap_or_default();
    if mended.is_empty() || !rest.trim_start().starts_with([':', '=']) {
        return LINES.to_owned();
    }
    format!("write `{mended}{rest}`")
}

/// Says that something other than `:` or `=` follows the name.
pub(super) fn expected_colon(line: Source<'_>, name: &str, at: usize, faults: &mut Vec<Diagnostic>) {
    let rest = line.text.get(at..).unwrap_or_default();
    let code = rest.get(..find_unquoted(rest, '#').unwrap_or(rest.len())).unwrap_or_default().trim();
    if code.is_empty() {
        faults.push(super::no_type(line, name, None));
        return;
    }
    let help = if name == "unique" && code.starts_with('(') {
        format!("write `unique index {code}`")
    } else if name.ends_with("index") || (name == "unique" && code.starts_with("index")) {
        "an index is written `index (name)` or `unique index (name, other)`".to_owned()
    } else if AttributeType::parse(code).is_ok() {
        format!("write `{}`", written(name, None, code))
    } else if let Some((words, tail)) = code.split_once([':', '='])
        && words.split_whitespace().all(|word| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
    {
        let words: Vec<String> = words.split_whitespace().map(str::to_ascii_lowercase).collect();
        let sign = if code.as_bytes().get(code.len() - tail.len() - 1) == Some(&b'=') { '=' } else { ':' };
        format!("a name is one word: write `{name}_{} {sign} {}`", words.join("_"), tail.trim())
    } else {
        LINES.to_owned()
    };
    let message = format!("expected `:` or `=` after the name `{name}`, found `{code}`");
    faults.push(Diagnostic::error(line.part(at, at + code.len()), message).with_help(help));
}
