use std::fmt;
use std::str::FromStr;

/// The tier of a table: who fills it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// Filled by people and instruments.
    Manual,
    /// Filled with its definition: facts and parameters.
    Lookup,
    /// Filled by `make` from data outside the pipeline.
    Imported,
    /// Filled by `make` from its ancestors alone.
    Computed,
    /// Filled together with its master.
    Part,
}

impl Tier {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Manual, Self::Lookup, Self::Imported, Self::Computed, Self::Part];

    /// The characters before the table name in the database; a part takes its master's name instead.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Manual | Self::Part => "",
            Self::Lookup => "#",
            Self::Imported => "_",
            Self::Computed => "__",
        }
    }

    /// True for the tiers that `populate` fills.
    pub const fn is_auto_populated(self) -> bool {
        matches!(self, Self::Imported | Self::Computed)
    }

    /// The tier's name, as written in Rust and Python.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Manual => "Manual",
            Self::Lookup => "Lookup",
            Self::Imported => "Imported",
            Self::Computed => "Computed",
            Self::Part => "Part",
        }
    }
}

/// Reads the name of a tier, in letters of any case.
///
/// ```
/// use datajoint_definition::Tier;
///
/// assert_eq!("manual".parse(), Ok(Tier::Manual));
/// assert_eq!(
///     "maunal".parse::<Tier>().unwrap_err().to_string(),
///     "no tier has the name `maunal`; did you mean `manual`?",
/// );
/// ```
impl FromStr for Tier {
    type Err = UnknownTier;

    fn from_str(name: &str) -> Result<Self, UnknownTier> {
        let of = |name: &str| Self::ALL.into_iter().find(|tier| tier.name().eq_ignore_ascii_case(name));
        of(name).ok_or_else(|| UnknownTier {
            name: name.to_owned(),
            nearest: crate::suggest(name, Self::ALL.map(Self::name)).and_then(of),
        })
    }
}

/// A string that names no [`Tier`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTier {
    /// The string.
    pub name: String,
    /// The tier whose name is nearest to it, if one is near enough to be meant.
    pub nearest: Option<Tier>,
}

impl fmt::Display for UnknownTier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "no tier has the name `{}`; ", self.name)?;
        match self.nearest {
            Some(tier) => write!(formatter, "did you mean `{}`?", tier.name().to_ascii_lowercase()),
            None => formatter.write_str("write manual, lookup, imported, computed or part"),
        }
    }
}

impl std::error::Error for UnknownTier {}

impl fmt::Display for Tier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
