//! The words for what is compared.

use std::fmt;
use std::str::FromStr;

/// Where a table is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Side {
    /// The definition in a program.
    Code,
    /// The lock, which keeps the definition that was deployed.
    Lock,
    /// The catalog of a database.
    Database,
}

impl Side {
    /// All of them, the wish before what follows from it.
    pub const ALL: [Self; 3] = [Self::Code, Self::Lock, Self::Database];

    /// Returns the word for it on a command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Lock => "lock",
            Self::Database => "database",
        }
    }

    /// Returns what it is called in a sentence.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "the code",
            Self::Lock => "the lock",
            Self::Database => "the database",
        }
    }

    /// Returns what it does with a table: `declared` in code.
    pub(crate) const fn participle(self) -> &'static str {
        match self {
            Self::Code => "declared",
            Self::Lock => "locked",
            Self::Database => "in the database",
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// Reads the word of a side.
impl FromStr for Side {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|side| side.word() == word)
            .ok_or_else(|| format!("nothing to compare is called `{word}`; write code, lock or database"))
    }
}
