use std::sync::Arc;

use datajoint_definition::{
    AttributeLine, AttributeType, Context, Definition, Diagnostic, Line, Span, Store, Tier, check, parse,
    schema_name_fault, table_name,
};
use datajoint_schema::{Declaration, Graph, Parent, TableName, add_tier_columns, resolve};
use datajoint_sql::{Scope, difference};

use super::{DynamicTable, Schema};
use crate::{Error, Hint, Instance, Result, Target};

/// A table to be declared from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DynamicDeclaration<'a> {
    /// The database schema; it is created when it is not there.
    pub schema: &'a str,
    /// The class: `Spikes`; of a part its own alone: `Unit`.
    pub class_name: &'a str,
    /// The tier.
    pub tier: Tier,
    /// The class of the master of a part, in the same schema.
    pub master: Option<&'a str>,
    /// The definition. `-> Session` is a table of the same schema, `-> session.Session` one of another; the
    /// schema is named as in the database.
    pub definition: &'a str,
}

impl Instance {
    /// Declares a table from text, unless it is there. Its parents are looked for in the database; the rest of their
    /// schemas is not read.
    ///
    /// A table that is there, also by another client at the same moment, is given as it is in the database, with its
    /// [differences](DynamicTable::differences) from the definition.
    ///
    /// Fails for names that `schema!` and `#[table]` refuse, for a definition with faults or without attributes, for parents
    /// that are not there, for codecs that this instance has not, for stores that its settings don't name, and when the
    /// settings forbid it.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it leaves no lock. Tables that were declared stay on MySQL and MariaDB, and the next call declares
    /// the rest; the other backends declare all of them or none.
    pub async fn declare_dynamic(&self, declaration: DynamicDeclaration<'_>) -> Result<DynamicTable> {
        let (definition, mut faults) = parse(declaration.definition);
        faults.extend(self.unusable(&definition, faults.iter().any(Diagnostic::is_error)));
        self.declare_parsed(declaration, definition, faults).await
    }

    /// Declares a table as it is elsewhere: rows that are copied stay as they are stored, whatever this program knows.
    ///
    /// # Cancel safety
    ///
    /// As [`declare_dynamic`](Self::declare_dynamic).
    #[doc(hidden)]
    pub async fn declare_copy(&self, declaration: DynamicDeclaration<'_>) -> Result<DynamicTable> {
        let (definition, faults) = parse(declaration.definition);
        self.declare_parsed(declaration, definition, faults).await
    }

    async fn declare_parsed(
        &self,
        declaration: DynamicDeclaration<'_>,
        definition: Definition,
        mut faults: Vec<Diagnostic>,
    ) -> Result<DynamicTable> {
        let DynamicDeclaration { schema, class_name, tier, master, definition: text } = declaration;
        if let Some(message) = schema_name_fault(schema) {
            let faults = vec![Diagnostic::error(Span::default(), message)];
            let (table, definition) = (TableName::new(schema, class_name), String::new());
            return Err(Error::Definition { table, definition, faults });
        }
        let near = self.near(&declaration, &definition).await?;
        let master = match master {
            Some(class) => Some(self.parent(&near, schema, class).await?),
            None => None,
        };
        let (mut parents, mut missing): (Vec<Parent>, Vec<Diagnostic>) = (Vec::new(), Vec::new());
        for line in &definition.lines {
            let Line::ForeignKey(line) = line else { continue };
            match (&master, line.parent.as_str()) {
                (Some(master), "master") => parents.push(master.clone()),
                (_, name) => match self.parent(&near, schema, name).await {
                    Ok(parent) => parents.push(parent),
                    Err(Error::UnknownTable { table, hint }) => {
                        let message = format!("the parent `{table}` is not there{hint}");
                        missing.push(Diagnostic::error(line.parent_span, message));
                    }
                    Err(error) => return Err(error),
                },
            }
        }
        if !missing.is_empty() {
            let own = master.as_ref().map(|master| master.name.table.as_str());
            let table = table_name(class_name, tier, own).unwrap_or_else(|| class_name.to_owned());
            let table = TableName::new(schema, &table);
            faults.extend(missing);
            faults.retain(Diagnostic::is_error);
            return Err(Error::Definition { table, definition: text.to_owned(), faults });
        }
        let (mut table, found) = resolve(&Declaration {
            schema,
            class_name,
            tier,
            definition: &definition,
            parents: &parents,
            master: master.as_ref(),
        });
        faults.extend(found);
        let master = master.as_ref().map(|master| master.name.table.as_str());
        let context = Context { class_name, tier, master, backend: None, allow_new_key: true };
        faults.extend(check(&definition, &context));
        faults.retain(Diagnostic::is_error);
        if !faults.is_empty() {
            return Err(Error::Definition { table: table.name, definition: text.to_owned(), faults });
        }
        if let Some(found) = near.get(&table.name) {
            let differences = difference(self.backend(), &table, found);
            return Ok(DynamicTable::new(Arc::clone(found)).differing(differences));
        }
        add_tier_columns(&mut table, self.tier_columns());
        let own = [table.name.clone()];
        self.check_may_declare(&own).await?;
        let table = Arc::new(table);
        let (declared, mut found) = self.declare(&[Arc::clone(&table)], Scope::Tables(&own)).await?;
        if declared.is_empty()
            && let Some(found) = found.remove(&table.name)
        {
            let differences = difference(self.backend(), &table, &found);
            return Ok(DynamicTable::new(Arc::new(found)).differing(differences));
        }
        Ok(DynamicTable::new(table))
    }

    /// What a table could be declared with, and no row be inserted into.
    fn unusable(&self, definition: &Definition, has_faults: bool) -> Vec<Diagnostic> {
        if !has_faults && definition.lines.iter().all(|line| matches!(line, Line::Index(_))) {
            let message = "the definition has no attributes: write a line such as `subject : int32`";
            return vec![Diagnostic::error(Span::default(), message)];
        }
        let fault = |line: &AttributeLine| {
            let AttributeType::Codec(codec) = &line.attribute_type else { return None };
            let known =
                self.codecs().coder(self.stores(), codec, &line.name).map_err(|error| error.to_string());
            let store = match &codec.store {
                Store::Named(store) => self.stores().check(store).map_err(|error| error.to_string()),
                Store::Table | Store::Default => Ok(()),
            };
            let message = known.map(drop).and(store).err()?;
            Some(Diagnostic::error(line.type_span, message))
        };
        definition.attributes().filter_map(fault).collect()
    }

    /// The table, if it is there, and what it refers to, as far as their classes tell the names that they have in the
    /// database; with all that these refer to.
    async fn near(&self, declaration: &DynamicDeclaration<'_>, definition: &Definition) -> Result<Graph> {
        let DynamicDeclaration { schema, class_name, master, .. } = *declaration;
        let own = master.map_or_else(|| class_name.to_owned(), |master| format!("{master}.{class_name}"));
        let parents = definition.lines.iter().filter_map(|line| match line {
            Line::ForeignKey(line) => Some(line.parent.as_str()),
            _ => None,
        });
        let mut names: Vec<TableName> = Vec::new();
        for name in parents.chain(master).chain([own.as_str()]) {
            let (schema, class) = place(schema, name);
            names.extend(table_names(&class).into_iter().map(|table| TableName::new(&schema, table)));
        }
        Target::from(self).with_ancestors(&names).await
    }

    /// A parent by the name that a definition gives it.
    async fn parent(&self, near: &Graph, own: &str, name: &str) -> Result<Parent> {
        let (schema, class) = place(own, name);
        let table = match Schema::of(&schema, near).table(&class) {
            Ok(table) => table,
            // Of another name than its class has, or of none.
            Err(_) => match self.schema(&schema).await {
                Ok(schema) => schema.table(&class)?,
                // It is declared with its first table, and has none.
                Err(Error::UnknownSchema { hint, .. }) => {
                    let is_own = schema == own;
                    let hint = if is_own { Hint::default() } else { hint };
                    return Err(Error::UnknownTable { table: format!("{schema}.{class}"), hint });
                }
                Err(error) => return Err(error),
            },
        };
        let mut parent = table.table().as_parent();
        parent.name = TableName::new(&table.name().schema, &table.name().table);
        Ok(parent)
    }
}

/// The schema and the class that a definition means: `Session`, `session.Session`, `Session.Trial` and
/// `session.Session.Trial`.
fn place(schema: &str, name: &str) -> (String, String) {
    match name.replace("::", ".").split_once('.') {
        Some((first, rest)) if !first.starts_with(char::is_uppercase) => (first.to_owned(), rest.to_owned()),
        _ => (schema.to_owned(), name.to_owned()),
    }
}

/// The names that the table of a class may have in the database.
fn table_names(class: &str) -> Vec<String> {
    fn of_class(class: &str) -> impl Iterator<Item = String> + '_ {
        let tiers = [Tier::Manual, Tier::Lookup, Tier::Imported, Tier::Computed];
        tiers.into_iter().filter_map(move |tier| table_name(class, tier, None))
    }
    match class.split_once('.') {
        Some((master, part)) => {
            of_class(master).filter_map(|master| table_name(part, Tier::Part, Some(&master))).collect()
        }
        None => of_class(class).collect(),
    }
}
