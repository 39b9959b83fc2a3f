//! What keeps the database of an instance from accidents.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, PoisonError};

use datajoint_adapters::Connection;
use datajoint_guard::{Action, Confirmation, Plan, Policy, Stamp};

use super::Instance;
use crate::executor::Place;
use crate::{Error, Result, Target};

/// The release of this library, which stamps are compared with.
pub(super) const RELEASE: &str = env!("CARGO_PKG_VERSION");

impl Instance {
    pub(crate) fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// The database, as people know it: host and database, or file; without user and password.
    pub fn place(&self) -> String {
        super::connect::place(&self.inner.given.settings, self.backend())
    }

    /// Gives the plan back if it may be carried out, which somebody may have to be asked.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    #[doc(hidden)]
    pub async fn confirm(&self, plan: Plan, confirmation: Confirmation) -> Result<Plan> {
        let (policy, ask) = (self.inner.policy.clone(), Arc::clone(&self.inner.given.ask));
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

    /// Fails when one of these schemas is stamped for another environment than the settings name, for what a stamp does
    /// not let pass; by what was read of them last.
    pub(super) fn check_environment<'a>(
        &self,
        action: Action,
        schemas: impl IntoIterator<Item = &'a str>,
    ) -> Result<()> {
        let schemas: BTreeSet<&str> = schemas.into_iter().collect();
        let stamps = self.inner.stamps.read().unwrap_or_else(PoisonError::into_inner);
        let stamped = stamps.iter().filter(|(schema, _)| schemas.contains(schema.as_str()));
        Ok(self.inner.policy.check_environment(action, stamped)?)
    }

    /// Fails when a client may not do this to schemas, named as in the database: when one is stamped for another
    /// environment than the settings name, or for newer clients. The stamps are read anew.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn check_may_change(&self, action: Action, schemas: &[String]) -> Result<()> {
        Target::from(self).check_stamps(action, schemas.iter().map(String::as_str)).await
    }

    /// Fails as [`check_may_change`](Self::check_may_change) does, and reads the stamps on this connection, for the crates
    /// above this one.
    #[doc(hidden)]
    pub async fn check_may_change_on(
        &self,
        connection: &mut Connection,
        action: Action,
        schemas: &[String],
    ) -> Result<()> {
        let mut target = Target(Place::Exclusive(self, connection));
        target.check_stamps(action, schemas.iter().map(String::as_str)).await
    }
}

impl Target<'_> {
    /// Fails when a client may not do this to schemas by their stamps, which are read anew, here.
    pub(crate) async fn check_stamps<'s>(
        &mut self,
        action: Action,
        schemas: impl IntoIterator<Item = &'s str>,
    ) -> Result<()> {
        let schemas: BTreeSet<&str> = schemas.into_iter().collect();
        let schemas: Vec<String> = schemas.into_iter().map(str::to_owned).collect();
        if schemas.is_empty() {
            return Ok(());
        }
        let found = self.comments_of_stamps(Some(&schemas)).await?;
        let instance = self.instance();
        instance.note_stamps(&schemas, &found)?;
        instance.check_environment(action, schemas.iter().map(String::as_str))
    }
}
