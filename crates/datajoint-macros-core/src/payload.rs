use std::fmt::Write;

use datajoint_definition::{DefaultValue, Line, Tier};
use datajoint_schema::{Attribute, Lineage, Parent, TableName};

/// What the hidden macro of a table answers to its children.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Tells the table from every other.
    pub id: u64,
    /// The id of the master for a part, else the table's own.
    pub group: u64,
    /// The class, of a part its own alone.
    pub class_name: String,
    /// The tier.
    pub tier: Tier,
    /// The name in the database schema.
    pub table_name: String,
    /// A number made from the key; see [`Payload::key_id`].
    pub key_id: u64,
    /// The visible attributes of the primary key.
    pub key: Vec<KeyAttribute>,
    /// The ids of all tables upstream.
    pub ancestors: Vec<u64>,
}

/// An attribute of a parent's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyAttribute {
    /// The attribute.
    pub attribute: Attribute,
    /// True when its Rust type was made or chosen where it was declared, so that a child can only
    /// reach it through the parent.
    pub own_type: bool,
}

/// The form of the text; another form is not read.
const FORM: &str = "datajoint 1";

impl Payload {
    /// A number for the names and types of a key.
    pub fn key_id<'a>(key: impl Iterator<Item = &'a Attribute>) -> u64 {
        let mut text = String::new();
        for attribute in key {
            let _ = writeln!(text, "{}:{}", attribute.name, attribute.type_text);
        }
        datajoint_schema::fingerprint(&text)
    }

    /// The text of the answer.
    pub fn encode(&self) -> String {
        let Self { id, group, class_name, tier, table_name, key_id, .. } = self;
        let mut text = format!("{FORM}\ntable {id} {group} {class_name} {tier} {key_id} {table_name}\n");
        for id in &self.ancestors {
            let _ = writeln!(text, "up {id}");
        }
        for KeyAttribute { attribute, own_type } in &self.key {
            let Attribute { name, type_text, comment, .. } = attribute;
            let declared = attribute.lineage.as_ref().map_or_else(
                || format!("{group} {table_name} {name}"),
                |lineage| format!("{} {} {}", lineage.table.schema, lineage.table.table, lineage.attribute),
            );
            let kind = if *own_type { "own" } else { "key" };
            let separator = if comment.is_empty() { "" } else { " # " };
            let _ = writeln!(text, "{kind} {declared} {name} : {type_text}{separator}{comment}");
        }
        text
    }

    /// Reads an answer; `None` when it is of another version.
    pub fn decode(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        if lines.next()? != FORM {
            return None;
        }
        let table: Vec<&str> = lines.next()?.split(' ').collect();
        let ["table", id, group, class_name, tier, key_id, table_name] = table[..] else { return None };
        let mut payload = Self {
            id: id.parse().ok()?,
            group: group.parse().ok()?,
            class_name: class_name.to_owned(),
            tier: decode_tier(tier)?,
            table_name: table_name.to_owned(),
            key_id: key_id.parse().ok()?,
            key: Vec::new(),
            ancestors: Vec::new(),
        };
        for line in lines {
            match line.split_once(' ')? {
                ("up", rest) => payload.ancestors.push(rest.parse().ok()?),
                ("key", rest) => payload.key.push(decode_attribute(rest, false)?),
                ("own", rest) => payload.key.push(decode_attribute(rest, true)?),
                _ => return None,
            }
        }
        Some(payload)
    }

    /// The table as `resolve` takes it. The id stands for the database schema, which is not known yet.
    pub fn as_parent(&self) -> Parent {
        Parent {
            name: TableName::new(self.group.to_string(), &self.table_name),
            class_name: self.class_name.clone(),
            key: self.key.iter().map(|key| key.attribute.clone()).collect(),
        }
    }
}

fn decode_tier(name: &str) -> Option<Tier> {
    let tiers = [Tier::Manual, Tier::Lookup, Tier::Imported, Tier::Computed, Tier::Part];
    tiers.into_iter().find(|tier| tier.name() == name)
}

fn decode_attribute(text: &str, own_type: bool) -> Option<KeyAttribute> {
    let mut words = text.splitn(4, ' ');
    let table = TableName::new(words.next()?, words.next()?);
    let attribute = words.next()?.to_owned();
    // The language of definitions has no second parser here.
    let (definition, _) = datajoint_definition::parse(words.next()?);
    let line = definition.lines.into_iter().find_map(|line| match line {
        Line::Attribute(line) => Some(line),
        _ => None,
    })?;
    let attribute = Attribute {
        name: line.name,
        attribute_type: line.attribute_type,
        type_text: line.type_text,
        in_key: true,
        nullable: false,
        default: DefaultValue::Required,
        comment: line.comment,
        lineage: Some(Lineage { table, attribute }),
        inherited: false,
        column_type: None,
        missing_members: Vec::new(),
    };
    Some(KeyAttribute { attribute, own_type })
}
