//! What operators of queries and conditions are told.

/// How an attribute is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// `=`; with a null value, `IS NULL`.
    Equal,
    /// `<>`; with a null value, `IS NOT NULL`.
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `LIKE` with `%` and `_`.
    Like,
}

impl Comparison {
    /// Its sign in SQL, between blanks.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => " = ",
            Self::NotEqual => " <> ",
            Self::Less => " < ",
            Self::LessOrEqual => " <= ",
            Self::Greater => " > ",
            Self::GreaterOrEqual => " >= ",
            Self::Like => " LIKE ",
        }
    }
}

/// Which attributes of two queries are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Matching {
    /// Those of the same name, which must have the same lineage.
    #[default]
    Lineage,
    /// Those of the same name, whatever they mean.
    Name,
}

/// One part of a projection. The primary key stays unless it is renamed.
#[derive(Debug, Clone, PartialEq)]
pub enum Projected {
    /// A secondary attribute that stays.
    Keep(String),
    /// Every secondary attribute.
    All,
    /// An attribute left out after [`Projected::All`].
    Drop(String),
    /// An attribute under another name.
    Rename {
        /// The new name.
        new: String,
        /// The name in the query.
        old: String,
    },
    /// A value computed by the database, as SQL text with `?` for each bound value.
    Compute {
        /// The name of the value.
        new: String,
        /// The text.
        text: String,
        /// The values.
        parameters: Vec<crate::Value>,
    },
}

impl Projected {
    /// The name of the attribute in the result, or of the one left out.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Keep(name) | Self::Drop(name) => Some(name),
            Self::Rename { new, .. } | Self::Compute { new, .. } => Some(new),
            Self::All => None,
        }
    }
}

/// One part of an ordering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The attribute.
    pub attribute: String,
    /// True for the greatest first.
    pub descending: bool,
}
