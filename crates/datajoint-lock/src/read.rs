//! The lock from the file.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use datajoint_definition::{AttributeType, DefaultValue, Line, Tier, parse};
use datajoint_schema::{Attribute, ColumnPair, ForeignKey, Heading, Index, Lineage, Table, TableName};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::shape::{AttributeShape, ForeignKeyShape, TableShape, VERSION};
use crate::{Error, Lock, LockedTable, Place};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// Where editors find the JSON schema.
    #[serde(rename = "$schema", default)]
    _schema: Option<String>,
    version: u64,
    tables: Tables,
}

/// The part of a lock that every version has.
#[derive(Deserialize)]
struct Head {
    version: u64,
}

/// The tables in the order of the file; a name may stand there twice.
struct Tables(Vec<(String, TableShape)>);

impl<'de> Deserialize<'de> for Tables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Tables;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("tables by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tables, A::Error> {
                let mut tables = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    tables.push(entry);
                }
                Ok(Tables(tables))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

pub(crate) fn read(text: &str) -> Result<Lock, Error> {
    let document = match serde_json::from_str::<Document>(text) {
        Ok(document) if document.version == VERSION => document,
        Ok(Document { version, .. }) => return Err(other_version(version)),
        Err(error) => {
            return Err(match serde_json::from_str::<Head>(text) {
                Ok(Head { version }) if version != VERSION => other_version(version),
                _ => unreadable(&error),
            });
        }
    };
    let mut tables = BTreeMap::new();
    for (name, shape) in document.tables.0 {
        let fault = |problem: String| changed(text, &name, problem);
        let (schema, own) = name.split_once('.').ok_or_else(|| fault("is no `schema.table`".to_owned()))?;
        let own = TableName::new(schema, own);
        let hash = shape.hash.clone();
        let locked = LockedTable::new(&table(own.clone(), shape).map_err(fault)?);
        if locked.hash().to_string() != hash {
            return Err(fault(format!(
                "is not as it was written: its hash would be {}, not {hash}",
                locked.hash()
            )));
        }
        if tables.insert(own, locked).is_some() {
            return Err(fault("stands there twice".to_owned()));
        }
    }
    for locked in tables.values() {
        let Table { name, foreign_keys, master, .. } = locked.table();
        let named = foreign_keys.iter().map(|key| &key.parent).chain(master);
        if let Some(lacking) = named.into_iter().find(|parent| !tables.contains_key(*parent)) {
            let problem = format!("refers to `{lacking}`, which the file lacks");
            return Err(changed(text, &name.to_string(), problem));
        }
    }
    Ok(Lock { tables })
}

fn other_version(version: u64) -> Error {
    if version > VERSION {
        return Error::Newer { version, known: VERSION };
    }
    let problem = format!("there is no version {version} of a lock");
    Error::Unreadable { place: Place { line: 1, column: 1 }, problem }
}

fn unreadable(error: &serde_json::Error) -> Error {
    let place = Place { line: error.line().max(1), column: error.column().max(1) };
    let problem = error.to_string();
    // The place stands in front already.
    let problem =
        problem.rsplit_once(" at line ").map_or(problem.as_str(), |(problem, _)| problem).to_owned();
    Error::Unreadable { place, problem }
}

fn changed(text: &str, name: &str, problem: String) -> Error {
    let key = format!("{}: {{", crate::write::line(&name));
    let found = text.lines().zip(1..).find_map(|(line, number)| Some((number, line.find(&key)? + 1)));
    let (line, column) = found.unwrap_or((1, 1));
    let Some((schema, own)) = name.split_once('.') else {
        return Error::Unreadable { place: Place { line, column }, problem: format!("`{name}` {problem}") };
    };
    let table = Box::new(TableName::new(schema, own));
    Error::Changed { place: Place { line, column }, table, problem }
}

fn table(name: TableName, shape: TableShape) -> Result<Table, String> {
    let tier = match &shape.tier {
        Some(tier) => Some(tier.parse::<Tier>().map_err(|error| format!("is wrong: {error}"))?),
        None => None,
    };
    let attributes: Vec<Attribute> = shape.attributes.into_iter().map(attribute).collect::<Result<_, _>>()?;
    let mut known = HashSet::new();
    if let Some(twice) = attributes.iter().find(|attribute| !known.insert(attribute.name.clone())) {
        return Err(format!("has the attribute `{}` twice", twice.name));
    }
    let foreign_keys: Vec<ForeignKey> =
        shape.foreign_keys.into_iter().map(foreign_key).collect::<Result<_, _>>()?;
    let lacking = foreign_keys.iter().flat_map(ForeignKey::child_columns).find(|name| !known.contains(*name));
    if let Some(lacking) = lacking {
        return Err(format!("has a foreign key on `{lacking}`, which is none of its attributes"));
    }
    Ok(Table {
        name,
        class_name: shape.class,
        tier,
        master: shape.master.as_deref().map(table_name).transpose()?,
        comment: String::new(),
        heading: Heading::new(attributes),
        foreign_keys,
        indexes: shape.indexes.iter().map(|text| index(text)).collect::<Result<_, _>>()?,
        unsaid: Vec::new(),
    })
}

fn table_name(text: &str) -> Result<TableName, String> {
    let (schema, table) =
        text.split_once('.').ok_or_else(|| format!("names `{text}`, which is no `schema.table`"))?;
    Ok(TableName::new(schema, table))
}

fn attribute(shape: AttributeShape) -> Result<Attribute, String> {
    let AttributeShape { name, type_text, .. } = shape;
    let attribute_type =
        AttributeType::parse(&type_text).map_err(|fault| format!("has `{name} : {type_text}`: {fault}"))?;
    let lineage = |text: &str| {
        let (table, attribute) = text.rsplit_once('.').ok_or_else(|| format!("has no lineage `{text}`"))?;
        Ok::<_, String>(Lineage { table: table_name(table)?, attribute: attribute.to_owned() })
    };
    let default = match shape.default {
        _ if shape.nullable => DefaultValue::Null,
        _ if shape.now => DefaultValue::CurrentTimestamp { precision: None },
        Some(text) => DefaultValue::Value(text),
        None => DefaultValue::Required,
    };
    Ok(Attribute {
        attribute_type,
        type_text,
        in_key: shape.key,
        nullable: shape.nullable,
        default,
        comment: String::new(),
        lineage: shape.lineage.as_deref().map(lineage).transpose()?,
        inherited: shape.inherited,
        column_type: None,
        missing_members: Vec::new(),
        name,
    })
}

fn foreign_key(shape: ForeignKeyShape) -> Result<ForeignKey, String> {
    let pair = |(child, parent): (String, serde_json::Value)| match parent {
        serde_json::Value::String(parent) => Ok(ColumnPair { child, parent }),
        other => Err(format!("has a foreign key with `{child}` for `{other}`, which is no name")),
    };
    Ok(ForeignKey {
        parent: table_name(&shape.parent)?,
        columns: shape.columns.into_iter().map(pair).collect::<Result<_, _>>()?,
        nullable: shape.nullable,
        unique: shape.unique,
        in_key: shape.key,
    })
}

/// An index as a definition writes it.
fn index(text: &str) -> Result<Index, String> {
    let (definition, _) = parse(text);
    match definition.lines.into_iter().next() {
        Some(Line::Index(line)) => Ok(Index { items: line.items, unique: line.unique }),
        _ => Err(format!("has `{text}`, which is no index")),
    }
}
