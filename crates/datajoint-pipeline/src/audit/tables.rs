//! That the tables are there before something is noted in them.

use std::collections::BTreeSet;
use std::sync::{PoisonError, RwLock};

use datajoint_adapters::{Connection, Kind};
use datajoint_guard::Action;
use datajoint_schema::TableName;
use datajoint_sql::{Statement, Value};

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
    /// Fails when the settings forbid to declare what is missing, in a schema that is stamped for another environment than the
    /// settings name, and for a user who may not add to a table that is there.
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
    /// Fails in a schema that is stamped for another environment than the settings name.
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
            self.check_may_change_on(connection, Action::Deploy, &lacking).await?;
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

    /// Declares the tables that are missing in those of these schemas in which something may be declared, where the settings ask
    /// for changes to be noted: a transaction finds them. What keeps it from that is logged, as a change will say it.
    pub(crate) async fn activate_audit(&self, schemas: &[String]) {
        let may = schemas.iter().filter(|schema| self.may_declare(schema)).map(String::as_str);
        let lacking = self.lacking_audit(may);
        if let Err(error) = Target::from(self).prepare_audit(&lacking).await {
            tracing::warn!(%error, "no change can be noted yet");
        }
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
    /// Sees to it that changes of schemas can be noted, where the settings ask for it: asks for the right to, and declares the
    /// tables that are missing, unless this is a transaction, which declares none.
    ///
    /// Fails before anything is declared in a schema that is stamped for another environment than the settings name.
    pub(crate) async fn prepare_audit(&mut self, schemas: &[String]) -> Result<()> {
        let lacking = self.instance().lacking_audit(schemas.iter().map(String::as_str));
        if lacking.is_empty() {
            return Ok(());
        }
        // Once for each schema: what every change carries with it stays small.
        Box::pin(async {
            let absent = self.absent_audit(lacking).await?;
            self.check_stamps(Action::Declare, absent.iter().map(String::as_str)).await?;
            self.declare_audit(absent).await
        })
        .await
    }

    /// The same for who has looked at the stamps, one of which may be unreadable.
    pub(crate) async fn prepare_audit_regardless(&mut self, schemas: &[String]) -> Result<()> {
        let lacking = self.instance().lacking_audit(schemas.iter().map(String::as_str));
        let absent = self.absent_audit(lacking).await?;
        self.declare_audit(absent).await
    }

    /// Those of schemas of which that is not known that lack the table. Fails where it is there and the user may not add to it:
    /// better now than when all of a change is done.
    async fn absent_audit(&mut self, lacking: Vec<String>) -> Result<Vec<String>> {
        if lacking.is_empty() {
            return Ok(lacking);
        }
        let found: Vec<TableName> =
            self.hidden_tables(&lacking).await?.into_iter().map(|table| table.name).collect();
        let (there, absent): (Vec<String>, Vec<String>) =
            lacking.into_iter().partition(|schema| found.contains(&TableName::audit(schema)));
        for schema in &there {
            self.check_may_note(schema).await?;
        }
        self.instance().know_audit(there);
        Ok(absent)
    }

    /// Fails when the user may not add to the table of a schema.
    async fn check_may_note(&mut self, schema: &str) -> Result<()> {
        let backend = self.backend();
        let Some(statement) = datajoint_sql::may_audit(backend, &table(schema)) else { return Ok(()) };
        let source = match self.look_up(&statement).await {
            Ok(rows) => match rows.first().and_then(|row| row.first()) {
                Some(Value::Bool(false)) => None,
                _ => return Ok(()),
            },
            Err(error) => match (error.of_database().and_then(datajoint_adapters::Error::kind), error) {
                (Some(Kind::MissingPrivilege), Error::Adapter(error)) => Some(Box::new(error)),
                (Some(Kind::MissingPrivilege), _) => None,
                // Somebody made it something else: the entry says so itself.
                (Some(_), _) => return Ok(()),
                (None, error) => return Err(error),
            },
        };
        Err(self.not_allowed(schema, true, source).await)
    }

    /// The error of who may not declare the table of a schema, or does not see the one that is there; any other as it is.
    async fn not_declared(&mut self, schema: &str, error: Error) -> Error {
        let kind = error.of_database().and_then(datajoint_adapters::Error::kind);
        if kind != Some(Kind::MissingPrivilege) {
            return error;
        }
        let source = match error {
            Error::Adapter(source) => Box::new(source),
            Error::Refused { source, .. } => source,
            other => return other,
        };
        self.not_allowed(schema, false, Some(source)).await
    }

    /// The error of a user who may not add to the table of a schema, whether it is seen or not.
    async fn not_allowed(
        &mut self,
        schema: &str,
        is_seen: bool,
        source: Option<Box<datajoint_adapters::Error>>,
    ) -> Error {
        let rows = match datajoint_sql::current_user(self.backend()) {
            // Where the server refused, it may answer nothing any more.
            Some(statement) => self.look_up(&statement).await.unwrap_or_default(),
            None => Vec::new(),
        };
        let user = match rows.into_iter().next().and_then(|row| row.into_iter().next()) {
            Some(Value::Text(user)) => format!("`{user}`"),
            _ => "this user".to_owned(),
        };
        Error::AuditNotAllowed { user, table: TableName::audit(schema), is_seen, source }
    }

    /// Declares tables that are missing.
    async fn declare_audit(&mut self, absent: Vec<String>) -> Result<()> {
        if absent.is_empty() {
            return Ok(());
        }
        let instance = self.instance().clone();
        let Place::Pool(_) = &self.0 else {
            return Err(missing(&absent, |tables| Error::DeclareInTransaction { tables }));
        };
        if absent.iter().any(|schema| !instance.is_allowed(schema)) {
            let origin = instance.settings().origin("database.create_tables").to_string();
            return Err(missing(&absent, |tables| Error::NotDeclared { tables, origin }));
        }
        for schema in &absent {
            let mut tries = Tries::default();
            loop {
                let outcome = instance.declare_missing(schema, &[table(schema)]).await;
                if !tries.again(outcome.as_ref().err()).await {
                    match outcome {
                        Ok(()) => break,
                        Err(error) => return Err(self.not_declared(schema, error).await),
                    }
                }
            }
            if !instance.backend().capability().is_embedded {
                tracing::warn!(
                    table = %TableName::audit(schema),
                    "changes are noted here from now on; other roles can change rows after `deploy apply grants`"
                );
            }
        }
        instance.know_audit(absent);
        Ok(())
    }
}
