use datajoint_definition::{AttributeType, DefaultValue};
use datajoint_schema::{Attribute, Heading, Table, canonical_type};

use crate::shape::TableShape;
use crate::{Hash, normal};

/// A table as it was deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockedTable {
    table: Table,
    hash: Hash,
}

impl LockedTable {
    /// What the lock keeps of a table: all but its comments, its hidden columns, and how types and defaults are spelt.
    pub fn new(table: &Table) -> Self {
        let attributes =
            table.heading.all().iter().filter(|attribute| attribute.in_key || !attribute.is_hidden());
        let heading = Heading::new(attributes.map(|attribute| locked(attribute)).collect::<Vec<_>>());
        let table = Table { comment: String::new(), heading, unsaid: Vec::new(), ..table.clone() };
        Self { hash: hash(&table), table }
    }

    /// The table, without comments, and its types in their usual spelling.
    pub fn table(&self) -> &Table {
        &self.table
    }

    /// Tells this table from every other that a program or a database would meet otherwise.
    pub fn hash(&self) -> Hash {
        self.hash
    }
}

fn locked(attribute: &Attribute) -> Attribute {
    let type_text = canonical_type(&attribute.attribute_type);
    let attribute_type =
        AttributeType::parse(&type_text).unwrap_or_else(|_| attribute.attribute_type.clone());
    let default = normal::default(&attribute.default, &attribute.attribute_type);
    Attribute {
        name: attribute.name.clone(),
        attribute_type,
        type_text,
        in_key: attribute.in_key,
        nullable: attribute.nullable,
        default: if attribute.nullable { DefaultValue::Null } else { default },
        comment: String::new(),
        lineage: attribute.lineage.clone(),
        inherited: attribute.inherited,
        column_type: None,
        missing_members: Vec::new(),
    }
}

/// The hash of what the lock has of a table. The order of attributes outside the key, of foreign keys and of indexes is left
/// out: nothing depends on it.
fn hash(table: &Table) -> Hash {
    let shape = TableShape::of(table, None);
    let (key, mut rest): (Vec<_>, Vec<_>) = shape.attributes.iter().partition(|attribute| attribute.key);
    rest.sort_by(|first, second| first.name.cmp(&second.name));
    let mut lines: Vec<String> = vec![
        format!("datajoint.lock {}", crate::shape::VERSION),
        table.name.to_string(),
        shape.tier.unwrap_or_default(),
        shape.master.unwrap_or_default(),
    ];
    lines.extend(key.into_iter().chain(rest).map(crate::write::line));
    let mut keys: Vec<String> = shape.foreign_keys.iter().map(crate::write::line).collect();
    let mut indexes = shape.indexes;
    keys.sort();
    indexes.sort();
    lines.extend(keys.into_iter().chain(indexes));
    Hash::of(&lines.join("\n"))
}
