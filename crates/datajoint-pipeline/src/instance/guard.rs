//! What keeps the database of an instance from accidents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use datajoint_guard::{Confirmation, ENVIRONMENT_TABLE, Plan, Policy, Stamp};
use datajoint_schema::TableName;
use datajoint_sql::Value;

use super::Instance;
use crate::error::nearest;
use crate::{Error, Result, Target};

/// How often stamps are read and written: MariaDB may take a table that other sessions are at for one that is gone.
const TRIES: usize = 5;

/// The release of this library, which stamps are compared with.
const RELEASE: &str = env!("CARGO_PKG_VERSION");

impl Instance {
    pub(crate) fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// The database, as people know it: host and database, or file; without user and password.
    pub fn place(&self) -> String {
        super::connect::place(&self.inner.settings, self.backend())
    }

    /// Gives the plan back if it may be carried out, which somebody may have to be asked.
    pub(crate) async fn confirm(&self, plan: Plan, confirmation: Confirmation) -> Result<Plan> {
        let (policy, ask) = (self.inner.policy.clone(), Arc::clone(&self.inner.ask));
        let asked = tokio::task::spawn_blocking(move || {
            policy.check(&plan, &confirmation, &*ask)?;
            Ok(plan)
        });
        match asked.await {
            Ok(outcome) => outcome,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Error::ChangedMeanwhile { verb: "done" }),
            },
        }
    }

    /// Remembers what schemas that were read say of themselves. Fails when this client is too old for one.
    pub(crate) fn note_stamps(&self, schemas: &[String], found: &[(String, String)]) -> Result<()> {
        let mut read = BTreeMap::new();
        for (schema, comment) in found {
            let stamp = Stamp::from_comment(schema, comment)?;
            stamp.check_client(schema, RELEASE)?;
            read.insert(schema.clone(), stamp);
        }
        let mut stamps = self.inner.stamps.write().unwrap_or_else(PoisonError::into_inner);
        stamps.retain(|schema, _| !schemas.contains(schema));
        stamps.append(&mut read);
        Ok(())
    }

    /// Fails when one of these schemas is stamped for another environment than the settings name.
    pub(crate) fn check_environment<'a>(
        &self,
        verb: &'static str,
        schemas: impl Iterator<Item = &'a str>,
    ) -> Result<()> {
        let schemas: BTreeSet<&str> = schemas.collect();
        let stamps = self.inner.stamps.read().unwrap_or_else(PoisonError::into_inner);
        let stamped = stamps.iter().filter(|(schema, _)| schemas.contains(schema.as_str()));
        Ok(self.inner.policy.check_environment(verb, stamped)?)
    }

    /// Fails when schemas, named as in the database, may not be changed by this client: when one is stamped for another
    /// environment than the settings name, or for newer clients. `verb` is what was to be done.
    pub async fn check_may_change(&self, verb: &'static str, schemas: &[String]) -> Result<()> {
        Target::from(self).catalog(schemas).await?;
        self.check_environment(verb, schemas.iter().map(String::as_str))
    }

    /// The schemas that are stamped, and with what.
    ///
    /// Fails when this client is too old for one of them.
    pub async fn stamps(&self) -> Result<BTreeMap<String, Stamp>> {
        let statement = datajoint_sql::list_stamps(self.backend(), ENVIRONMENT_TABLE);
        let mut stamps = BTreeMap::new();
        let mut tries = 1;
        let rows = loop {
            match Target::from(self).rows(&statement).await {
                Err(Error::Adapter(error)) if error.is_missing_table() && tries < TRIES => tries += 1,
                rows => break rows?,
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        for row in rows {
            if let [Value::Text(schema), Value::Text(comment)] = row.as_slice() {
                let stamp = Stamp::from_comment(schema, comment)?;
                stamp.check_client(schema, RELEASE)?;
                stamps.insert(schema.clone(), stamp);
            }
        }
        Ok(stamps)
    }

    /// Marks schemas, named as in the database, as belonging to an environment; `None` takes the mark away.
    ///
    /// From then on, clients that do not name this environment in their settings can read and insert there, and neither
    /// declare, nor delete, nor drop. Fails for a schema that is not there, and for one that is stamped for another
    /// environment than the settings name.
    pub async fn stamp<S: AsRef<str>>(&self, schemas: &[S], stamp: Option<&Stamp>) -> Result<()> {
        let known = self.list_schemas().await?;
        let schemas: Vec<String> = schemas.iter().map(|schema| schema.as_ref().to_owned()).collect();
        if let Some(unknown) = schemas.iter().find(|schema| !known.contains(schema)) {
            let hint = nearest(unknown, known.iter().map(String::as_str));
            return Err(Error::UnknownSchema { schema: unknown.clone(), hint });
        }
        Target::from(self).catalog(&schemas).await?;
        self.check_environment("stamp", schemas.iter().map(String::as_str))?;
        let before = self.stamps().await?;
        let stamps = schemas.into_iter().map(|schema| {
            // What others record there stays.
            let known = before.get(&schema);
            let identity = known.and_then(|stamp| stamp.replica_identity.clone());
            let stamp = match stamp {
                Some(stamp) => {
                    let mut stamp = stamp.clone().replica_identity(identity);
                    stamp.version = known.and_then(|stamp| stamp.version.clone());
                    Some(stamp)
                }
                None => identity.map(|mode| Stamp::default().replica_identity(Some(mode))),
            };
            (schema, stamp)
        });
        self.write_stamps(stamps.collect()).await
    }

    async fn write_stamps(&self, stamps: Vec<(String, Option<Stamp>)>) -> Result<()> {
        let mut statements = Vec::new();
        for (schema, stamp) in &stamps {
            let table = TableName::new(schema, ENVIRONMENT_TABLE);
            statements.extend(match stamp {
                Some(stamp) => datajoint_sql::write_stamp(self.backend(), &table, &stamp.to_comment()),
                None => datajoint_sql::drop_stamp(self.backend(), &table),
            });
        }
        let schemas: Vec<String> = stamps.into_iter().map(|(schema, _)| schema).collect();
        let mut tries = 1;
        loop {
            match self.change_schemas(&schemas, statements.clone()).await {
                Err(Error::Adapter(error)) if error.is_missing_table() && tries < TRIES => tries += 1,
                outcome => break outcome?,
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Target::from(self).catalog(&schemas).await?;
        Ok(())
    }

    /// Fails unless the database has recorded these versions of schemas, which are named as in `schema!`.
    pub async fn check_versions(&self, versions: &[(&str, &str)]) -> Result<()> {
        let stamps = self.stamps().await?;
        for (schema, expected) in versions {
            let schema = self.schema_name(schema);
            let recorded = stamps.get(&schema).and_then(|stamp| stamp.version.clone());
            if recorded.as_deref() != Some(expected) {
                let expected = (*expected).to_owned();
                return Err(datajoint_guard::Error::OtherVersion { schema, recorded, expected }.into());
            }
        }
        Ok(())
    }

    /// Records the versions of schemas, which are named as in `schema!`; nothing is sent but the question when all are
    /// recorded. Part of a deployment, once the tables are as the program declares them.
    ///
    /// Fails for a schema that is stamped for another environment than the settings name.
    pub async fn record_versions(&self, versions: &[(&str, &str)]) -> Result<()> {
        let mut stamps = self.stamps().await?;
        let mut changed = Vec::new();
        for (schema, version) in versions {
            let schema = self.schema_name(schema);
            let stamp = stamps.remove(&schema).unwrap_or_default();
            if stamp.version.as_deref() != Some(version) {
                changed.push((schema, Some(stamp.version(*version))));
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        let schemas: Vec<String> = changed.iter().map(|(schema, _)| schema.clone()).collect();
        Target::from(self).catalog(&schemas).await?;
        self.check_environment("record the version of", schemas.iter().map(String::as_str))?;
        self.write_stamps(changed).await
    }
}
