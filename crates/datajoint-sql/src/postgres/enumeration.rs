use datajoint_definition::{AttributeType, CoreType};
use datajoint_schema::{Attribute, Table, TableName};
use md5::{Digest as _, Md5};

use super::quote;
use crate::Statement;
use crate::quote::{hexadecimal, literal};

/// The name of the type for these members, whatever their order.
pub(super) fn name(members: &[String]) -> String {
    let mut sorted: Vec<&str> = members.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    let digest = Md5::digest(sorted.join("_"));
    format!("enum_{}", hexadecimal(&digest[..4]))
}

/// The quoted type of an attribute of `table`; it lies in the schema of the table that declared it.
pub(super) fn reference(table: &TableName, attribute: &Attribute, members: &[String]) -> String {
    let origin = attribute.lineage.as_ref().filter(|_| attribute.inherited).map(|lineage| &lineage.table);
    let schema = &origin.unwrap_or(table).schema;
    format!("{}.{}", quote(schema), quote(&name(members)))
}

/// What creates the types of the enums that a table declares, and passes over those that are there.
pub(super) fn create(table: &Table) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (reference, members) in declared(table) {
        let labels: Vec<String> = members.iter().map(|member| literal(member)).collect();
        // Created at the same moment elsewhere, it shows as a unique violation.
        let block = format!(
            "BEGIN\nCREATE TYPE {reference} AS ENUM ({});\n\
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;\nEND",
            labels.join(", ")
        );
        let statement = Statement::plain(anonymous(&block));
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }
    statements
}

/// What drops the types of the enums that a table declared, but for those that other tables use.
pub(super) fn drop(table: &Table) -> Vec<Statement> {
    let mut statements = Vec::new();
    for (reference, _) in declared(table) {
        let block = format!(
            "BEGIN\nDROP TYPE IF EXISTS {reference};\n\
             EXCEPTION WHEN dependent_objects_still_exist THEN NULL;\nEND"
        );
        let statement = Statement::plain(anonymous(&block));
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }
    statements
}

fn declared(table: &Table) -> impl Iterator<Item = (String, &[String])> {
    table.heading.all().iter().filter(|attribute| !attribute.inherited).filter_map(|attribute| {
        match &attribute.attribute_type {
            AttributeType::Core(CoreType::Enum(members)) => {
                Some((reference(&table.name, attribute, members), members.as_slice()))
            }
            _ => None,
        }
    })
}

/// A block of PL/pgSQL as a statement.
fn anonymous(block: &str) -> String {
    let mut tag = "$datajoint$".to_owned();
    while block.contains(&tag) {
        tag.insert(1, '_');
    }
    format!("DO {tag} {block} {tag}")
}
