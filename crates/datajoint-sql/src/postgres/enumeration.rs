use std::collections::HashSet;

use datajoint_definition::{AttributeType, CoreType, DefaultValue};
use datajoint_schema::{Attribute, Table, TableName};
use md5::{Digest as _, Md5};

use super::quote::quote;
use crate::kind::members;
use crate::literal::{hexadecimal, literal};
use crate::{Result, Statement};

/// The name of the type for these members, whatever their order.
pub(super) fn name(members: &[String]) -> String {
    let mut sorted: Vec<&str> = members.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    let digest = Md5::digest(sorted.join("_"));
    format!("enum_{}", hexadecimal(&digest[..4]))
}

/// The quoted type of an attribute of `table`: that of its column, where the database told it.
pub(super) fn reference(table: &TableName, attribute: &Attribute, members: &[String]) -> String {
    attribute.column_type.clone().unwrap_or_else(|| declared_name(table, attribute, members))
}

/// The quoted type that a definition asks for; it lies in the schema of the table that declared it.
fn declared_name(table: &TableName, attribute: &Attribute, members: &[String]) -> String {
    let origin = attribute.lineage.as_ref().filter(|_| attribute.inherited).map(|lineage| &lineage.table);
    let schema = &origin.unwrap_or(table).schema;
    format!("{}.{}", quote(schema), quote(&name(members)))
}

/// What creates the types of the enums that a table declares, and passes over those that are there.
///
/// Two enums of a schema with the same members have one type, by its name: its order must be that of both.
pub(super) fn create<'a>(table: &Table, attributes: impl Iterator<Item = &'a Attribute>) -> Vec<Statement> {
    let (mut statements, mut seen) = (Vec::new(), HashSet::new());
    for (reference, members) in
        declared(table, attributes.filter(|attribute| attribute.column_type.is_none()))
    {
        let labels: Vec<String> = members.iter().map(|member| literal(member)).collect();
        // Created at the same moment elsewhere, it shows as a unique violation.
        let block = format!(
            "BEGIN\nCREATE TYPE {reference} AS ENUM ({labels});\n\
             EXCEPTION WHEN duplicate_object OR unique_violation THEN\n\
             IF (SELECT pg_catalog.array_agg(enumlabel::text ORDER BY enumsortorder) FROM pg_catalog.pg_enum \
             WHERE enumtypid = pg_catalog.to_regtype({name})) <> ARRAY[{labels}] THEN\n\
             RAISE EXCEPTION 'an enum with these members in another order is in the schema already: \
             write them in one order';\nEND IF;\nEND",
            labels = labels.join(", "),
            name = literal(&reference),
        );
        if seen.insert(block.clone()) {
            statements.push(Statement::plain(anonymous(&block)));
        }
    }
    statements
}

/// What drops the types of the enums that a table declared, but for those that other tables use.
pub(super) fn drop(table: &Table) -> Vec<Statement> {
    let (mut statements, mut seen) = (Vec::new(), HashSet::new());
    for (reference, _) in declared(table, table.heading.all().iter().map(AsRef::as_ref)) {
        let block = format!(
            "BEGIN\nDROP TYPE IF EXISTS {reference};\n\
             EXCEPTION WHEN dependent_objects_still_exist THEN NULL;\nEND"
        );
        if seen.insert(block.clone()) {
            statements.push(Statement::plain(anonymous(&block)));
        }
    }
    statements
}

/// What drops the types of all enums of a schema, and fails where a table of another schema uses one.
pub(super) fn drop_all(schema: &str) -> Statement {
    let block = format!(
        "DECLARE found record;\nBEGIN\nFOR found IN SELECT t.oid::regtype AS name FROM pg_catalog.pg_type AS t \
         JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace WHERE n.nspname = {} AND t.typtype = 'e' LOOP\n\
         EXECUTE 'DROP TYPE ' || found.name;\nEND LOOP;\nEND",
        literal(schema),
    );
    Statement::plain(anonymous(&block))
}

fn declared<'a>(
    table: &Table,
    attributes: impl Iterator<Item = &'a Attribute>,
) -> impl Iterator<Item = (String, &'a [String])> {
    attributes.filter(|attribute| !attribute.inherited).filter_map(|attribute| {
        match &attribute.attribute_type {
            AttributeType::Core(CoreType::Enum(members)) => {
                Some((reference(&table.name, attribute, members), members.as_slice()))
            }
            _ => None,
        }
    })
}

/// What gives a column the members that its definition has, and the comment that tells them; nothing where members are to go.
///
/// Other columns may have the same type: a column outside of keys gets the type that the definition asks for, which is created
/// unless it is there. One of a key shares its type with the columns that refer to it, so that the type itself gets the members,
/// and the name that goes with them, by which DataJoint for Python finds it; nothing where members are to change places.
pub(super) fn alter(table: &Table, declared: &Attribute, found: &Attribute) -> Result<Vec<Statement>> {
    let (Some(wanted), Some(present), Some(there)) = (members(declared), members(found), &found.column_type)
    else {
        return Ok(Vec::new());
    };
    if declared.inherited || !present.iter().all(|member| wanted.contains(member)) {
        return Ok(Vec::new());
    }
    let mut statements = if declared.in_key {
        grow(there, wanted, present, &declared_name(&table.name, declared, wanted))
    } else {
        exchange(table, declared)?
    };
    if !statements.is_empty() {
        statements.extend(super::comment::column(table, declared));
    }
    Ok(statements)
}

/// What adds members to a type.
fn grow(there: &str, wanted: &[String], present: &[String], asked_for: &str) -> Vec<Statement> {
    let mut kept = wanted.iter().filter(|member| present.contains(member));
    if !present.iter().all(|member| kept.next() == Some(member)) {
        return Vec::new();
    }
    let mut statements = Vec::new();
    for (place, member) in wanted.iter().enumerate().filter(|(_, member)| !present.contains(member)) {
        let follows = wanted[place + 1..].iter().any(|member| present.contains(member));
        let position = match (follows, place.checked_sub(1), present.first()) {
            (false, ..) | (true, None, None) => String::new(),
            (true, Some(before), _) => format!(" AFTER {}", literal(&wanted[before])),
            (true, None, Some(first)) => format!(" BEFORE {}", literal(first)),
        };
        statements.push(format!("ALTER TYPE {there} ADD VALUE {}{position}", literal(member)));
    }
    if there != asked_for {
        statements.push(format!("ALTER TYPE {there} RENAME TO {}", quote(&name(wanted))));
    }
    statements.into_iter().map(Statement::plain).collect()
}

/// What gives a column the type that its definition asks for; its default is of the type, too.
fn exchange(table: &Table, declared: &Attribute) -> Result<Vec<Statement>> {
    let declared = Attribute { column_type: None, ..declared.clone() };
    let members = members(&declared).unwrap_or_default();
    let (column, kind) = (quote(&declared.name), declared_name(&table.name, &declared, members));
    let mut changes = vec![format!("ALTER COLUMN {column} TYPE {kind} USING {column}::text::{kind}")];
    if let DefaultValue::Value(_) = &declared.default {
        changes.insert(0, format!("ALTER COLUMN {column} DROP DEFAULT"));
        let default = super::ddl::default_clause(table, &declared)?;
        let default = default.strip_prefix(" NOT NULL DEFAULT ").unwrap_or(&default);
        changes.push(format!("ALTER COLUMN {column} SET DEFAULT {default}"));
    }
    let mut statements = create(table, [&declared].into_iter());
    let reference = super::quote::reference(&table.name);
    statements.push(Statement::plain(format!("ALTER TABLE {reference} {}", changes.join(", "))));
    Ok(statements)
}

/// A block of PL/pgSQL as a statement.
fn anonymous(block: &str) -> String {
    let mut tag = "$datajoint$".to_owned();
    while block.contains(&tag) {
        tag.insert(1, '_');
    }
    format!("DO {tag} {block} {tag}")
}
