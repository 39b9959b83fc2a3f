use std::sync::Arc;

use datajoint_definition::{Diagnostic, Line, Tier, parse};
use datajoint_schema::{Declaration, Parent, TableName, TierColumns, add_tier_columns, resolve};

use super::DynamicTable;
use crate::{Error, Instance, Result};

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
    /// Declares a table from text, unless it is there. Its parents are looked for in the database.
    ///
    /// Fails for a definition with faults, for parents that are not there, and when the settings forbid it.
    pub async fn declare_dynamic(&self, declaration: DynamicDeclaration<'_>) -> Result<DynamicTable> {
        let DynamicDeclaration { schema, class_name, tier, master, definition: text } = declaration;
        let (definition, mut faults) = parse(text);
        let master = match master {
            Some(class) => Some(self.parent(schema, class).await?),
            None => None,
        };
        let mut parents: Vec<Parent> = Vec::new();
        for line in &definition.lines {
            let Line::ForeignKey(line) = line else { continue };
            match (&master, line.parent.as_str()) {
                (Some(master), "master") => parents.push(master.clone()),
                (_, name) => parents.push(self.parent(schema, name).await?),
            }
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
        faults.retain(Diagnostic::is_error);
        if !faults.is_empty() {
            return Err(Error::Definition { table: table.name, faults });
        }
        if let Some(table) = self.find_table(&table.name).await? {
            return Ok(table);
        }
        let job_metadata = self.settings().jobs.add_job_metadata;
        add_tier_columns(&mut table, TierColumns { job_metadata, provenance: false });
        self.check_may_declare(std::slice::from_ref(&table.name))?;
        let table = Arc::new(table);
        let _ = self.declare(&[Arc::clone(&table)], &[schema.to_owned()]).await?;
        Ok(DynamicTable::new(table))
    }

    /// A parent by the name that a definition gives it.
    async fn parent(&self, schema: &str, name: &str) -> Result<Parent> {
        // `Session`, `session.Session`, `Session.Trial` and `session.Session.Trial`.
        let (schema, class) = match name.replace("::", ".").split_once('.') {
            Some((first, rest)) if !first.starts_with(char::is_uppercase) => {
                (first.to_owned(), rest.to_owned())
            }
            _ => (schema.to_owned(), name.to_owned()),
        };
        let table = self.schema(&schema).await?.table(&class)?;
        let mut parent = table.table().as_parent();
        parent.name = TableName::new(&table.name().schema, &table.name().table);
        Ok(parent)
    }
}
