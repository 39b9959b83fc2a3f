//! Files of settings as dotted keys with their lines.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::kind::Kind;
use crate::setting::Setting;
use crate::{Error, Result};

/// One value of a file.
pub(crate) struct Leaf {
    pub(crate) key: String,
    pub(crate) value: Value,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// The leaves of a JSON file.
pub(crate) fn of_json(path: &Path, text: &str) -> Result<Vec<Leaf>> {
    let fault = |line, message: String| Error::Format { path: path.display().to_string(), line, message };
    // Nothing beyond JSON, which DataJoint for Python reads too.
    let strict = jsonc_parser::ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = jsonc_parser::parse_to_ast(text, &jsonc_parser::CollectOptions::default(), &strict)
        .map_err(|error| fault(error.line_display(), error.kind().to_string()))?;
    let mut leaves = Vec::new();
    match parsed.value {
        Some(ast::Value::Object(object)) => {
            json_object("", &object, &Text::new(text), &mut leaves)
                .map_err(|(line, message)| fault(line, message))?;
        }
        _ => return Err(fault(1, "the file must hold one JSON object".to_owned())),
    }
    let mut keys = HashSet::new();
    if let Some(twice) = leaves.iter().find(|leaf| !keys.insert(leaf.key.as_str())) {
        return Err(fault(twice.line, given_twice(&twice.key)));
    }
    Ok(leaves)
}

/// The last one would count, and the others be of no effect.
fn given_twice(key: &str) -> String {
    format!("`{key}` stands there twice: leave one")
}

fn json_object(
    prefix: &str,
    object: &ast::Object<'_>,
    text: &Text<'_>,
    leaves: &mut Vec<Leaf>,
) -> Result<(), (usize, String)> {
    let mut names = HashSet::new();
    for property in &object.properties {
        let key = joined(prefix, property.name.as_str());
        let line = text.line_of(property.range.start);
        if !names.insert(property.name.as_str()) {
            return Err((line, given_twice(&key)));
        }
        match &property.value {
            ast::Value::Object(inner) if descends(&key) => json_object(&key, inner, text, leaves)?,
            value => {
                let range = value.range();
                let source = text.whole.get(Range { start: range.start, end: range.end }).unwrap_or_default();
                let value = serde_json::from_str(source).map_err(|error| (line, error.to_string()))?;
                leaves.push(Leaf { key, value, line });
            }
        }
    }
    Ok(())
}

/// The leaves of the tables of a TOML file that these paths name.
pub(crate) fn of_toml(path: &Path, text: &str, tables: &[&[&str]]) -> Result<Vec<Leaf>> {
    let parsed = DeTable::parse(text).map_err(|error| Error::Format {
        path: path.display().to_string(),
        line: error.span().map_or(1, |span| Text::new(text).line_of(span.start)),
        message: error.message().to_owned(),
    })?;
    let mut leaves = Vec::new();
    let text = &Text::new(text);
    for names in tables {
        let mut table = Some(parsed.get_ref());
        for name in *names {
            table = table.and_then(|table| table.get(*name)).and_then(|value| value.get_ref().as_table());
        }
        if let Some(table) = table {
            toml_table("", table, text, &mut leaves);
        }
    }
    Ok(leaves)
}

fn toml_table(prefix: &str, table: &DeTable<'_>, text: &Text<'_>, leaves: &mut Vec<Leaf>) {
    for (name, value) in table {
        let key = joined(prefix, name.get_ref());
        match value.get_ref().as_table() {
            Some(inner) if descends(&key) => toml_table(&key, inner, text, leaves),
            _ => leaves.push(Leaf { key, value: json(value), line: text.line_of(name.span().start) }),
        }
    }
}

fn json(value: &Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| Value::from(number.as_str()), Value::from),
        DeValue::Float(number) => {
            number.as_str().parse::<f64>().map_or_else(|_| Value::from(number.as_str()), Value::from)
        }
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(moment) => Value::from(moment.to_string()),
        DeValue::Array(items) => items.iter().map(json).collect(),
        DeValue::Table(table) => Value::Object(
            table.iter().map(|(name, value)| (name.get_ref().to_string(), json(value))).collect(),
        ),
    }
}

/// Dotted keys stand for nested groups.
fn joined(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// True for groups, and for what holds the attributes of stores.
fn descends(key: &str) -> bool {
    match Setting::of(key) {
        Some(setting) if setting.kind == Kind::Stores => key.matches('.').count() < 2,
        Some(_) => false,
        None => !key.contains('.'),
    }
}

/// A text whose lines are known.
struct Text<'a> {
    whole: &'a str,
    /// Where lines end.
    ends: Vec<usize>,
}

impl<'a> Text<'a> {
    fn new(whole: &'a str) -> Self {
        Self { whole, ends: whole.match_indices('\n').map(|(place, _)| place).collect() }
    }

    /// The line of a byte, counted from 1.
    fn line_of(&self, byte: usize) -> usize {
        self.ends.partition_point(|end| *end < byte) + 1
    }
}
