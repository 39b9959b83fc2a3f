use std::collections::HashMap;
use std::fmt::Write as _;

use datajoint_definition::{AttributeType, CoreType, DefaultValue, IndexItem, NativeCategory};

use crate::unsaid::{Unsaid, one_line};
use crate::{Attribute, Error, ForeignKey, Index, Table, TableName};

mod said;

/// The text of a table's definition, laid out as DataJoint for Python does; hidden attributes are left out.
///
/// `name_of` says how to write a parent: its class name, with its module where that is needed.
/// Parsed and resolved again, the text gives the same table. Indexes that no definition says, and that keep no rows apart,
/// are told in comments at its end.
///
/// Fails for a table that has what no definition says, naming all of it: the text would declare another one.
pub fn describe(table: &Table, name_of: impl Fn(&TableName) -> String) -> Result<String, Error> {
    let (remarks, mut unsaid): (Vec<Unsaid>, Vec<Unsaid>) =
        table.unsaid.iter().cloned().partition(Unsaid::is_remark);
    if !table.has_visible_key() {
        unsaid.push(Unsaid::NoKey);
    }
    unsaid.extend(table.heading.visible().filter_map(Unsaid::of_attribute));
    let mut text = Describe::new(table, name_of);
    let comment = table.comment.trim();
    if !comment.is_empty() {
        let line = format!("# {comment}");
        text.unsaid.extend(said::comment(comment, &line));
        text.line(&line);
    }
    let (key, others): (Vec<_>, Vec<_>) = table.heading.visible().partition(|attribute| attribute.in_key);
    for attribute in key.into_iter().chain(others) {
        if !attribute.in_key {
            text.end_key();
        }
        text.column(attribute);
    }
    text.finish();
    for remark in remarks {
        text.line(&format!("# {}", one_line(&remark.to_string())));
    }
    for fact in text.unsaid {
        // What a default is was told already.
        let is_told = |told: &Unsaid| told.attribute().is_some() && told.attribute() == fact.attribute();
        if !unsaid.iter().any(is_told) {
            unsaid.push(fact);
        }
    }
    if unsaid.is_empty() {
        Ok(text.lines)
    } else {
        Err(Error::Undescribed { table: table.name.clone(), unsaid })
    }
}

struct Describe<'a, F> {
    table: &'a Table,
    name_of: F,
    lines: String,
    /// Where each attribute stands.
    places: HashMap<&'a str, usize>,
    /// The foreign keys that have an attribute, by their number.
    of_attribute: HashMap<&'a str, Vec<usize>>,
    /// How many foreign keys are written.
    references: usize,
    /// How many indexes are written.
    indexes: usize,
    in_key: bool,
    /// The lines that say something else than was meant.
    unsaid: Vec<Unsaid>,
}

impl<'a, F: Fn(&TableName) -> String> Describe<'a, F> {
    fn new(table: &'a Table, name_of: F) -> Self {
        // The key is written first, wherever its columns stand.
        let (key, others): (Vec<_>, Vec<_>) =
            table.heading.all().iter().partition(|attribute| attribute.in_key);
        let names = key.into_iter().chain(others).map(|attribute| attribute.name.as_str());
        let mut of_attribute: HashMap<&str, Vec<usize>> = HashMap::new();
        for (number, foreign_key) in table.foreign_keys.iter().enumerate() {
            for name in foreign_key.child_columns() {
                of_attribute.entry(name).or_default().push(number);
            }
        }
        Self {
            table,
            name_of,
            lines: String::new(),
            places: names.zip(0..).collect(),
            of_attribute,
            references: 0,
            indexes: 0,
            in_key: true,
            unsaid: Vec::new(),
        }
    }

    /// The foreign keys that have an attribute, by their number.
    fn having(&self, name: &str) -> &[usize] {
        self.of_attribute.get(name).map_or(&[], Vec::as_slice)
    }

    fn line(&mut self, line: &str) {
        self.lines.push_str(line);
        self.lines.push('\n');
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let line = attribute_line(attribute);
        self.unsaid.extend(said::attribute(attribute, &line));
        self.line(&line);
    }

    fn end_key(&mut self) {
        if self.in_key {
            self.references_through(|foreign_key| foreign_key.in_key);
            self.line("---");
            self.in_key = false;
        }
    }

    /// Writes what brings this attribute in, unless a reference written before did.
    fn column(&mut self, attribute: &Attribute) {
        if !attribute.inherited {
            self.attribute(attribute);
        } else if self.having(&attribute.name).first().is_none_or(|first| *first >= self.references) {
            match self.having(&attribute.name).first().copied() {
                Some(last) => {
                    while self.references <= last {
                        self.reference();
                    }
                }
                // Read from a database whose reference is gone: the column stands for itself.
                None => self.attribute(attribute),
            }
        }
        self.complete_references(attribute);
    }

    /// Writes the references that bring nothing new and whose last column this one is.
    fn complete_references(&mut self, last: &Attribute) {
        let seen = self.places.get(last.name.as_str()).copied();
        while let Some(next) = self.table.foreign_keys.get(self.references) {
            let is_seen = |name: &str| self.places.get(name).copied() <= seen;
            if next.in_key != self.in_key || !next.child_columns().all(is_seen) {
                break;
            }
            self.reference();
        }
    }

    fn references_through(&mut self, wanted: impl Fn(&ForeignKey) -> bool) {
        while self.table.foreign_keys.get(self.references).is_some_and(&wanted) {
            self.reference();
        }
    }

    fn reference(&mut self) {
        let Some(foreign_key) = self.table.foreign_keys.get(self.references) else { return };
        self.references += 1;
        if foreign_key.unique {
            let own = self.table.indexes[self.indexes..].iter().position(|index| is_of(index, foreign_key));
            if let Some(ahead) = own {
                for _ in 0..ahead {
                    self.index();
                }
                self.indexes += 1;
            }
        }
        let line = foreign_key_line(foreign_key, &(self.name_of)(&foreign_key.parent));
        self.unsaid.extend(said::reference(&line, &foreign_key_line(foreign_key, "Parent"), foreign_key));
        self.line(&line);
        for name in foreign_key.child_columns() {
            self.requirement(name);
        }
    }

    /// Writes the line that alone makes an attribute needed that the reference just written may leave null.
    fn requirement(&mut self, name: &str) {
        let attribute = self.table.heading.get(name);
        let is_needed = attribute.filter(|attribute| attribute.inherited && !attribute.nullable);
        let having = self.having(name);
        let is_first = having.first().is_some_and(|first| *first == self.references - 1);
        let is_left_null = having.iter().all(|number| self.table.foreign_keys[*number].nullable);
        if let Some(attribute) = is_needed.filter(|_| is_first && is_left_null) {
            self.attribute(attribute);
        }
    }

    fn index(&mut self) {
        if let Some(index) = self.table.indexes.get(self.indexes) {
            self.indexes += 1;
            let line = index_line(index);
            self.unsaid.extend(said::index(&line));
            self.line(&line);
        }
    }

    fn finish(&mut self) {
        if self.in_key {
            self.references_through(|foreign_key| foreign_key.in_key);
        }
        if self.references < self.table.foreign_keys.len() {
            self.end_key();
        }
        self.references_through(|_| true);
        while self.indexes < self.table.indexes.len() {
            self.index();
        }
    }
}

/// True for the index that the option `unique` of this foreign key makes.
fn is_of(index: &Index, foreign_key: &ForeignKey) -> bool {
    index.unique
        && index.items.len() == foreign_key.columns.len()
        && index
            .items
            .iter()
            .zip(foreign_key.child_columns())
            .all(|(item, column)| matches!(item, IndexItem::Attribute(name) if name == column))
}

fn attribute_line(attribute: &Attribute) -> String {
    let name = match &attribute.default {
        DefaultValue::Required => attribute.name.clone(),
        DefaultValue::Null => format!("{}=null", attribute.name),
        now @ (DefaultValue::CurrentTimestamp { .. } | DefaultValue::OfServer(_)) => {
            format!("{}={now}", attribute.name)
        }
        DefaultValue::Value(value) => format!("{}={}", attribute.name, default_text(value, attribute)),
    };
    let comment = attribute.comment.trim();
    // What ends a line is read as decoration: one more keeps those of the comment itself.
    let end = if comment.ends_with('#') { " #" } else { "" };
    let comment = if comment.is_empty() { String::new() } else { format!("# {comment}{end}") };
    format!("{name:<20} : {:<28} {comment}", attribute.type_text)
}

fn default_text(value: &str, attribute: &Attribute) -> String {
    // As the catalogs have it, whichever way it was declared.
    if attribute.attribute_type == AttributeType::Core(CoreType::Bool) {
        match value.to_ascii_lowercase().as_str() {
            "true" => return "1".to_owned(),
            "false" => return "0".to_owned(),
            _ => {}
        }
    }
    let is_number = value.parse::<f64>().is_ok() && value.bytes().all(|byte| !byte.is_ascii_alphabetic());
    let is_quoted_type = match &attribute.attribute_type {
        AttributeType::Core(core) => !matches!(
            core,
            CoreType::Int8
                | CoreType::Int16
                | CoreType::Int32
                | CoreType::Int64
                | CoreType::Float32
                | CoreType::Float64
                | CoreType::Bool
                | CoreType::Decimal { .. }
        ),
        AttributeType::Native(native) => !matches!(
            native.category,
            NativeCategory::Integer | NativeCategory::Numeric | NativeCategory::Float
        ),
        AttributeType::Codec(_) => true,
    };
    if is_number && !is_quoted_type {
        value.to_owned()
    } else if value.contains('"') {
        format!("'{}'", value.replace('\'', "''"))
    } else {
        format!("\"{value}\"")
    }
}

fn foreign_key_line(foreign_key: &ForeignKey, parent: &str) -> String {
    let options: Vec<&str> = [(foreign_key.nullable, "nullable"), (foreign_key.unique, "unique")]
        .into_iter()
        .filter_map(|(is_set, option)| is_set.then_some(option))
        .collect();
    let mut line = "->".to_owned();
    if !options.is_empty() {
        let _ = write!(line, " [{}]", options.join(", "));
    }
    let _ = write!(line, " {parent}");
    let mut taken: Vec<&str> = Vec::new();
    let mut renames: Vec<String> = Vec::new();
    for pair in &foreign_key.columns {
        let again = taken.contains(&pair.parent.as_str());
        taken.push(&pair.parent);
        if again {
            renames.push(format!("{}=\"({})\"", pair.child, pair.parent));
        } else if pair.child != pair.parent {
            renames.push(format!("{}=\"{}\"", pair.child, pair.parent));
        }
    }
    if !renames.is_empty() {
        let _ = write!(line, ".proj({})", renames.join(","));
    }
    line
}

fn index_line(index: &Index) -> String {
    let items: Vec<String> = index.items.iter().map(ToString::to_string).collect();
    format!("{}INDEX ({})", if index.unique { "UNIQUE " } else { "" }, items.join(", "))
}
