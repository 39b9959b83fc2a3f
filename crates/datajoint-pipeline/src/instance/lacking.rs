//! Tables that lack an attribute of their definition.

use std::sync::PoisonError;

use datajoint_schema::{Aspect, Difference, Table};
use datajoint_sql::show_statement;

use crate::{Error, Instance};

/// The attributes that a table in the database lacks, and how to add them.
#[derive(Debug, Clone)]
pub(crate) struct Lacking {
    attributes: Vec<String>,
    advice: String,
}

impl Lacking {
    /// What a table lacks by its differences.
    pub(crate) fn of(instance: &Instance, table: &Table, differences: &[Difference]) -> Option<Self> {
        let missing = differences.iter().filter(|difference| difference.aspect == Aspect::MissingAttribute);
        let attributes: Vec<_> =
            missing.filter_map(|difference| table.heading.get(difference.attribute.as_deref()?)).collect();
        if attributes.is_empty() {
            return None;
        }
        let statements = datajoint_sql::add_columns(instance.backend(), table, &attributes).ok()?;
        let statements: Vec<String> = statements
            .statements()
            .map(|statement| format!("`{}`", show_statement(instance.backend(), &statement)))
            .collect();
        let advice = format!("add with {}, or take out of the definition", statements.join(", "));
        let attributes = attributes.iter().map(|attribute| attribute.name.clone()).collect();
        Some(Self { attributes, advice })
    }
}

impl Instance {
    /// The error of a statement; for a column that is not there, with the table of the statement that lacks it.
    pub(crate) fn told(&self, error: Error, sql: &str) -> Error {
        let Error::Adapter(refusal) = error else { return error };
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
}
