//! `name = default : type  # comment`

mod default;
mod judge;
mod name;

pub(crate) use judge::native_help;

use super::Source;
use super::scan::{cleaned, find_unquoted};
use crate::{AttributeLine, AttributeType, DefaultValue, Diagnostic};

pub(super) fn parse(line: Source<'_>, in_key: bool, faults: &mut Vec<Diagnostic>) -> Option<AttributeLine> {
    let name_end = name::read(line, faults)?;
    let name = line.text.get(..name_end).unwrap_or_default();
    let name_span = line.part(0, name_end);
    let (default, default_text, body) = read_default(line, name, faults)?;
    let parts = split_body(line, body);
    let type_text = cleaned(line.text, parts.type_start..parts.type_end);
    if type_text.is_empty() {
        faults.push(no_type(line, name, default_text.as_deref()));
        return None;
    }
    let type_span = line.part(parts.type_start, parts.type_end);
    let attribute_type = match AttributeType::parse(&type_text) {
        Ok(attribute_type) => attribute_type,
        Err(fault) => {
            let help = fault.help_in(|correction| written(name, default_text.as_deref(), correction));
            faults.push(Diagnostic::error(type_span, fault.message).with_help(help));
            return None;
        }
    };
    // Further `#` at the end of a comment are decoration.
    let comment = cleaned(line.text, parts.comment_start..line.text.len());
    let attribute = AttributeLine {
        name: name.to_owned(),
        in_key,
        default,
        default_text,
        attribute_type,
        type_text,
        comment: comment.trim_end_matches('#').trim_end().to_owned(),
        span: line.span(),
        name_span,
        type_span,
    };
    judge::judge(&attribute, line, faults);
    Some(attribute)
}

/// A line as it should be written, for help.
fn written(name: &str, default: Option<&str>, type_text: &str) -> String {
    match default {
        None | Some("") => format!("{name} : {type_text}"),
        Some(default) => format!("{name} = {default} : {type_text}"),
    }
}

/// The default, its text, and where the type begins.
fn read_default(
    line: Source<'_>,
    name: &str,
    faults: &mut Vec<Diagnostic>,
) -> Option<(DefaultValue, Option<String>, usize)> {
    let rest = line.text.get(name.len()..).unwrap_or_default();
    let after_blanks = line.text.len() - rest.trim_start().len();
    match line.text.get(after_blanks..).unwrap_or_default().chars().next() {
        Some(':') => Some((DefaultValue::Required, None, after_blanks + 1)),
        Some('=') => {
            let start = after_blanks + 1;
            let value = line.text.get(start..).unwrap_or_default();
            let Some(length) = find_unquoted(value, ':') else {
                let code =
                    value.get(..find_unquoted(value, '#').unwrap_or(value.len())).unwrap_or_default().trim();
                faults.push(no_type(line, name, Some(code)));
                return None;
            };
            let text = cleaned(line.text, start..start + length);
            let span = line.trimmed_part(start, start + length);
            let default = default::read(span, &text, faults);
            Some((default, Some(text), start + length + 1))
        }
        _ => {
            name::expected_colon(line, name, after_blanks, faults);
            None
        }
    }
}

/// Where type and comment stand.
struct Body {
    type_start: usize,
    type_end: usize,
    comment_start: usize,
}

fn split_body(line: Source<'_>, start: usize) -> Body {
    let body = line.text.get(start..).unwrap_or_default();
    // A codec ends with its bracket, whatever stands within.
    let skipped = if body.trim_start().starts_with('<') { body.find('>').unwrap_or(0) } else { 0 };
    let rest = body.get(skipped..).unwrap_or_default();
    let hash = find_unquoted(rest, '#').map_or(body.len(), |at| skipped + at);
    let text = body.get(..hash).unwrap_or_default();
    let type_start = start + text.len() - text.trim_start().len();
    Body {
        type_start,
        type_end: type_start + text.trim().len(),
        comment_start: (start + hash + 1).min(line.text.len()),
    }
}

fn no_type(line: Source<'_>, name: &str, default: Option<&str>) -> Diagnostic {
    let example = written(name, default, "int32");
    Diagnostic::error(line.span(), format!("`{name}` has no type"))
        .with_help(format!("write a type after a colon, such as `{example}`"))
}
