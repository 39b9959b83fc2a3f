//! What schemas are stamped with.

use std::collections::BTreeMap;
use std::time::Duration;

use datajoint_adapters::Connection;
use datajoint_guard::{Action, ENVIRONMENT_TABLE, Stamp, StampChange, Step, version_step};
use datajoint_schema::TableName;
use datajoint_sql::{Statement, Value};

use super::Instance;
use super::guard::RELEASE;
use crate::activation::{LOCK_TIMEOUT, Tries};
use crate::audit::{AuditEntry, Change};
use crate::error::Hint;
use crate::executor::Place;
use crate::{AuditVerb, Doing, Error, Result, Target};

/// What a schema says of itself, or why that can't be read.
pub type FoundStamp = std::result::Result<Stamp, datajoint_guard::Error>;

impl Target<'_> {
    /// The schemas that are stamped, of these or of all, with the comments that are their stamps.
    pub(super) async fn comments_of_stamps(
        &mut self,
        schemas: Option<&[String]>,
    ) -> Result<Vec<(String, String)>> {
        let statement = datajoint_sql::list_stamps(self.backend(), ENVIRONMENT_TABLE, schemas);
        let rows = self.look_up(&statement).await?;
        let text = |value: Option<Value>| match value {
            Some(Value::Text(text)) => text,
            // MySQL 9 has names as VARBINARY.
            Some(Value::Bytes(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
            _ => String::new(),
        };
        let pair = |row: Vec<Value>| {
            let mut row = row.into_iter();
            (text(row.next()), text(row.next()))
        };
        Ok(rows.into_iter().map(pair).collect())
    }
}

impl Instance {
    /// The schemas with the prefix of the settings that are stamped, and with what.
    ///
    /// Fails when one of these stamps can't be read. Those of other projects are not looked at.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn stamps(&self) -> Result<BTreeMap<String, Stamp>> {
        let found = self.found_stamps(None).await?;
        found.into_iter().map(|(schema, stamp)| Ok((schema, stamp?))).collect()
    }

    /// The same of these schemas, named as in the database, or of all with the prefix of the settings; a stamp that can't
    /// be read stands there with the reason.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn found_stamps(&self, schemas: Option<&[String]>) -> Result<BTreeMap<String, FoundStamp>> {
        let prefix = &self.inner.given.settings.database.database_prefix;
        let mut comments = Target::from(self).comments_of_stamps(schemas).await?;
        comments.retain(|(schema, _)| schemas.is_some() || schema.starts_with(prefix));
        let stamp = |(schema, comment): (String, String)| {
            let stamp = Stamp::from_comment(&schema, &comment);
            (schema, stamp)
        };
        Ok(comments.into_iter().map(stamp).collect())
    }

    /// Marks schemas, named as in the database, as belonging to an environment; `None` takes the mark away.
    ///
    /// From then on, clients that do not name this environment in their settings can read there and add rows, and neither
    /// change nor replace nor delete them, nor declare, populate or import. What else is recorded there stays: the version,
    /// and the replica identity of new tables. Fails for a schema that is not there, for one that is stamped for
    /// another environment than the settings name, for a stamp that could not be read again, and for one that asks for a later
    /// release than this client.
    ///
    /// # Cancel safety
    ///
    /// Some of the schemas may be stamped and others not; stamp them again.
    pub async fn stamp<S: AsRef<str>>(&self, schemas: &[S], stamp: Option<&Stamp>) -> Result<()> {
        let schemas = self.known_schemas(schemas).await?;
        // One that nobody could read would shut the schemas, and one of a later release this client out.
        for (schema, stamp) in schemas.iter().filter_map(|schema| Some((schema, stamp?))) {
            stamp.check(schema)?;
            stamp.check_writer(schema, RELEASE)?;
        }
        self.check_may_change(Action::Stamp, &schemas).await?;
        let mark = stamp.cloned().unwrap_or_default();
        self.change_stamps(Action::Stamp, &schemas, |_, known| {
            Ok(Some(with_records(mark.clone(), known.ok())))
        })
        .await
    }

    /// Takes the mark from schemas, named as in the database, also where this client is too old for it or can't read it.
    ///
    /// What else is recorded there stays, where it can be read. Fails for a schema that is not there, and for one that is
    /// stamped for another environment than the settings name.
    ///
    /// # Cancel safety
    ///
    /// Some of the schemas may have lost their mark and others not; run it again.
    pub async fn unstamp_regardless<S: AsRef<str>>(&self, schemas: &[S]) -> Result<()> {
        let schemas = self.known_schemas(schemas).await?;
        let unmarked = |_: &str, known: FoundStamp| Ok(Some(with_records(Stamp::default(), known.ok())));
        self.change_stamps(Action::Stamp, &schemas, unmarked).await
    }

    /// The names as they are given. Fails for one that is in no database.
    pub(crate) async fn known_schemas<S: AsRef<str>>(&self, schemas: &[S]) -> Result<Vec<String>> {
        let known = self.list_schemas().await?;
        let schemas: Vec<String> = schemas.iter().map(|schema| schema.as_ref().to_owned()).collect();
        match schemas.iter().find(|schema| !known.contains(schema)) {
            None => Ok(schemas),
            Some(unknown) => {
                // Who names it as in `schema!` means the one with the prefix of the settings.
                let prefixed = self.schema_name(unknown);
                let hint = if known.contains(&prefixed) {
                    Hint::Nearest(prefixed)
                } else {
                    Hint::of(unknown, known.iter().map(String::as_str))
                };
                Err(Error::UnknownSchema { schema: unknown.clone(), hint })
            }
        }
    }

    /// Changes stamps, each from what it is while no other process changes its schema: what two clients record at a time
    /// is recorded both. A stamp for which there is none stays, and one that says nothing goes.
    ///
    /// Fails for a schema that is stamped for another environment than the settings name by then.
    async fn change_stamps(
        &self,
        action: Action,
        schemas: &[String],
        change: impl Fn(&str, FoundStamp) -> Result<Option<Stamp>> + Send + Sync,
    ) -> Result<()> {
        let mut tries = Tries::default();
        loop {
            let outcome = self.change_stamps_once(action, schemas, &change).await;
            if !tries.again(outcome.as_ref().err()).await {
                outcome?;
                break;
            }
        }
        // Who locks himself out is told so at once.
        let found = Target::from(self).comments_of_stamps(Some(schemas)).await?;
        self.note_stamps(schemas, &found)
    }

    async fn change_stamps_once(
        &self,
        action: Action,
        schemas: &[String],
        change: &(impl Fn(&str, FoundStamp) -> Result<Option<Stamp>> + Send + Sync),
    ) -> Result<()> {
        let outcome = async {
            if self.is_audited() {
                let mut on = Target::from(self);
                let found = on.comments_of_stamps(Some(schemas)).await?;
                // What changes nothing needs no table, and the stamp that is to go may be one that nobody can read.
                if !self.new_stamps(action, schemas, &found, change)?.is_empty() {
                    on.prepare_audit_regardless(schemas).await?;
                }
            }
            let to_change = schemas.iter().cloned().collect();
            let mut connection = self.database().change(&to_change, LOCK_TIMEOUT).await?;
            let outcome = self.write_noted(&mut connection, action, schemas, change).await;
            connection.end(outcome).await
        };
        outcome.await.map_err(|error: Error| error.unsettled(Doing::Stamping, &[], schemas))
    }

    /// Writes stamps anew, and notes it.
    async fn write_noted(
        &self,
        connection: &mut Connection,
        action: Action,
        schemas: &[String],
        change: &(impl Fn(&str, FoundStamp) -> Result<Option<Stamp>> + Send + Sync),
    ) -> Result<()> {
        let found = Target(Place::Exclusive(self, connection)).comments_of_stamps(Some(schemas)).await?;
        let new = self.new_stamps(action, schemas, &found, change)?;
        let entry = |new: &NewStamp<'_>| {
            AuditEntry::new(AuditVerb::Stamp, new.schema, new.schema).detail(&new.difference)
        };
        let noted = Change::begin(self, connection, new.iter().map(entry).collect()).await?;
        let statements: Vec<Statement> = new.into_iter().flat_map(|new| new.statements).collect();
        let outcome = connection.script(&statements).await.map_err(Error::from);
        noted.end(self, connection, outcome).await
    }

    /// Changes one thing that a schema, named as in the database, says of itself: reads it, and writes it again, on this
    /// connection and while no other process changes the schema. For the crates above this one.
    ///
    /// Fails when another process changes the schema for longer than so, and for a schema whose stamp by then is of another
    /// environment than the settings name, asks for a later release than this client, or can't be read.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its end, the connection is of no use any more, and the stamp may be changed or not.
    #[doc(hidden)]
    pub async fn change_stamp_on(
        &self,
        connection: &mut Connection,
        action: Action,
        schema: &str,
        change: &StampChange,
        timeout: Duration,
    ) -> Result<()> {
        let schemas = [schema.to_owned()];
        let to_change = schemas.iter().cloned().collect();
        let changed = |schema: &str, known: FoundStamp| {
            let known = known?;
            known.check_client(schema, RELEASE)?;
            Ok(Some(change.made_to(known)))
        };
        let outcome = async {
            let mut connection = self.database().change_on(connection, &to_change, timeout).await?;
            let outcome = self.write_stamps(&mut connection, action, &schemas, &changed).await;
            connection.end(outcome).await
        };
        outcome.await.map_err(|error: Error| error.unsettled(Doing::Stamping, &[], &schemas))
    }

    /// Writes stamps anew, from what they are: on a connection that has the locks.
    async fn write_stamps(
        &self,
        connection: &mut Connection,
        action: Action,
        schemas: &[String],
        change: &(impl Fn(&str, FoundStamp) -> Result<Option<Stamp>> + Send + Sync),
    ) -> Result<()> {
        let found = Target(Place::Exclusive(self, connection)).comments_of_stamps(Some(schemas)).await?;
        let new = self.new_stamps(action, schemas, &found, change)?;
        let statements: Vec<Statement> = new.into_iter().flat_map(|new| new.statements).collect();
        Ok(connection.script(&statements).await?)
    }

    /// The schemas whose stamps change from what was found.
    fn new_stamps<'s>(
        &self,
        action: Action,
        schemas: &'s [String],
        found: &[(String, String)],
        change: &(impl Fn(&str, FoundStamp) -> Result<Option<Stamp>> + Send + Sync),
    ) -> Result<Vec<NewStamp<'s>>> {
        let mut new = Vec::new();
        for schema in schemas {
            let comment = found.iter().find(|(stamped, _)| stamped == schema).map(|(_, comment)| comment);
            let known = comment.map_or_else(|| Ok(Stamp::default()), |it| Stamp::from_comment(schema, it));
            // One that names nobody keeps nobody from taking it away.
            if let Ok(known) = known.as_ref()
                && !known.is_of_nobody()
            {
                self.inner.policy.check_environment(action, [(schema, known)])?;
            }
            // What others wrote wrong may be taken away in part.
            let is_wrong = known.as_ref().is_ok_and(|known| known.check(schema).is_err());
            // Of one that can't be read nobody knows what it said.
            let old = known.as_ref().map_or_else(|_| Stamp::new("(unreadable)"), Stamp::clone);
            let Some(stamp) = change(schema, known)? else { continue };
            if !is_wrong {
                stamp.check(schema)?;
            }
            let difference = difference(action, &old, &stamp);
            let text = (stamp != Stamp::default()).then(|| stamp.to_comment());
            if text.as_ref() == comment {
                continue;
            }
            let table = TableName::new(schema, ENVIRONMENT_TABLE);
            let statements = match text {
                None => datajoint_sql::drop_stamp(self.backend(), &table),
                Some(text) => datajoint_sql::write_stamp(self.backend(), &table, &text),
            };
            new.push(NewStamp { schema, difference, statements });
        }
        Ok(new)
    }

    /// Fails unless the database has recorded these versions of schemas, which are named as in `schema!`.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn check_versions(&self, versions: &[(&str, &str)]) -> Result<()> {
        self.compare_versions(versions, false).await
    }

    /// The same, where schemas of which no version is recorded may pass.
    pub(crate) async fn check_recorded_versions(&self, versions: &[(&str, &str)]) -> Result<()> {
        self.compare_versions(versions, true).await
    }

    async fn compare_versions(&self, versions: &[(&str, &str)], may_lack: bool) -> Result<()> {
        for (schema, Stamp { version: recorded, .. }, expected) in self.recorded(versions).await? {
            let is_right = recorded.as_deref().map_or(may_lack, |recorded| recorded == expected);
            if !is_right {
                let expected = expected.to_owned();
                return Err(datajoint_guard::Error::OtherVersion { schema, recorded, expected }.into());
            }
        }
        Ok(())
    }

    /// Records the versions of schemas, which are named as in `schema!`, where none is recorded: what a program does that
    /// has just declared them. It changes none; [`check_versions`](Self::check_versions) compares them.
    ///
    /// Nothing is recorded where the settings forbid to declare. Fails for a schema that is stamped for another
    /// environment than the settings name.
    ///
    /// # Cancel safety
    ///
    /// Some of the versions may be recorded and others not; run it again.
    pub async fn record_first_versions(&self, versions: &[(&str, &str)]) -> Result<()> {
        let new = self.recorded(versions).await?.into_iter();
        let new = new.filter(|(schema, known, _)| known.version.is_none() && self.is_allowed(schema));
        let new = new.map(|(schema, _, version)| (schema, version.to_owned())).collect();
        self.record(new, |_, known, version| Ok(known.version.is_none().then(|| known.version(version))))
            .await
    }

    /// Records that schemas, which are named as in `schema!`, are of these versions from now on: part of a deployment,
    /// once the tables are as the program declares them. Nothing is sent but the question when all are recorded.
    ///
    /// Fails, before anything is recorded, for a version that is lower than the one that is recorded, or of which nobody
    /// can tell; where no version is recorded and the settings forbid to declare; and for a schema that is stamped for
    /// another environment than the settings name.
    ///
    /// # Cancel safety
    ///
    /// Some of the versions may be recorded and others not; run it again.
    pub async fn record_versions(&self, versions: &[(&str, &str)]) -> Result<()> {
        let later = self.later_versions(versions).await?;
        self.record(later, |schema, known, version| self.later(schema, known, version)).await
    }

    /// Fails for versions that [`record_versions`](Self::record_versions) would not record; records none.
    ///
    /// # Cancel safety
    ///
    /// It only reads.
    pub async fn check_later_versions(&self, versions: &[(&str, &str)]) -> Result<()> {
        self.later_versions(versions).await.map(drop)
    }

    /// Returns the schemas whose recorded version is not this one, each with it.
    async fn later_versions(&self, versions: &[(&str, &str)]) -> Result<BTreeMap<String, String>> {
        let mut later = BTreeMap::new();
        for (schema, known, given) in self.recorded(versions).await? {
            Stamp::default().version(given).check(&schema)?;
            if self.later(&schema, known, given)?.is_some() {
                later.insert(schema, given.to_owned());
            }
        }
        Ok(later)
    }

    /// Returns a stamp of this version; none where it is that of the stamp. Fails where it may not be recorded.
    fn later(&self, schema: &str, known: Stamp, given: &str) -> Result<Option<Stamp>> {
        let schema = schema.to_owned();
        if let Some(recorded) = known.version.clone() {
            match version_step(&recorded, given) {
                Step::None => return Ok(None),
                Step::Up => {}
                step => {
                    let (given, is_lower) = (given.to_owned(), step == Step::Down);
                    return Err(datajoint_guard::Error::NotLater { schema, recorded, given, is_lower }.into());
                }
            }
        } else if !self.is_allowed(&schema) {
            let origin = self.inner.given.settings.origin("database.create_tables").to_string();
            return Err(Error::NotDeclared {
                tables: vec![TableName::new(schema, ENVIRONMENT_TABLE)],
                origin,
            });
        }
        Ok(Some(known.version(given)))
    }

    /// Records a version of schemas, named as in the database, whichever is recorded: higher or lower.
    ///
    /// For what a mistake left there. Fails for a schema that is not there, and for one that is stamped for another
    /// environment than the settings name.
    ///
    /// # Cancel safety
    ///
    /// Some of the versions may be recorded and others not; run it again.
    pub async fn set_version<S: AsRef<str>>(&self, schemas: &[S], version: &str) -> Result<()> {
        let schemas = self.known_schemas(schemas).await?;
        let given = schemas.into_iter().map(|schema| (schema, version.to_owned())).collect();
        self.record(given, |_, known, version| Ok(Some(known.version(version)))).await
    }

    /// Each schema, as it is called in the database, with what it says of itself and with the version given.
    async fn recorded<'v>(&self, versions: &[(&str, &'v str)]) -> Result<Vec<(String, Stamp, &'v str)>> {
        let schemas: Vec<String> = versions.iter().map(|(schema, _)| self.schema_name(schema)).collect();
        let mut stamps = self.found_stamps(Some(&schemas)).await?;
        let mut recorded = Vec::new();
        for (schema, (_, version)) in schemas.into_iter().zip(versions) {
            let known = stamps.remove(&schema).transpose()?.unwrap_or_default();
            recorded.push((schema, known, *version));
        }
        Ok(recorded)
    }

    /// Records versions of schemas, by what they say of themselves when nobody else changes it.
    async fn record(
        &self,
        versions: BTreeMap<String, String>,
        change: impl Fn(&str, Stamp, &str) -> Result<Option<Stamp>> + Send + Sync,
    ) -> Result<()> {
        if versions.is_empty() {
            return Ok(());
        }
        let schemas: Vec<String> = versions.keys().cloned().collect();
        self.check_may_change(Action::RecordVersion, &schemas).await?;
        let change = |schema: &str, known: FoundStamp| {
            let version = versions.get(schema).map_or("", String::as_str);
            change(schema, known?, version)
        };
        self.change_stamps(Action::RecordVersion, &schemas, change).await
    }
}

/// A stamp that is to be written.
struct NewStamp<'s> {
    schema: &'s str,
    /// What of it becomes what, for the audit.
    difference: String,
    statements: Vec<Statement>,
}

/// What of a stamp becomes what: `environment: dev -> prod`; where it is but written otherwise, what is done.
fn difference(action: Action, old: &Stamp, new: &Stamp) -> String {
    let parts = [
        ("environment", old.environment.as_deref(), new.environment.as_deref()),
        ("minimum client", old.minimum_client.as_deref(), new.minimum_client.as_deref()),
        ("version", old.version.as_deref(), new.version.as_deref()),
        ("replica identity", old.replica_identity.as_deref(), new.replica_identity.as_deref()),
    ];
    let changed = parts.into_iter().filter(|(_, old, new)| old != new);
    let words = |(part, old, new): (&str, Option<&str>, Option<&str>)| {
        format!("{part}: {} -> {}", old.unwrap_or("none"), new.unwrap_or("none"))
    };
    let changed: Vec<String> = changed.map(words).collect();
    if changed.is_empty() { action.to_string() } else { changed.join(", ") }
}

/// A stamp with what is recorded beside the environment.
fn with_records(mut stamp: Stamp, known: Option<Stamp>) -> Stamp {
    let known = known.unwrap_or_default();
    stamp.version = known.version;
    stamp.replica_identity(known.replica_identity)
}
