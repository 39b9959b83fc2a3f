use std::collections::HashSet;

use datajoint_definition::{AttributeType, CoreType};
use datajoint_schema::{Attribute, Table, TableName};
use md5::{Digest as _, Md5};

use super::quote::quote;
use crate::Statement;
use crate::kind::members;
use crate::literal::{hexadecimal, literal};

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

/// What gives the type of a column the members that its definition has, the name that goes with them, by which DataJoint
/// for Python finds it, and the column the comment that tells them. Nothing where members are to go, or to change places.
pub(super) fn alter(table: &Table, declared: &Attribute, found: &Attribute) -> Vec<Statement> {
    let (Some(wanted), Some(present), Some(there)) = (members(declared), members(found), &found.column_type)
    else {
        return Vec::new();
    };
    let mut kept = wanted.iter().filter(|member| present.contains(member));
    if declared.inherited || !present.iter().all(|member| kept.next() == Some(member)) {
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
    if *there != declared_name(&table.name, declared, wanted) {
        statements.push(format!("ALTER TYPE {there} RENAME TO {}", quote(&name(wanted))));
    }
    statements.into_iter().map(Statement::plain).chain(super::comment::column(table, declared)).collect()
}

/// A block of PL/pgSQL as a statement.
fn anonymous(block: &str) -> String {
    let mut tag = "$datajoint$".to_owned();
    while block.contains(&tag) {
        tag.insert(1, '_');
    }
    format!("DO {tag} {block} {tag}")
}
