//! Syntax tree to text.

use std::fmt;

use crate::{AttributeLine, DefaultValue, Definition, ForeignKeyLine, IndexItem, IndexLine, Line};

/// The definition as text that parses to the same definition.
///
/// ```
/// use datajoint_definition::parse;
///
/// let (definition, _) = parse("a:int32#one\n---\nb=null:varchar(9)");
/// assert_eq!(definition.to_string(), "a : int32  # one\n---\nb = null : varchar(9)\n");
/// ```
impl fmt::Display for Definition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(comment) = &self.comment {
            writeln!(formatter, "{}", format!("# {comment}").trim_end())?;
        }
        let mut below = false;
        for line in &self.lines {
            let in_key = match line {
                Line::Attribute(attribute) => attribute.in_key,
                Line::ForeignKey(key) => key.in_key,
                // An index stands anywhere.
                Line::Index(_) => !below,
            };
            if !in_key && !below {
                writeln!(formatter, "---")?;
                below = true;
            }
            match line {
                Line::Attribute(attribute) => writeln!(formatter, "{attribute}")?,
                Line::ForeignKey(key) => writeln!(formatter, "{key}")?,
                Line::Index(index) => writeln!(formatter, "{index}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for DefaultValue {
    /// What stands after `=`; nothing when a value is required.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => Ok(()),
            Self::Null => formatter.write_str("null"),
            Self::CurrentTimestamp { precision: None } => formatter.write_str("CURRENT_TIMESTAMP"),
            Self::CurrentTimestamp { precision: Some(digits) } => {
                write!(formatter, "CURRENT_TIMESTAMP({digits})")
            }
            Self::Value(text) if text.contains('"') => write!(formatter, "'{}'", text.replace('\'', "''")),
            Self::Value(text) => write!(formatter, "\"{text}\""),
            // For people: it is parsed as another default.
            Self::OfServer(found) => formatter.write_str(found.text()),
        }
    }
}

impl fmt::Display for AttributeLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        if let Some(default) = &self.default_text {
            write!(formatter, " = {default}")?;
        }
        write!(formatter, " : {}", self.type_text)?;
        // What ends a line is read as decoration: one more keeps those of the comment itself.
        let end = if self.comment.ends_with('#') { " #" } else { "" };
        if self.comment.is_empty() { Ok(()) } else { write!(formatter, "  # {}{end}", self.comment) }
    }
}

impl fmt::Display for ForeignKeyLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("-> ")?;
        match (self.nullable, self.unique) {
            (false, false) => {}
            (true, false) => formatter.write_str("[nullable] ")?,
            (false, true) => formatter.write_str("[unique] ")?,
            (true, true) => formatter.write_str("[nullable, unique] ")?,
        }
        formatter.write_str(&self.parent)?;
        if !self.renames.is_empty() {
            let renames: Vec<String> =
                self.renames.iter().map(|rename| format!("{}='{}'", rename.new, rename.old)).collect();
            write!(formatter, ".proj({})", renames.join(", "))?;
        }
        Ok(())
    }
}

impl fmt::Display for IndexLine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let items: Vec<String> = self.items.iter().map(ToString::to_string).collect();
        write!(formatter, "{}index ({})", if self.unique { "unique " } else { "" }, items.join(", "))
    }
}

impl fmt::Display for IndexItem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Attribute(name) => formatter.write_str(name),
            Self::Expression(text) => formatter.write_str(text),
            Self::JsonPath { attribute, path, returning } => {
                let point = if path.starts_with('[') { "" } else { "." };
                write!(formatter, "{attribute}{point}{path}")?;
                returning.map_or(Ok(()), |kind| write!(formatter, ":{kind}"))
            }
        }
    }
}
