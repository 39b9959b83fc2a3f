//! Functions and casts that make something else of their arguments than on the other servers.

use std::ops::Range;

use datajoint_definition::{AttributeType, CoreType};

use super::Reading;
use crate::Value;
use crate::dialect::Twist;
use crate::kind::members;
use crate::select::operand::Kind;
use crate::token::{Token, solid_before, solid_from};

/// Functions of a number.
const OF_NUMBERS: [&str; 8] = ["abs", "avg", "ceil", "ceiling", "floor", "round", "sign", "sum"];

/// Those of them that make another number of a string than of the number that it says.
const APART_OF_STRINGS: [&str; 5] = ["ceil", "ceiling", "floor", "round", "sign"];

/// Functions of a moment.
const OF_MOMENTS: [&str; 7] = ["date", "day", "hour", "minute", "month", "second", "year"];

/// Functions that only share their name on a server with classes of storage.
const OF_SAME_NAME: [&str; 7] =
    ["char", "json_quote", "quote", "soundex", "timediff", "unhex", "unistr_quote"];

impl Reading<'_> {
    pub(super) fn twist_of_call(&self, place: usize) -> Option<Twist> {
        let operands = &self.operands;
        let at = operands.after(place)?;
        let (name, arguments) = operands.call(&at)?;
        let all = || self.twists_of(&name, &arguments).into_iter().flatten();
        all().find(|twist| self.twists.contains(twist))
    }

    fn twists_of(&self, name: &str, arguments: &[Range<usize>]) -> [Option<Twist>; 3] {
        let operands = &self.operands;
        let kind = |at: &Range<usize>| operands.kind_of_all(at);
        let of_kind = arguments.first().map_or(Kind::Unknown, kind);
        let twist = match (name, arguments) {
            ("concat", values) => {
                values.iter().any(|value| operands.may_be_null(value)).then_some(Twist::NullsPassedOver)
            }
            ("greatest" | "least", values) => {
                values.iter().any(|value| operands.may_be_null(value)).then_some(Twist::ExtremesOfSome)
            }
            ("substr" | "substring", [_, first, ..]) if kind(first) == Kind::Text => {
                Some(Twist::PartsByPattern)
            }
            ("substr" | "substring", [_, first, rest @ ..]) => (self.is_less(first, 1)
                || rest.iter().any(|length| self.is_less(length, 0)))
            .then_some(Twist::PartsBeforeFirst),
            ("left" | "right" | "repeat", [_, number]) if kind(number) == Kind::Fraction => {
                Some(Twist::CutPlaces)
            }
            ("substring", [argument]) => self.twist_of_part(argument),
            ("count", [_, _, ..]) => Some(Twist::CountsOne),
            ("log", [_]) => Some(Twist::LogOfTen),
            ("stddev" | "variance", [_]) => Some(Twist::OfSamples),
            ("extract", [argument]) => {
                let unit = &operands.tokens[argument.start];
                let is_one = ["second", "microsecond", "week"].iter().any(|word| unit.is_word(word));
                is_one.then_some(Twist::PartsOfMoments)
            }
            ("format", [first, ..]) => {
                Some(if self.is_pattern(first) { Twist::FormatsNumbers } else { Twist::FormatsStrings })
            }
            ("round", [_, digits]) => (!self.is_count(digits)).then_some(Twist::RoundsBehindPoint),
            ("hex", [of]) if of_kind != Kind::Text && !self.is_of_bytes(of) => Some(Twist::OfSameName),
            ("hex", [of]) => operands.may_be_null(of).then_some(Twist::NullsPassedOver),
            ("regexp_replace", [_, _, by, ..]) => {
                let mut signs = operands.tokens[by.clone()].iter().map(Token::text);
                signs.any(|text| text.contains(['\\', '$'])).then_some(Twist::PartsOfMatches)
            }
            (name, _) if OF_SAME_NAME.contains(&name) => Some(Twist::OfSameName),
            ("cast", [argument]) => self.twist_of_cast(argument),
            _ => None,
        };
        let first = arguments.first();
        let is_enum = first
            .and_then(|at| operands.column(at))
            .is_some_and(|column| members(&column.attribute).is_some());
        let is_one_of = |names: &[&str]| names.contains(&name);
        let of_numbers = match of_kind {
            Kind::Moment if is_one_of(&OF_NUMBERS) => Some(Twist::DaysAsNumbers),
            Kind::Text if is_one_of(&APART_OF_STRINGS) || (is_enum && is_one_of(&OF_NUMBERS)) => {
                Some(Twist::KindsApart)
            }
            _ if is_one_of(&["substr", "substring"]) && arguments.get(1).map(kind) == Some(Kind::Text) => {
                Some(Twist::KindsApart)
            }
            _ => None,
        };
        let is_place = is_one_of(&["substr", "substring"]) && self.has_fractions(arguments.get(1..));
        let of_numbers = of_numbers.or_else(|| is_place.then_some(Twist::CutPlaces));
        let of_moments = (OF_MOMENTS.contains(&name) && of_kind.is_number()).then_some(Twist::NumbersAsDays);
        [twist, of_numbers, of_moments]
    }

    fn is_of_bytes(&self, at: &Range<usize>) -> bool {
        let column = self.operands.column(at);
        column.is_some_and(|column| column.attribute.attribute_type == AttributeType::Core(CoreType::Bytes))
    }

    /// True where one of these has digits behind its point; `floor` leaves none.
    fn has_fractions(&self, arguments: Option<&[Range<usize>]>) -> bool {
        let kind = |at: &Range<usize>| self.operands.kind_of_all(at) == Kind::Fraction;
        arguments.into_iter().flatten().any(kind)
    }

    fn is_less(&self, at: &Range<usize>, least: i64) -> bool {
        self.operands.count_of(at).is_some_and(|number| number < least)
    }

    fn is_count(&self, at: &Range<usize>) -> bool {
        self.operands.count_of(at).is_some_and(|number| number >= 0)
    }

    /// True for a string as it is written or bound, with signs for values in it.
    fn is_pattern(&self, at: &Range<usize>) -> bool {
        let mut tokens = self.operands.tokens[at.clone()].iter().filter(|token| !token.is_blank());
        matches!(tokens.next(), Some(Token::Literal(..) | Token::Placeholder(Some(Value::Text(_)))))
    }

    /// Of `substring(x FROM a FOR b)`.
    fn twist_of_part(&self, argument: &Range<usize>) -> Option<Twist> {
        let operands = &self.operands;
        let mut place = argument.start;
        while place < argument.end {
            let word = &operands.tokens[place];
            let is_first = word.is_word("from");
            if is_first || word.is_word("for") {
                let end = (place + 1..argument.end)
                    .find(|&end| operands.tokens[end].is_word("for"))
                    .unwrap_or(argument.end);
                let of = place + 1..end;
                if is_first && operands.kind_of_all(&of) == Kind::Text {
                    return Some(Twist::PartsByPattern);
                }
                if self.is_less(&of, i64::from(is_first)) {
                    return Some(Twist::PartsBeforeFirst);
                }
            }
            place = operands.standings[place].partner.filter(|&close| close > place).unwrap_or(place) + 1;
        }
        None
    }

    /// What a cast leaves of a value.
    fn twist_of_cast(&self, argument: &Range<usize>) -> Option<Twist> {
        let operands = &self.operands;
        let tokens = operands.tokens;
        let place = argument.clone().rev().find(|&place| tokens[place].is_word("as"))?;
        let of = argument.start..solid_before(tokens, place)? + 1;
        let kind = solid_from(tokens, place + 1)?;
        let is_one_of = |names: &[&str]| names.iter().any(|name| tokens[kind].is_word(name));
        let has = |twist: Twist| self.twists.contains(&twist);
        let is_decimal = is_one_of(&["dec", "decimal"]);
        let wholes = ["bigint", "int", "integer", "signed", "smallint"];
        let is_number =
            is_decimal || is_one_of(&wholes) || is_one_of(&["double", "numeric", "real", "unsigned"]);
        let of_kind = operands.kind_of_all(&of);
        if has(Twist::NumbersForTypes) {
            let strings = ["char", "character", "nchar", "text", "varchar"];
            if !is_one_of(&strings)
                && !is_one_of(&["blob", "date"])
                && (!is_number || is_one_of(&["unsigned"]))
            {
                return Some(Twist::NumbersForTypes);
            }
            if of_kind.is_number() && is_one_of(&["date"]) {
                return Some(Twist::NumbersAsDays);
            }
            let column = operands.column(&of).map(|column| &column.attribute);
            if is_number && column.is_some_and(|attribute| members(attribute).is_some()) {
                return Some(Twist::KindsApart);
            }
            if is_decimal && of_kind == Kind::Text {
                return Some(Twist::CutCasts);
            }
        }
        if is_number && of_kind == Kind::Moment && has(Twist::DaysAsNumbers) {
            return Some(Twist::DaysAsNumbers);
        }
        let one = operands.after(of.start).filter(|one| one.end == of.end);
        let is_whole = one.as_ref().and_then(|one| operands.call(one)).is_some_and(|(name, arguments)| {
            name == "round" && arguments.len() == 1 || ["ceil", "floor"].contains(&name.as_str())
        });
        let open = solid_from(tokens, kind + 1).filter(|&open| tokens[open].is("("));
        if is_decimal && open.is_none() && has(Twist::OpenDecimals) && of_kind != Kind::Whole && !is_whole {
            return Some(Twist::OpenDecimals);
        }
        if is_whole || of_kind != Kind::Fraction {
            return None;
        }
        // As many digits as it has are those that it keeps.
        let scale =
            open.and_then(|open| operands.standings[open].partner.map(|close| operands.parts(open, close)));
        let scale = scale.and_then(|parts| usize::try_from(self.operands.count_of(parts.get(1)?)?).ok());
        let keeps = is_decimal
            && one
                .and_then(|one| operands.digits(&one))
                .is_some_and(|digits| scale.is_some_and(|scale| digits <= scale));
        let is_cut = is_decimal || is_one_of(&wholes) || is_one_of(&["numeric", "unsigned"]);
        (!keeps && is_cut).then_some(Twist::CutCasts)
    }
}
