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
    /// `~` comes behind what is added or multiplied.
    TildeLast,
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
    /// A place in a string leaves off what stands behind its point.
    CutPlaces,
    /// A cast to a whole number leaves off what stands behind the point, and one to a decimal leaves it as it is.
    CutCasts,
    /// A decimal without digits has as many as there are.
    OpenDecimals,
    /// A number is a float, unless it is whole and has no more than 64 bits.
    FloatsForNumbers,
    /// A number where a moment is asked for is a count of days.
    NumbersAsDays,
    /// `greatest` and `least` pass over nulls.
    ExtremesOfSome,
    /// `log` of one number is that of the base 10.
    LogOfTen,
    /// `stddev` and `variance` are those of a sample.
    OfSamples,
    /// `substring` with a string for its beginning looks for a pattern.
    PartsByPattern,
    /// A part of a moment is counted in another way.
    PartsOfMoments,
    /// `format` writes a string by its first argument.
    FormatsStrings,
    /// `format` writes a number with commas.
    FormatsNumbers,
    /// `round` takes no number of digits that is below zero.
    RoundsBehindPoint,
    /// A cast to a type that it has not is one to a number of whatever kind.
    NumbersForTypes,
    /// A part of what a pattern matched is written in another way.
    PartsOfMatches,
    /// A truth that is computed is a word in a string.
    TruthsAsWords,
    /// A function of this name does something else.
    OfSameName,
    /// `count` takes one value.
    CountsOne,
    /// There is no `regexp` between two values.
    NoPatterns,
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
            Self::TildeLast => {
                "it comes behind `+`, `-`, `*`, `/` and `%` here: put brackets around it and its number"
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
            Self::CutPlaces => {
                "a place in a string, or a number of its letters, leaves off what stands behind the point here, and is rounded \
                 elsewhere: write a whole number, or `floor(x)`"
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
            Self::NumbersAsDays => {
                "a number is a count of days here where a date or time is asked for: give it a date or time"
            }
            Self::ExtremesOfSome => {
                "it passes over nulls here, and is null elsewhere as soon as one of its values is: write `coalesce(x, 0)` for what \
                 may be null, or `case when a > b then a else b end`"
            }
            Self::LogOfTen => "it is `log10(x)` here, and `ln(x)` elsewhere: write which of them is meant",
            Self::OfSamples => {
                "it is that of a sample here, and that of all elsewhere: write `stddev_samp(x)` or `stddev_pop(x)`, `var_samp(x)` or \
                 `var_pop(x)`"
            }
            Self::PartsByPattern => {
                "a string says here by which pattern a part is found, and is a number elsewhere: write where the part begins as a \
                 number, or `regexp_substr(x, 'pattern')`"
            }
            Self::PartsOfMoments => {
                "weeks begin on another day here, and seconds have their fractions: write `second(x)`, or `to_char(x, 'US')` and \
                 `to_char(x, 'WW')`"
            }
            Self::FormatsStrings => {
                "it puts values into the string that it is given first here, and writes a number with commas elsewhere: give it such \
                 a string with a `%`, or write `round(x, 2)`"
            }
            Self::FormatsNumbers => {
                "it writes a number with commas here, and puts values into a string elsewhere: write `concat(a, b)`"
            }
            Self::RoundsBehindPoint => {
                "it passes over a number of digits below zero here: write that number as 0 or more, or `10 * round(x / 10.0)`"
            }
            Self::NumbersForTypes => {
                "it knows types by parts of their names here, and takes the others for numbers: cast to `signed`, `double`, \
                 `decimal(10, 2)`, `char`, `char(5)` or `date`"
            }
            Self::PartsOfMatches => {
                "servers write parts of what was matched as `$1` or as `\\1`: replace by a string without them, or compute it in your \
                 program"
            }
            Self::TruthsAsWords => {
                "a truth that is computed is a word or letter in a string here, and `1` or `0` elsewhere: write \
                 `if(a > b, '1', '0')`"
            }
            Self::CountsOne => {
                "it counts one value here, and several together elsewhere: write `count(distinct concat(a, '-', b))`"
            }
            Self::NoPatterns => {
                "it stands between no two values here: write `like`, or match in your program"
            }
            Self::OfSameName => {
                "a function of that name does something else on other servers: compute it in your program"
            }
        }
    }
}
