use std::fmt;

use datajoint_guard::Finding;
use md5::{Digest as _, Md5};
use serde::Serialize;
use serde_json::json;

mod step;

pub(crate) use step::text;
pub use step::{Class, Lasts, Locks, Step};

/// What a deployment can put in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Columns for where rows of Manual tables come from.
    Provenance,
    /// Columns for when and how long Computed and Imported tables were computed.
    JobMetadata,
    /// What PostgreSQL logs of old rows.
    ReplicaIdentity,
    /// Which tables PostgreSQL publishes.
    Publication,
    /// Roles, their members, and what they may do.
    Grants,
    /// Statistics, dead rows, indexes, storage parameters.
    Maintenance,
}

impl Operation {
    /// All of them, in the order in which they are applied.
    pub const ALL: [Self; 6] = [
        Self::Provenance,
        Self::JobMetadata,
        Self::ReplicaIdentity,
        Self::Publication,
        Self::Grants,
        Self::Maintenance,
    ];

    /// Its name, as commands and plans write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Provenance => "provenance",
            Self::JobMetadata => "job-metadata",
            Self::ReplicaIdentity => "replica-identity",
            Self::Publication => "publication",
            Self::Grants => "grants",
            Self::Maintenance => "maintenance",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// How it stands with an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// It is as wanted.
    Unchanged,
    /// It is not, and the plan says how it becomes so.
    WouldChange,
    /// It has become so.
    Changed,
    /// Nothing was done, for a reason.
    Skipped {
        /// The reason.
        reason: String,
    },
    /// It could not be done.
    Failed {
        /// The server's code, or a word of ours.
        code: String,
        /// What happened.
        message: String,
        /// What to do.
        hint: String,
    },
}

/// One object of a plan: a table, a publication, a role.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// What puts it in order.
    pub operation: Operation,
    /// Which it is: `lab.session`, `publication cdc`.
    pub object: String,
    /// The schema whose journal says what was done to it.
    pub schema: String,
    /// How it was found.
    pub found: String,
    /// How it is wanted.
    pub wanted: String,
    /// How it stands.
    #[serde(flatten)]
    pub state: State,
    /// What makes it so.
    pub statements: Vec<Step>,
}

impl Item {
    /// An object, as it was found and as it is wanted; unchanged if no step is needed.
    pub(crate) fn new(
        operation: Operation,
        (schema, object): (&str, impl Into<String>),
        found: impl Into<String>,
        wanted: impl Into<String>,
        statements: Vec<Step>,
    ) -> Self {
        let state = if statements.is_empty() { State::Unchanged } else { State::WouldChange };
        let (object, found, wanted) = (object.into(), found.into(), wanted.into());
        Self { operation, object, schema: schema.to_owned(), found, wanted, state, statements }
    }

    /// The same, where it can't be done, and is not tried.
    pub(crate) fn failed(
        mut self,
        code: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        self.statements.clear();
        self.state = State::Failed { code: code.into(), message: message.into(), hint: hint.into() };
        self
    }

    /// The same, where it is left alone.
    pub(crate) fn skipped(mut self, reason: impl Into<String>) -> Self {
        self.state = State::Skipped { reason: reason.into() };
        self.statements.clear();
        self
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        self.operation == other.operation && self.object == other.object
    }
}

/// What would be done, or was.
///
/// `Display` is for people, [`json`](Self::json) for machines.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The server: `postgresql 15.2`.
    pub server: String,
    /// Whether it was applied.
    pub is_applied: bool,
    /// Every object that was looked at.
    pub items: Vec<Item>,
    /// What should be known beside.
    pub findings: Vec<Finding>,
    /// What was asked for, as the hash has it.
    pub(crate) asked: String,
}

impl Plan {
    /// The objects that are not as wanted yet, and can be made so.
    pub fn pending(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| item.state == State::WouldChange)
    }

    /// The objects that could not be made as wanted.
    pub fn failed(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| matches!(item.state, State::Failed { .. }))
    }

    /// The item of an object.
    pub fn item(&self, operation: Operation, object: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.operation == operation && item.object == object)
    }

    pub(crate) fn same(&self, item: &Item) -> Option<&Item> {
        self.items.iter().find(|other| other.is(item))
    }

    /// 0 when nothing is to do, or all was done; 1 when something failed; 2 when changes are pending.
    pub fn exit_status(&self) -> u8 {
        if self.failed().next().is_some() {
            1
        } else if self.pending().next().is_some() {
            2
        } else {
            0
        }
    }

    /// A short text that no other plan has: of another wish, another state of the database or another server.
    pub fn hash(&self) -> String {
        let mut digest = Md5::new();
        digest.update(format!("{}\n{}\n", self.server, self.asked));
        for item in &self.items {
            let state = match &item.state {
                State::Failed { code, .. } => code.as_str(),
                State::Skipped { reason } => reason.as_str(),
                State::Unchanged | State::WouldChange | State::Changed => "",
            };
            let Item { operation, object, found, wanted, .. } = item;
            digest.update(format!("{operation}\t{object}\t{found}\t{wanted}\t{state}\n"));
            for step in &item.statements {
                digest.update(format!("{}\n", text(&step.sql)));
            }
        }
        let bytes = digest.finalize();
        let number = bytes.iter().take(6).fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        format!("{number:012x}")
    }

    /// How many tables were looked at, as DataJoint for Python counts them.
    pub fn tables_analyzed(&self) -> usize {
        self.items.len()
    }

    /// How many were changed; none in a plan.
    pub fn tables_modified(&self) -> usize {
        self.items.iter().filter(|item| item.state == State::Changed).count()
    }

    /// The statements that would be run, or were, without those that only check.
    pub fn ddl(&self) -> Vec<String> {
        let steps = self.items.iter().flat_map(|item| &item.statements).filter(|step| !step.is_check);
        steps.map(|step| text(&step.sql)).collect()
    }

    /// How many objects stand how, and the hash when something is to be done: the end of what is shown to people.
    pub fn summary(&self) -> String {
        let count = |wanted: fn(&State) -> bool| self.items.iter().filter(|item| wanted(&item.state)).count();
        let (done, verb) = if self.is_applied {
            (self.tables_modified(), "changed")
        } else {
            (self.pending().count(), "would change")
        };
        let unchanged = count(|state| *state == State::Unchanged);
        let skipped = count(|state| matches!(state, State::Skipped { .. }));
        let failed = self.failed().count();
        let hash =
            if self.is_applied || done == 0 { String::new() } else { format!("\nplan {}", self.hash()) };
        format!("{done} {verb}, {unchanged} as wanted, {skipped} skipped, {failed} failed{hash}")
    }

    /// The whole plan for machines; `version` changes when something in it does.
    pub fn json(&self) -> serde_json::Value {
        json!({
            "version": 1,
            "server": self.server,
            "applied": self.is_applied,
            "hash": self.hash(),
            "items": self.items,
            "findings": self.findings,
            "exit_status": self.exit_status(),
            "tables_analyzed": self.tables_analyzed(),
            "tables_modified": self.tables_modified(),
            "ddl": self.ddl(),
        })
    }
}

impl fmt::Display for Item {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { operation, object, found, wanted, state, .. } = self;
        match state {
            State::Unchanged => return write!(formatter, "  as wanted  {operation}  {object}"),
            State::Skipped { reason } => {
                return write!(formatter, "  skipped  {operation}  {object}: {reason}");
            }
            State::WouldChange => {
                write!(formatter, "  would change  {operation}  {object}: {found} -> {wanted}")?;
            }
            State::Changed => write!(formatter, "  changed  {operation}  {object}: {found} -> {wanted}")?,
            State::Failed { code, message, hint } => {
                write!(formatter, "  failed  {operation}  {object}: [{code}] {message}\n      {hint}")?;
            }
        }
        for step in &self.statements {
            let alone = match step.class {
                Class::Autocommit => "alone, ",
                Class::Transactional if step.is_check => "only checks, ",
                Class::Transactional => "",
            };
            let Step { sql, lock, lasts, .. } = step;
            write!(formatter, "\n      {}\n        {alone}{lock}, {lasts}", text(sql))?;
        }
        Ok(())
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.server)?;
        for item in self.items.iter().filter(|item| item.state != State::Unchanged) {
            writeln!(formatter, "{item}")?;
        }
        for finding in &self.findings {
            writeln!(formatter, "{finding}")?;
        }
        formatter.write_str(&self.summary())
    }
}
