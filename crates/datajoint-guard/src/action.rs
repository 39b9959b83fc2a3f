//! What clients do to schemas.

use std::fmt;

/// What a client does to a schema. One table, here, says what a stamp lets pass.
///
/// ```
/// use datajoint_guard::Action;
///
/// let passes: Vec<Action> = Action::ALL.into_iter().filter(|action| action.passes_stamps()).collect();
/// assert_eq!(passes, [Action::Insert]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Action {
    /// Adds rows beside those that are there, or passes over those.
    Insert,
    /// Puts rows in the place of those that are there.
    Replace,
    /// Changes a row.
    Update,
    /// Deletes rows.
    Delete,
    /// Drops tables or schemas.
    Drop,
    /// Declares tables, and fills them with what they are declared with.
    Declare,
    /// Computes what is missing.
    Populate,
    /// Takes in rows that were exported elsewhere.
    Import,
    /// Brings schemas to what a deployment asks for.
    Deploy,
    /// Sets or takes away a stamp.
    Stamp,
    /// Records the version of a schema.
    RecordVersion,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Insert,
        Self::Replace,
        Self::Update,
        Self::Delete,
        Self::Drop,
        Self::Declare,
        Self::Populate,
        Self::Import,
        Self::Deploy,
        Self::Stamp,
        Self::RecordVersion,
    ];

    /// True for what a client of another environment than that of the stamp may do all the same.
    pub const fn passes_stamps(self) -> bool {
        matches!(self, Self::Insert)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Insert => "insert",
            Self::Replace => "replace rows",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Drop => "drop",
            Self::Declare => "declare",
            Self::Populate => "populate",
            Self::Import => "import",
            Self::Deploy => "deploy",
            Self::Stamp => "stamp",
            Self::RecordVersion => "record a version",
        })
    }
}
