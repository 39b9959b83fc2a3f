//! What the engine is given: operations, and what lists them.

use std::collections::BTreeMap;

use datajoint_guard::{Action, Finding, FindingCode};
use datajoint_pipeline::{AuditVerb, Instance};

use crate::{Error, Item, Snapshot};

/// What puts one kind of object in order.
///
/// Each is a type of its own in a file of its own, and a line in the list of its undertaking.
pub trait Operation {
    /// Its name, as commands and plans write it: `replica-identity`.
    const NAME: &'static str;
    /// Where nothing is usual: the section of the file that must say what is wanted, `[grants]`.
    const REQUIRED: Option<&'static str> = None;

    /// What is wanted of it: its section of the file.
    type Spec: Section;
    /// What is wanted of all operations of its list.
    type Desired;
    /// Why it can't be planned.
    type Error: From<Error>;

    /// Returns an item for each object, with the steps that make it as wanted; none where it is. Sends nothing but SELECT.
    ///
    /// Fails when something is asked for that is not there, or that this backend does not have.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    fn plan(
        snapshot: &mut Snapshot,
        spec: &Self::Spec,
        desired: &Self::Desired,
    ) -> impl Future<Output = Result<Vec<Item>, Self::Error>> + Send;
}

/// Returns the items of an operation, where something is asked of it.
///
/// Fails as [`Operation::plan`] does.
///
/// # Cancel safety
///
/// Dropped before its end, it has changed nothing.
pub async fn items<O: Operation>(
    snapshot: &mut Snapshot,
    spec: &O::Spec,
    desired: &O::Desired,
) -> Result<Vec<Item>, O::Error> {
    if !spec.is_asked_for() {
        return Ok(Vec::new());
    }
    let items = O::plan(snapshot, spec, desired).await?;
    Ok(items.into_iter().map(|item| item.by(O::NAME)).collect())
}

/// What a file may say of an operation.
pub trait Section: Sized {
    /// Returns true when something is asked for.
    fn is_asked_for(&self) -> bool;

    /// The same, with what is usual where nothing is said.
    #[must_use]
    fn or_usual(self) -> Self;
}

impl Section for bool {
    fn is_asked_for(&self) -> bool {
        *self
    }

    fn or_usual(self) -> Self {
        true
    }
}

impl<T: Default> Section for Option<T> {
    fn is_asked_for(&self) -> bool {
        self.is_some()
    }

    fn or_usual(self) -> Self {
        Some(self.unwrap_or_default())
    }
}

/// Things with names of their own: which there are is never usual.
impl<T> Section for BTreeMap<String, T> {
    fn is_asked_for(&self) -> bool {
        !self.is_empty()
    }

    fn or_usual(self) -> Self {
        self
    }
}

/// The part of a database that is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The schemas, named as in `schema!`; without them, the pipelines among those with the prefix of the settings.
    pub schemas: Option<Vec<String>>,
    /// One table alone, as `schema.table` or `schema.Class`.
    pub table: Option<String>,
}

/// What those who carry out plans of a kind have in common.
#[derive(Debug)]
pub struct Activity {
    /// What one of them is called: `deploy`.
    pub noun: &'static str,
    /// The hidden table of each schema in which steps are noted: `~deploy`.
    pub journal: &'static str,
    /// The lock that one of them has at a time.
    pub lock: &'static str,
    /// The code of the finding that one did not say how it ended.
    pub interrupted: FindingCode,
    /// What the stamp of a schema may forbid.
    pub action: Action,
    /// What the audit of a schema calls it.
    pub verb: AuditVerb,
}

/// What is planned and carried out: a deployment.
pub trait Undertaking: Sync {
    /// What all of its kind have in common.
    const ACTIVITY: &'static Activity;

    /// Why it can't be planned.
    type Error: From<Error> + std::fmt::Display + Send;

    /// Returns the database.
    fn instance(&self) -> &Instance;

    /// Returns the part of the database that it is about.
    fn scope(&self) -> Scope;

    /// Returns what is asked for, as the hash of the plan has it.
    fn asked(&self) -> Vec<u8>;

    /// Returns the items of all its operations, in the order in which they are carried out.
    ///
    /// Fails when something is asked for that is not there, or that this backend does not have.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, it has changed nothing.
    fn items(&self, snapshot: &mut Snapshot) -> impl Future<Output = Result<Vec<Item>, Self::Error>> + Send;

    /// Returns what should be known before anything is changed; fails where nothing may be.
    fn check(&self, snapshot: &Snapshot) -> Result<Vec<Finding>, Self::Error> {
        let _ = snapshot;
        Ok(Vec::new())
    }

    /// Returns true when the database shows what was done. What was run since somebody asked for it is run again
    /// otherwise.
    fn is_visible(&self) -> bool {
        true
    }
}
