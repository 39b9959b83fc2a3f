//! `name = default : type  # comment`

use super::{Source, find_unquoted};
use crate::{AttributeLine, AttributeType, DefaultValue, Diagnostic, Span};

pub(super) fn parse(line: Source<'_>, in_key: bool, faults: &mut Vec<Diagnostic>) -> Option<AttributeLine> {
    if line.text.starts_with('_') {
        let help = format!("write `{}`", line.text.trim_start_matches('_'));
        let message = "names that begin with an underscore are reserved";
        faults.push(Diagnostic::error(line.span(), message).with_help(help));
        return None;
    }
    let (name, after_name) = name(line, faults)?;
    let rest = line.text.get(after_name..).unwrap_or_default();
    let (default, after_colon) = match rest.trim_start().strip_prefix('=') {
        None => (DefaultValue::Required, colon(line, &name, after_name, faults)?),
        Some(value) => {
            let start = line.text.len() - value.len();
            let Some(length) = find_unquoted(value, ':') else {
                faults.push(no_type(line, &format!("{name} = {}", value.trim())));
                return None;
            };
            let text = value.get(..length).unwrap_or_default().trim();
            (default(line.part(start, start + length), text, faults), start + length + 1)
        }
    };
    let body = line.text.get(after_colon..).unwrap_or_default();
    let hash = find_unquoted(body, '#').unwrap_or(body.len());
    let (type_text, comment) = body.split_at(hash);
    let comment = comment.trim_start_matches('#');
    let comment = if hash < body.len() { body.get(hash + 1..).unwrap_or(comment) } else { comment };
    let type_start = after_colon + (type_text.len() - type_text.trim_start().len());
    let type_text = type_text.trim();
    let type_span = line.part(type_start, type_start + type_text.len());
    if type_text.is_empty() {
        faults.push(no_type(line, &name));
        return None;
    }
    let attribute_type = match AttributeType::parse(type_text) {
        Ok(attribute_type) => attribute_type,
        Err(fault) => {
            faults.push(Diagnostic::error(type_span, fault.message).with_help(fault.help));
            return None;
        }
    };
    let attribute = AttributeLine {
        name_span: line.part(0, name.len()),
        name,
        in_key,
        default,
        attribute_type,
        type_text: type_text.to_owned(),
        comment: comment.trim().trim_end_matches('#').trim_end().to_owned(),
        span: line.span(),
        type_span,
    };
    judge(&attribute, line, faults);
    Some(attribute)
}

/// The name and where it ends.
fn name(line: Source<'_>, faults: &mut Vec<Diagnostic>) -> Option<(String, usize)> {
    let is_part = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '_';
    let end = line.text.find(|character: char| !is_part(character)).unwrap_or(line.text.len());
    let name = line.text.get(..end).unwrap_or_default();
    let rest = line.text.get(end..).unwrap_or_default();
    let whole_end = line.text.find([':', '=', ' ', '\t', '#']).unwrap_or(line.text.len());
    let whole = line.text.get(..whole_end).unwrap_or_default();
    let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase());
    let ends_well = rest.is_empty() || rest.starts_with([':', '=', ' ', '\t', '#']);
    if begins_well && ends_well {
        return Some((name.to_owned(), end));
    }
    let mended: String = whole
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '_' })
        .collect();
    let mended = mended.trim_start_matches(|first: char| !first.is_ascii_lowercase());
    let help = if mended.is_empty() || !line.text.contains(':') {
        "a line is `name : type`, `-> Parent`, `index (name)`, `---` or `# comment`".to_owned()
    } else {
        format!("write `{mended}{}`", line.text.get(whole_end..).unwrap_or_default())
    };
    let message = if whole.is_empty() {
        "expected the name of an attribute".to_owned()
    } else {
        format!("`{whole}` can't be the name of an attribute: use lower-case letters, digits and `_`, a letter first")
    };
    faults.push(Diagnostic::error(line.part(0, whole_end.max(1).min(line.text.len())), message).with_help(help));
    None
}

/// Where the type begins when there is no default.
fn colon(line: Source<'_>, name: &str, after_name: usize, faults: &mut Vec<Diagnostic>) -> Option<usize> {
    let rest = line.text.get(after_name..).unwrap_or_default();
    let blanks = rest.len() - rest.trim_start().len();
    if rest.trim_start().starts_with(':') {
        return Some(after_name + blanks + 1);
    }
    let before_comment = rest.get(..find_unquoted(rest, '#').unwrap_or(rest.len())).unwrap_or(rest).trim();
    let span = line.part(after_name + blanks, after_name + blanks + before_comment.len());
    if before_comment.is_empty() {
        faults.push(no_type(line, name));
        return None;
    }
    let word = before_comment.split(':').next().unwrap_or_default().trim();
    let help = if AttributeType::parse(before_comment).is_ok() {
        format!("write `{name} : {before_comment}`")
    } else if before_comment.contains(':') {
        let tail = before_comment.split_once(':').map_or("", |(_, tail)| tail.trim());
        format!("a name is one word: write `{name}_{} : {tail}`", word.replace(' ', "_"))
    } else {
        format!("write `{name} : type`")
    };
    let message = format!("expected `:` or `=` after the name `{name}`, found `{before_comment}`");
    faults.push(Diagnostic::error(span, message).with_help(help));
    None
}

fn no_type(line: Source<'_>, name: &str) -> Diagnostic {
    Diagnostic::error(line.span(), format!("`{name}` has no type"))
        .with_help(format!("write `{name} : type`, such as `{name} : int32`"))
}

fn default(span: Span, text: &str, faults: &mut Vec<Diagnostic>) -> DefaultValue {
    let first = text.split('(').next().unwrap_or_default().trim();
    if text.is_empty() {
        DefaultValue::Required
    } else if text.eq_ignore_ascii_case("null") {
        DefaultValue::Null
    } else if first.eq_ignore_ascii_case("current_timestamp") {
        DefaultValue::CurrentTimestamp(text.to_owned())
    } else if text.len() > 1 && text.starts_with('"') && text.ends_with('"') {
        DefaultValue::Value(text.get(1..text.len() - 1).unwrap_or_default().to_owned())
    } else if let Some(inner) = text.strip_prefix('\'') {
        match inner.strip_suffix('\'') {
            Some(inner) if !inner.replace("''", "").contains('\'') => DefaultValue::Value(inner.replace("''", "'")),
            _ => {
                let message = format!("the default {text} has quotes that do not match");
                let help = format!("write `\"{}\"`", text.trim_matches('\''));
                faults.push(Diagnostic::error(span, message).with_help(help));
                DefaultValue::Value(inner.trim_end_matches('\'').to_owned())
            }
        }
    } else {
        DefaultValue::Value(text.to_owned())
    }
}

/// What is wrong with a line that was understood.
fn judge(attribute: &AttributeLine, line: Source<'_>, faults: &mut Vec<Diagnostic>) {
    let name = &attribute.name;
    if attribute.comment.starts_with(':') {
        let help = format!("write `# {}`", attribute.comment.trim_start_matches(':').trim());
        faults.push(Diagnostic::error(line.span(), "a comment must not begin with a colon").with_help(help));
    }
    if attribute.in_key && attribute.is_nullable() {
        let message = format!("`{name}` is in the primary key, so it can't be null");
        let help = format!("write `{name} : {}`, or move the line below `---`", attribute.type_text);
        faults.push(Diagnostic::error(line.span(), message).with_help(help));
    }
    if name.len() > 63 {
        let message = format!("the name `{name}` has {} characters; databases allow 63", name.len());
        faults.push(Diagnostic::error(attribute.name_span, message).with_help("shorten it"));
    }
    let is_large = match &attribute.attribute_type {
        AttributeType::Codec(_) => true,
        AttributeType::Core(core) => matches!(core, crate::CoreType::Json | crate::CoreType::Bytes),
        AttributeType::Native(native) => native.category == crate::NativeCategory::Blob,
    };
    if attribute.in_key && is_large {
        let message = format!("`{name}` is in the primary key, where `{}` can't be", attribute.type_text);
        faults.push(Diagnostic::error(attribute.type_span, message).with_help("move the line below `---`"));
    }
    let is_blob = match &attribute.attribute_type {
        AttributeType::Codec(codec) => codec.store == crate::Store::Table,
        AttributeType::Core(core) => *core == crate::CoreType::Bytes,
        AttributeType::Native(native) => native.category == crate::NativeCategory::Blob,
    };
    if is_blob && matches!(attribute.default, DefaultValue::Value(_) | DefaultValue::CurrentTimestamp(_)) {
        let message = format!("the default of `{name}` can only be `null`: databases keep no other for bytes");
        let help = format!("write `{name} = null : {}`", attribute.type_text);
        faults.push(Diagnostic::error(line.span(), message).with_help(help));
    }
    if let AttributeType::Native(native) = &attribute.attribute_type {
        let message = format!("`{}` is a type of one database, not the same everywhere", native.text);
        let mut fault = Diagnostic::warning(attribute.type_span, message);
        if let Some(core) = native.core_alternative() {
            fault = fault.with_help(format!("use the core type `{core}`"));
        }
        faults.push(fault);
    }
}
