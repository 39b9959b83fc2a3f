//! The closed lists of words that a publication is described by.

use std::fmt;
use std::str::FromStr;

use datajoint_definition::suggest;
use serde::{Deserialize, Serialize};

use crate::Error;

/// What is done to rows and published: PostgreSQL's parameter `publish`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PublishedOperation {
    /// Rows that are deleted.
    Delete,
    /// Rows that are added.
    Insert,
    /// Tables that are emptied.
    Truncate,
    /// Rows that are changed.
    Update,
}

impl PublishedOperation {
    /// All of them, as PostgreSQL publishes them when nothing is said.
    pub const ALL: [Self; 4] = [Self::Insert, Self::Update, Self::Delete, Self::Truncate];

    /// Returns its name: `insert`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Insert => "insert",
            Self::Truncate => "truncate",
            Self::Update => "update",
        }
    }

    /// Returns true where subscribers have to find the old row again.
    pub const fn needs_identity(self) -> bool {
        matches!(self, Self::Update | Self::Delete)
    }
}

impl fmt::Display for PublishedOperation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Reads its name, in letters of any case.
impl FromStr for PublishedOperation {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        let of = |name: &str| Self::ALL.into_iter().find(|it| it.name().eq_ignore_ascii_case(name));
        of(name).ok_or_else(|| {
            let near = suggest(name, Self::ALL.map(Self::name));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            Error::Publish { name: name.to_owned(), hint }
        })
    }
}

impl TryFrom<String> for PublishedOperation {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        name.parse()
    }
}

impl From<PublishedOperation> for String {
    fn from(operation: PublishedOperation) -> Self {
        operation.name().to_owned()
    }
}

/// Tiers as files write them: `manual`.
pub(super) mod tiers {
    use datajoint_definition::Tier;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[expect(clippy::ref_option, reason = "serde gives it so")]
    pub(crate) fn serialize<S: Serializer>(
        tiers: &Option<Vec<Tier>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let names = |tiers: &Vec<Tier>| {
            tiers.iter().map(|tier| tier.name().to_ascii_lowercase()).collect::<Vec<String>>()
        };
        tiers.as_ref().map(names).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<Tier>>, D::Error> {
        let Some(names) = Option::<Vec<String>>::deserialize(deserializer)? else { return Ok(None) };
        let tiers: Result<_, _> = names.iter().map(|name| name.parse()).collect();
        tiers.map(Some).map_err(D::Error::custom)
    }
}
