//! Tables that lack an attribute of their definition, or a member of an enum.

use std::sync::PoisonError;

use datajoint_adapters::Kind;
use datajoint_definition::{AttributeType, CoreType};
use datajoint_schema::{Aspect, Attribute, Difference, Table};
use datajoint_sql::{Statement, show_statement};

use crate::{Error, Instance};

/// What a table in the database lacks of its definition, and how to add it.
#[derive(Debug, Clone)]
pub(crate) struct Lacking {
    attributes: Vec<String>,
    advice: String,
    enums: Vec<FewerMembers>,
}

/// An enum whose column has not all members.
#[derive(Debug, Clone)]
struct FewerMembers {
    attribute: String,
    type_text: String,
    /// What a message of the server names: the column, or its type where that has a name.
    named: String,
    advice: String,
}

impl Lacking {
    /// What a table lacks by its differences from the one that was found.
    pub(crate) fn of(
        instance: &Instance,
        table: &Table,
        found: &Table,
        differences: &[Difference],
    ) -> Option<Self> {
        let of = |aspect| {
            let those = differences.iter().filter(move |difference| difference.aspect == aspect);
            those.filter_map(|difference| table.heading.get(difference.attribute.as_deref()?))
        };
        let missing: Vec<&Attribute> = of(Aspect::MissingAttribute).collect();
        let fewer = of(Aspect::Members).filter_map(|declared| {
            let column = found.heading.get(&declared.name)?;
            FewerMembers::of(instance, table, declared, column)
        });
        let enums: Vec<FewerMembers> = fewer.collect();
        if missing.is_empty() && enums.is_empty() {
            return None;
        }
        let advice = if missing.is_empty() {
            String::new()
        } else {
            let statements = datajoint_sql::add_columns(instance.backend(), table, &missing).ok()?;
            let them = if missing.len() == 1 { "it" } else { "them" };
            let statements = shown(instance, statements.statements());
            format!("add {them} with {statements}, or take {them} out of the definition")
        };
        let attributes = missing.iter().map(|attribute| attribute.name.clone()).collect();
        Some(Self { attributes, advice, enums })
    }
}

impl FewerMembers {
    fn of(instance: &Instance, table: &Table, declared: &Attribute, column: &Attribute) -> Option<Self> {
        let members = |attribute: &'_ Attribute| match &attribute.attribute_type {
            AttributeType::Core(CoreType::Enum(members)) => Some(members.clone()),
            _ => None,
        };
        let (wanted, present) = (members(declared)?, members(column)?);
        if wanted.iter().all(|member| present.contains(member)) {
            return None;
        }
        let statements = datajoint_sql::alter_members(instance.backend(), table, declared, column).ok()?;
        let advice = if statements.is_empty() {
            format!(
                "{} can't alter it: export the rows with all that depend on them (`dj export {table} FOLDER --descendants`), drop the \
                 table (`dj drop {table}`), declare it anew by this program, and import them (`dj import FOLDER`); or write the \
                 definition as the database has it",
                instance.backend(),
                table = table.name,
            )
        } else {
            format!("alter it with {}", shown(instance, statements.into_iter()))
        };
        let kind = column.column_type.as_deref().and_then(|kind| kind.rsplit('.').next());
        Some(Self {
            attribute: declared.name.clone(),
            type_text: column.type_text.clone(),
            named: kind.map_or_else(|| declared.name.clone(), |kind| kind.trim_matches('"').to_owned()),
            advice,
        })
    }
}

/// Statements as they may be run by hand.
fn shown(instance: &Instance, statements: impl Iterator<Item = Statement>) -> String {
    let shown = statements.map(|statement| format!("`{}`", show_statement(instance.backend(), &statement)));
    shown.collect::<Vec<_>>().join(", ")
}

impl Instance {
    /// The error of a statement; for a column or a member that is not there, with the table of the statement that lacks it.
    pub(crate) fn told(&self, error: Error, sql: &str) -> Error {
        let Error::Adapter(refusal) = error else { return error };
        if refusal.kind() == Some(Kind::Check) {
            return self.told_of_member(refusal, sql);
        }
        let Some(column) = refusal.missing_column() else { return Error::Adapter(refusal) };
        let tables = self.inner.tables.read().unwrap_or_else(PoisonError::into_inner);
        let mut lacking = tables.values().filter_map(|known| {
            let lacks = known.lacks.as_ref()?;
            let is_named = sql.contains(&datajoint_sql::table_reference(self.backend(), &known.table.name));
            (is_named && lacks.attributes.iter().any(|name| name == column)).then_some((known, lacks))
        });
        match (lacking.next(), lacking.next()) {
            (Some((known, lacks)), None) => Error::NotAltered {
                table: known.table.name.clone(),
                attributes: lacks.attributes.clone(),
                advice: lacks.advice.clone(),
                source: Box::new(refusal),
            },
            // It may be any of several: what the database says names the attribute, and their differences were reported.
            _ => Error::Adapter(refusal),
        }
    }

    fn told_of_member(&self, refusal: datajoint_adapters::Error, sql: &str) -> Error {
        let tables = self.inner.tables.read().unwrap_or_else(PoisonError::into_inner);
        let message = refusal.to_string();
        let mut lacking = tables.values().filter_map(|known| {
            let is_meant = sql.contains(&datajoint_sql::table_reference(self.backend(), &known.table.name));
            let mut enums = known.lacks.as_ref().filter(|_| is_meant)?.enums.iter();
            let is_named = |fewer: &&FewerMembers| {
                let mut words = message.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
                words.any(|word| word == fewer.named)
            };
            enums.find(is_named).map(|fewer| (known, fewer))
        });
        match (lacking.next(), lacking.next()) {
            (Some((known, fewer)), None) => Error::FewerMembers {
                table: known.table.name.clone(),
                attribute: fewer.attribute.clone(),
                type_text: fewer.type_text.clone(),
                advice: fewer.advice.clone(),
                source: Box::new(refusal),
            },
            _ => Error::Adapter(refusal),
        }
    }
}
