use std::fmt;

use datajoint_definition::count;

/// How many rows an insert was given, and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Inserted {
    /// All rows that were given.
    pub given: u64,
    /// Those that were inserted, or replaced what was there; the others were there already and passed over.
    pub inserted: u64,
}

impl Inserted {
    /// Returns how many rows were passed over, since they were there.
    pub const fn skipped(self) -> u64 {
        self.given.saturating_sub(self.inserted)
    }
}

impl fmt::Display for Inserted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&count(self.inserted, "row"))?;
        match self.skipped() {
            0 => Ok(()),
            skipped => write!(formatter, " ({} there already)", were(skipped)),
        }
    }
}

fn were(count: u64) -> String {
    if count == 1 { "1 was".to_owned() } else { format!("{count} were") }
}
