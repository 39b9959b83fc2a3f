use std::fmt;

use datajoint_guard::FailureCode;
use datajoint_schema::TableName;
use serde::Serialize;

use crate::{Atomicity, Purpose, Step};

/// Why an object could not be put in order. Documents write it as one string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Code {
    /// A word of ours, where no server said anything.
    Ours(FailureCode),
    /// The code with which the server refused it, or is known to: an SQLSTATE of PostgreSQL, a number of the others.
    Server(String),
}

impl Code {
    /// Returns it as documents write it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Ours(code) => code.word(),
            Self::Server(code) => code,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl From<FailureCode> for Code {
    fn from(code: FailureCode) -> Self {
        Self::Ours(code)
    }
}

impl PartialEq<FailureCode> for Code {
    fn eq(&self, other: &FailureCode) -> bool {
        *self == Self::Ours(*other)
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
        /// What stays the same from release to release of the reason.
        code: Code,
        /// What happened.
        message: String,
        /// What to do.
        hint: String,
        /// Whether what stood in its way may be gone when the other items are done, so that it is tried once more then.
        #[serde(skip)]
        after_others: bool,
    },
}

impl State {
    /// Returns that it could not be done, whatever becomes of the others.
    pub fn failed(code: impl Into<Code>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Failed { code: code.into(), message: message.into(), hint: hint.into(), after_others: false }
    }
}

/// One object of a plan: a table, a publication, a role.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Item {
    /// The name of what puts it in order: `replica-identity`.
    pub operation: &'static str,
    /// Which it is: `lab.session`, `publication cdc`.
    pub object: String,
    /// The schema whose journal says what was done to it.
    pub schema: String,
    /// The table that it is about, if it is about one.
    #[serde(serialize_with = "table_text", skip_serializing_if = "Option::is_none")]
    pub table: Option<TableName>,
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
    /// An object of a schema, as it was found and as it is wanted; unchanged if no step is needed.
    pub fn new(
        (schema, object): (&str, impl Into<String>),
        found: impl Into<String>,
        wanted: impl Into<String>,
        statements: Vec<Step>,
    ) -> Self {
        let state = if statements.is_empty() { State::Unchanged } else { State::WouldChange };
        let (object, found, wanted) = (object.into(), found.into(), wanted.into());
        Self {
            operation: "",
            object,
            schema: schema.to_owned(),
            table: None,
            found,
            wanted,
            state,
            statements,
        }
    }

    /// A table, as it was found and as it is wanted; unchanged if no step is needed.
    pub fn of_table(
        table: &TableName,
        found: impl Into<String>,
        wanted: impl Into<String>,
        statements: Vec<Step>,
    ) -> Self {
        Self::new((&table.schema, table.to_string()), found, wanted, statements).of(table)
    }

    /// The same, which is about this table.
    #[must_use]
    pub fn of(mut self, table: &TableName) -> Self {
        self.table = Some(table.clone());
        self
    }

    /// The same, which the operation of this name puts in order.
    #[must_use]
    pub fn by(mut self, operation: &'static str) -> Self {
        self.operation = operation;
        self
    }

    /// The same, where it can't be done, and is not tried.
    #[must_use]
    pub fn failed(
        mut self,
        code: impl Into<Code>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        self.statements.clear();
        self.state = State::failed(code, message, hint);
        self
    }

    /// The same, where the other items may take away what is in its way.
    #[must_use]
    pub fn after_others(mut self) -> Self {
        if let State::Failed { after_others, .. } = &mut self.state {
            *after_others = true;
        }
        self
    }

    /// The same, where it is left alone.
    #[must_use]
    pub fn skipped(mut self, reason: impl Into<String>) -> Self {
        self.state = State::Skipped { reason: reason.into() };
        self.statements.clear();
        self
    }

    /// True for the same object of the same operation, however it stands.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.operation == other.operation && self.object == other.object
    }
}

#[expect(clippy::ref_option, reason = "serde gives it so")]
fn table_text<S: serde::Serializer>(table: &Option<TableName>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&table.as_ref().map(ToString::to_string).unwrap_or_default())
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
            State::Failed { code, message, hint, .. } => {
                write!(formatter, "  failed  {operation}  {object}: [{code}] {message}\n      {hint}")?;
            }
        }
        for step in &self.statements {
            let alone = match step.atomicity {
                Atomicity::Autocommit | Atomicity::Concurrent => "alone, ",
                Atomicity::Transactional if step.purpose == Purpose::Check => "only checks, ",
                Atomicity::Transactional => "",
            };
            let Step { task, lock, cost, .. } = step;
            write!(formatter, "\n      {task}\n        {alone}{lock}, {cost}")?;
        }
        Ok(())
    }
}
