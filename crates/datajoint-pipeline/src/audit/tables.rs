//! That the tables are there before something is noted in them.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use datajoint_adapters::Connection;
use datajoint_schema::TableName;
use datajoint_sql::Statement;

use super::{missing, table};
use crate::activation::Tries;
use crate::executor::Place;
use crate::{Error, Instance, Result, Target};

/// The schemas of which it is known that they have the table.
#[derive(Debug, Default)]
pub(crate) struct Audited(RwLock<BTreeSet<String>>);

impl Instance {
    /// Sees to it that changes of schemas, named as in the database, can be noted, where the settings ask for it: declares the
    /// tables that are missing. For the crates above this one, before they begin their transaction.
    ///
    /// Fails when the settings forbid to declare what is missing.
    ///
    /// # Cancel safety
    ///
    /// As [`declare_hidden`](Self::declare_hidden).
    #[doc(hidden)]
    pub async fn prepare_audit(&self, schemas: &[String]) -> Result<()> {
        Target::from(self).prepare_audit(schemas).await
    }

    /// Declares the table of a schema on this connection, unless it is there, where the settings ask for changes to be noted:
    /// for deployments, which the settings let declare what they need.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, some of it may be declared, and the next call declares the rest.
    #[doc(hidden)]
    pub async fn declare_audit_on(&self, connection: &mut Connection, schema: &str) -> Result<()> {
        let lacking = self.lacking_audit([schema]);
        if lacking.is_empty() {
            return Ok(());
        }
        let found = Target(Place::Exclusive(self, connection)).hidden_tables(&lacking).await?;
        if !found.iter().any(|table| table.name == TableName::audit(schema)) {
            let (backend, table) = (self.backend(), table(schema));
            let lineage = datajoint_sql::create_lineage_table(backend, schema).into_iter();
            let lineage = lineage.chain(datajoint_sql::replace_lineage(backend, &table));
            let statements: Vec<Statement> =
                lineage.chain(datajoint_sql::create_table(backend, &table)?).collect();
            connection.script(&statements).await?;
        }
        self.know_audit(lacking);
        Ok(())
    }

    /// The schemas, in order, of which it is not known that they have the table; none where nothing is noted.
    pub(crate) fn lacking_audit<'s>(&self, schemas: impl IntoIterator<Item = &'s str>) -> Vec<String> {
        if !self.is_audited() {
            return Vec::new();
        }
        let known = self.audited().0.read().unwrap_or_else(PoisonError::into_inner);
        let lacking: BTreeSet<&str> = schemas.into_iter().filter(|schema| !known.contains(*schema)).collect();
        lacking.into_iter().map(str::to_owned).collect()
    }

    /// Forgets that a schema has the table.
    pub(crate) fn forget_audit(&self, schema: &str) {
        self.audited().0.write().unwrap_or_else(PoisonError::into_inner).remove(schema);
    }

    fn know_audit(&self, schemas: Vec<String>) {
        self.audited().0.write().unwrap_or_else(PoisonError::into_inner).extend(schemas);
    }
}

impl Target<'_> {
    /// Sees to it that changes of schemas can be noted, where the settings ask for it: declares the tables that are missing,
    /// unless this is a transaction, which declares none.
    pub(crate) async fn prepare_audit(&mut self, schemas: &[String]) -> Result<()> {
        let lacking = self.instance().lacking_audit(schemas.iter().map(String::as_str));
        if lacking.is_empty() {
            return Ok(());
        }
        let found: Vec<TableName> =
            self.hidden_tables(&lacking).await?.into_iter().map(|table| table.name).collect();
        let (there, absent): (Vec<String>, Vec<String>) =
            lacking.into_iter().partition(|schema| found.contains(&TableName::audit(schema)));
        let instance = self.instance().clone();
        instance.know_audit(there);
        if absent.is_empty() {
            return Ok(());
        }
        let Place::Pool(_) = &self.0 else {
            return Err(missing(&absent, |tables| Error::DeclareInTransaction { tables }));
        };
        // A stamp that forbids the change says so itself.
        if absent.iter().any(|schema| !instance.is_allowed(schema)) {
            let origin = instance.settings().origin("database.create_tables").to_string();
            return Err(missing(&absent, |tables| Error::NotDeclared { tables, origin }));
        }
        for schema in &absent {
            let mut tries = Tries::default();
            loop {
                let outcome = instance.declare_missing(schema, &[table(schema)]).await;
                if !tries.again(outcome.as_ref().err()).await {
                    outcome?;
                    break;
                }
            }
        }
        instance.know_audit(absent);
        Ok(())
    }
}
