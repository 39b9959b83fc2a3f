//! What nobody knows of, and how to find out.

use std::fmt;

use datajoint_schema::TableName;

use super::{Error, names_text};

/// What is done to tables, as errors name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Doing {
    /// New rows, whose keys must not be there.
    Inserting,
    /// Other values for a row whose key is there.
    Updating,
    /// Rows away, with all that depends on them.
    Deleting,
    /// A look at what a delete would take.
    PlanningDelete,
    /// Tables that are missing.
    Declaring,
    /// Tables or schemas away.
    Dropping,
    /// What schemas say of themselves.
    Stamping,
    /// The jobs of a table.
    Queueing,
    /// What a journal says was done.
    Noting,
    /// Whatever was done in a transaction.
    Committing,
}

impl Doing {
    /// Returns the words for it, before the name of the table.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Inserting => "inserting into",
            Self::Updating => "updating",
            Self::Deleting => "deleting from",
            Self::PlanningDelete => "planning a delete from",
            Self::Declaring => "declaring",
            Self::Dropping => "dropping",
            Self::Stamping => "stamping",
            Self::Queueing => "changing the jobs in",
            Self::Noting => "noting in",
            Self::Committing => "committing what was written to",
        }
    }

    /// Returns how to find out whether it was done.
    const fn look(self) -> &'static str {
        match self {
            Self::Inserting => {
                "look for one of the rows by its key, or insert them again with `InsertOptions::skip_duplicates`"
            }
            Self::Updating => "fetch the row, and update it again where it holds other values",
            Self::Deleting | Self::PlanningDelete => {
                "count the rows of the same query, and delete again what is there still"
            }
            Self::Declaring => "declare or activate them again, which passes over what is there",
            Self::Dropping => {
                "look what is there (`Instance::list_schemas`, `Schema::tables`), and drop it again"
            }
            Self::Stamping => "read what they say now (`Instance::stamps`), and stamp them again",
            Self::Noting => "carry it out again: what is as wanted already is left alone",
            Self::Queueing => {
                "count the jobs of each state (`Jobs::counts`), and do it again where it was not done"
            }
            Self::Committing => {
                "look for something that it wrote, since all of it lasts or nothing, and do it again where that is not there"
            }
        }
    }
}

/// Something of which nobody knows whether it lasts: the connection was lost while it was committed.
#[derive(Debug)]
#[non_exhaustive]
pub struct CommitUnknown {
    /// What was done.
    pub doing: Option<Doing>,
    /// The tables that it was done to.
    pub tables: Vec<TableName>,
    /// The schemas, named as in the database, where it was done to these as a whole.
    pub schemas: Vec<String>,
    /// What the connection said.
    pub source: datajoint_adapters::Error,
}

impl CommitUnknown {
    pub(super) const fn new(source: datajoint_adapters::Error) -> Self {
        Self { doing: None, tables: Vec::new(), schemas: Vec::new(), source }
    }

    /// The same with what was done, and to what, where that is not said more closely.
    pub(super) fn named(mut self, doing: Doing, tables: &[TableName], schemas: &[String]) -> Self {
        if self.doing.is_none_or(|known| known == Doing::Committing) {
            self.doing = Some(doing);
        }
        if self.tables.is_empty() && self.schemas.is_empty() {
            (self.tables, self.schemas) = (tables.to_vec(), schemas.to_vec());
        }
        self
    }
}

impl fmt::Display for CommitUnknown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(doing) = self.doing else { return self.source.fmt(formatter) };
        let schemas = self.schemas.iter().map(|schema| format!("the schema `{schema}`"));
        let tables = (!self.tables.is_empty()).then(|| names_text(&self.tables));
        let names: Vec<String> = tables.into_iter().chain(schemas).collect();
        let done = match (doing, names.is_empty()) {
            (Doing::Committing, true) => "committing a transaction in which no verb wrote rows".to_owned(),
            (_, true) => format!("{} no table", doing.words()),
            (_, false) => format!("{} {}", doing.words(), names.join(", ")),
        };
        write!(
            formatter,
            "{done}: it is not known whether this lasts, since the connection was lost while it was committed; {} ({})",
            doing.look(),
            self.source.reason()
        )
    }
}

impl std::error::Error for CommitUnknown {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.source()
    }
}

/// Returns what the database said, where an error, or one that it comes from, is the database's.
///
/// ```
/// use datajoint_adapters::Error as DatabaseError;
/// use datajoint_pipeline::{Error, find_refusal};
///
/// let error: Box<dyn std::error::Error> = Error::from(DatabaseError::Interrupted).into();
/// assert!(matches!(find_refusal(error.as_ref()), Some(DatabaseError::Interrupted)));
/// ```
pub fn find_refusal<'e>(
    error: &'e (dyn std::error::Error + 'static),
) -> Option<&'e datajoint_adapters::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        let found = match error.downcast_ref::<Error>() {
            Some(error) => error.of_database(),
            None => error.downcast_ref::<datajoint_adapters::Error>(),
        };
        if found.is_some() {
            return found;
        }
        // One of input and output hides what it was made from.
        let hidden = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = hidden.map(|hidden| hidden as _).or_else(|| error.source());
    }
    None
}

/// Returns true for an error that says, itself or by one that it comes from, that nobody knows whether it was done: the
/// connection was lost while it was committed.
///
/// ```
/// use datajoint_adapters::Error as DatabaseError;
/// use datajoint_pipeline::{Error, is_commit_unknown};
///
/// let lost = DatabaseError::CommitUnknown { source: Box::new(DatabaseError::Interrupted) };
/// assert!(is_commit_unknown(&Error::from(lost)));
/// assert!(!is_commit_unknown(&Error::from(DatabaseError::Interrupted)));
/// ```
pub fn is_commit_unknown(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(find_refusal(error), Some(datajoint_adapters::Error::CommitUnknown { .. }))
}
