use std::fmt;

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

impl fmt::Display for Tier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
