//! Declared tables with what only the database tells of them.

use std::collections::HashMap;
use std::sync::Arc;

use datajoint_definition::{AttributeType, CoreType};
use datajoint_schema::{Attribute, Heading, Table, TableName};

/// The tables of a program, parents first: those found with [`with_hidden_of`], the others as they will be declared. Their
/// columns of foreign keys have the types of the columns that these refer to.
pub(super) fn with_found(tables: &[Arc<Table>], found: &HashMap<TableName, Table>) -> Vec<Arc<Table>> {
    let mut known: HashMap<&TableName, Arc<Table>> = HashMap::new();
    for table in tables {
        let whole = if let Some(found) = found.get(&table.name) {
            with_hidden_of(table, found)
        } else {
            let parent = |attribute: &Attribute| {
                let foreign_keys = table.foreign_keys.iter().filter(|_| attribute.inherited);
                foreign_keys.into_iter().find_map(|key| {
                    let pair = key.columns.iter().find(|pair| pair.child == attribute.name)?;
                    let parent =
                        known.get(&key.parent).map(AsRef::as_ref).or_else(|| found.get(&key.parent))?;
                    parent.heading.get(&pair.parent)
                })
            };
            let table = with_types(table, |attribute| parent(attribute)?.column_type.clone());
            with_members_of_columns(&table, parent)
        };
        known.insert(&table.name, Arc::new(whole));
    }
    tables.iter().filter_map(|table| known.get(&table.name).cloned()).collect()
}

/// A declared table with the hidden columns that it has in the database, the types of its columns, and the members of its
/// enums in the order of the columns.
pub(crate) fn with_hidden_of(declared: &Table, found: &Table) -> Table {
    let is_shown = |name: &str| !datajoint_schema::is_hidden_name(name);
    let mut attributes: Vec<_> = declared
        .heading
        .all()
        .iter()
        .filter(|attribute| is_shown(&attribute.name) || found.heading.get(&attribute.name).is_some())
        .cloned()
        .collect();
    let more = found.heading.all().iter().filter(|attribute| !is_shown(&attribute.name));
    let more: Vec<_> =
        more.filter(|attribute| declared.heading.get(&attribute.name).is_none()).cloned().collect();
    attributes.extend(more);
    let whole = with_members(&Table { heading: Heading::new(attributes), ..declared.clone() }, found);
    with_types(&whole, |attribute| found.heading.get(&attribute.name)?.column_type.clone())
}

/// A table of the catalog with what its definition knows more of its enums: the members that their columns lack.
pub(crate) fn with_missing_members_of(found: &Table, declared: &Table) -> Table {
    let attributes = found.heading.all().iter().map(|attribute| {
        let known = declared.heading.get(&attribute.name).filter(|known| !known.missing_members.is_empty());
        let mut attribute = Arc::clone(attribute);
        if let Some(known) = known {
            let Attribute { attribute_type, missing_members, .. } = known.clone();
            let own = Arc::make_mut(&mut attribute);
            (own.attribute_type, own.missing_members) = (attribute_type, missing_members);
        }
        attribute
    });
    Table { heading: Heading::new(attributes.collect::<Vec<_>>()), ..found.clone() }
}

/// A declared table whose enums have the members of their columns, in the order of these, by which the database sorts, and
/// those that their columns lack.
fn with_members(declared: &Table, found: &Table) -> Table {
    let attributes = declared.heading.all().iter().map(|attribute| {
        let mut attribute = Arc::clone(attribute);
        if let Some(column) = found.heading.get(&attribute.name)
            && let Some((all, missing)) = members_of_both(&attribute, column)
        {
            let own = Arc::make_mut(&mut attribute);
            own.attribute_type = AttributeType::Core(CoreType::Enum(all));
            own.missing_members = missing;
        }
        attribute
    });
    Table { heading: Heading::new(attributes.collect::<Vec<_>>()), ..declared.clone() }
}

/// A table that is not there yet, whose columns of foreign keys have the members of the columns that they refer to, in the
/// order of these: MySQL and MariaDB compare their places.
fn with_members_of_columns<'a>(table: &Table, parent: impl Fn(&Attribute) -> Option<&'a Attribute>) -> Table {
    let attributes = table.heading.all().iter().map(|attribute| {
        let mut attribute = Arc::clone(attribute);
        if let Some(Attribute {
            attribute_type: AttributeType::Core(CoreType::Enum(all)),
            missing_members,
            ..
        }) = parent(&attribute)
        {
            let there = all.iter().filter(|member| !missing_members.contains(member)).cloned().collect();
            let kind = AttributeType::Core(CoreType::Enum(there));
            if attribute.attribute_type != kind {
                Arc::make_mut(&mut attribute).attribute_type = kind;
            }
        }
        attribute
    });
    Table { heading: Heading::new(attributes.collect::<Vec<_>>()), ..table.clone() }
}

/// The members of a column, with those of its definition that it lacks behind the ones that these follow, and the latter
/// alone; `None` where they are those of the definition, and where it is no enum.
fn members_of_both(declared: &Attribute, column: &Attribute) -> Option<(Vec<String>, Vec<String>)> {
    let members = |attribute: &Attribute| match &attribute.attribute_type {
        AttributeType::Core(CoreType::Enum(members)) => Some(members.clone()),
        _ => None,
    };
    let (wanted, mut all) = (members(declared)?, members(column)?);
    if wanted == all {
        return None;
    }
    let missing: Vec<String> = wanted.iter().filter(|member| !all.contains(member)).cloned().collect();
    let mut next = 0;
    for member in wanted {
        let place = all.iter().position(|known| *known == member);
        if place.is_none() {
            all.insert(next, member);
        }
        next = place.unwrap_or(next) + 1;
    }
    Some((all, missing))
}

/// A table with other types of columns.
fn with_types(table: &Table, column_type: impl Fn(&Attribute) -> Option<String>) -> Table {
    let attributes = table.heading.all().iter().map(|attribute| {
        let mut attribute = Arc::clone(attribute);
        let known = column_type(&attribute);
        if attribute.column_type != known {
            Arc::make_mut(&mut attribute).column_type = known;
        }
        attribute
    });
    Table { heading: Heading::new(attributes.collect::<Vec<_>>()), ..table.clone() }
}
