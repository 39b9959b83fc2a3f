//! Where SQL of users would mean one thing on a server and another one elsewhere, and nobody would be told.

/// What a server makes of SQL that the others read differently. Such SQL is refused there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Twist {
    /// `/` between whole numbers leaves off what stands behind the point.
    CutQuotients,
    /// `%` leaves off what stands behind the point of its numbers.
    CutRemainders,
    /// `||` is `or`.
    PipesAreOr,
    /// `||` joins before anything is added or multiplied.
    PipesFirst,
    /// `^` raises to a power.
    CaretRaises,
    /// `&`, `|`, `<<` and `>>` go from left to right.
    BitsInTurn,
    /// `<` and its kin go before `=` and `in`.
    OrderBeforeEquality,
    /// A string is never equal to a number.
    KindsApart,
    /// A day that is added to or taken from is the number that its digits make.
    DaysAsNumbers,
    /// `concat` passes over nulls.
    NullsPassedOver,
    /// `substr` has a meaning of its own for what begins before the first character.
    PartsBeforeFirst,
    /// A cast to a whole number leaves off what stands behind the point, and one to a decimal leaves it as it is.
    CutCasts,
    /// A decimal without digits has as many as there are.
    OpenDecimals,
    /// A number is a float, unless it is whole and has no more than 64 bits.
    FloatsForNumbers,
}

impl Twist {
    /// What it is, and what to write.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::CutQuotients => {
                "between whole numbers it leaves off what stands behind the point: write `1.0 * a / b` for the quotient, and \
                 `floor(1.0 * a / b)` for whole times"
            }
            Self::CutRemainders => {
                "it leaves off what stands behind the point of both numbers, unless both are known to be whole: write \
                 `a - b * floor(1.0 * a / b)`"
            }
            Self::PipesAreOr => "it is `or` here, and joins strings elsewhere: write `or`, or `concat(a, b)`",
            Self::PipesFirst => {
                "it joins strings before it adds or multiplies: put brackets around what goes together"
            }
            Self::CaretRaises => {
                "it raises to a power here, and compares bits elsewhere: write `power(a, b)`, or `(a | b) - (a & b)`"
            }
            Self::BitsInTurn => {
                "signs for bits go from left to right here: put brackets around what goes together"
            }
            Self::OrderBeforeEquality => {
                "comparisons in a row are grouped in another way here: put brackets around what goes together"
            }
            Self::KindsApart => {
                "strings, days, moments of other digits, UUIDs and numbers are never equal to each other here: write a value as the \
                 attribute has it, as in `'5'`, and compare days and moments with `timestampdiff(second, a, b)`"
            }
            Self::DaysAsNumbers => {
                "a day or time is the number here that it begins with or that its digits make: compute with \
                 `timestampdiff(day, a, b)`, or with days in your program"
            }
            Self::NullsPassedOver => {
                "it passes over nulls here, and is null elsewhere as soon as one of its values is: write `coalesce(x, '')` for \
                 what may be null"
            }
            Self::PartsBeforeFirst => {
                "what begins before the first character, or has less than none, is another part here: write `right(x, 2)` for \
                 the end of a string"
            }
            Self::CutCasts => {
                "a cast to a whole number leaves off what stands behind the point here, and one to a decimal leaves it as it is: \
                 write `round(x)`, or `round(x, 2)`"
            }
            Self::OpenDecimals => {
                "a decimal without digits keeps those behind the point here, and is a whole number elsewhere: write how many it \
                 has, as in `decimal(10, 2)`"
            }
            Self::FloatsForNumbers => {
                "a number keeps 15 digits here, or 64 bits where it is whole: write fewer digits"
            }
        }
    }
}
