//! The values between the signs of an expression: where they stand, and as much of their types as their text tells.

use std::ops::Range;

use datajoint_definition::{AttributeType, CoreType, NativeCategory};
use datajoint_schema::Attribute;

use super::Query;
use super::brackets::{Standing, standings};
use super::functions::is_call;
use super::query::Column;
use super::reference::{in_subquery, reference};
use crate::Value;
use crate::dialect::Dialect;
use crate::kind::has_known_type;
use crate::token::{Token, solid_before, solid_from};

/// What a value is, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number.
    Whole,
    /// A number of a type that has digits behind its point.
    Fraction,
    /// A string.
    Text,
    /// A day, a time, or both.
    Moment,
    /// Nobody knows, or nothing of these.
    Unknown,
}

impl Kind {
    pub(super) const fn is_number(self) -> bool {
        matches!(self, Self::Whole | Self::Fraction)
    }

    /// Of what is reckoned from both.
    pub(super) const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Fraction, _) | (_, Self::Fraction) => Self::Fraction,
            (Self::Whole, Self::Whole) => Self::Whole,
            _ => Self::Unknown,
        }
    }

    /// Of what may be either.
    fn or(self, other: Self) -> Self {
        if self == other { self } else { Self::Unknown }
    }
}

/// Functions whose value has digits behind its point on every backend.
const FRACTIONS: [&str; 29] = [
    "acos",
    "asin",
    "atan",
    "atan2",
    "avg",
    "cbrt",
    "cos",
    "cot",
    "degrees",
    "exp",
    "julianday",
    "ln",
    "log",
    "log10",
    "log2",
    "pi",
    "pow",
    "power",
    "radians",
    "rand",
    "round",
    "sin",
    "sqrt",
    "std",
    "stddev",
    "stddev_pop",
    "stddev_samp",
    "tan",
    "total",
];

/// Functions whose value is a whole number.
const WHOLES: [&str; 15] = [
    "ascii",
    "bit_count",
    "char_length",
    "count",
    "day",
    "hour",
    "instr",
    "length",
    "minute",
    "month",
    "octet_length",
    "second",
    "sign",
    "timestampdiff",
    "year",
];

/// Functions whose value is of the type of their first argument.
const OF_FIRST: [&str; 5] = ["abs", "max", "min", "nullif", "sum"];

/// Functions that are null where an argument is, and never else.
const STRICT: [&str; 22] = [
    "abs",
    "ceil",
    "char_length",
    "concat",
    "day",
    "floor",
    "hour",
    "left",
    "length",
    "lower",
    "ltrim",
    "minute",
    "month",
    "replace",
    "right",
    "round",
    "rtrim",
    "second",
    "substr",
    "trim",
    "upper",
    "year",
];

/// An expression, and what is known of its names.
pub(super) struct Operands<'a> {
    pub(super) dialect: &'a dyn Dialect,
    pub(super) query: &'a Query,
    pub(super) tokens: &'a [Token],
    pub(super) standings: Vec<Standing>,
    /// Which pieces stand in a query of their own.
    within: Vec<bool>,
}

impl<'a> Operands<'a> {
    pub(super) fn of(dialect: &'a dyn Dialect, query: &'a Query, tokens: &'a [Token]) -> Self {
        Self { dialect, query, tokens, standings: standings(tokens), within: in_subquery(tokens) }
    }

    /// Where the value stands that ends before a place.
    pub(super) fn before(&self, end: usize) -> Option<Range<usize>> {
        let last = solid_before(self.tokens, end)?;
        let mut start = self.start_of(last)?;
        while let Some(sign) = solid_before(self.tokens, start)
            .filter(|&sign| self.tokens[sign].is(".") || self.tokens[sign].is("::"))
        {
            start = self.start_of(solid_before(self.tokens, sign)?)?;
        }
        Some(start..last + 1)
    }

    fn start_of(&self, last: usize) -> Option<usize> {
        if !self.tokens[last].is(")") {
            return Some(last);
        }
        let open = self.standings[last].partner?;
        Some(solid_before(self.tokens, open).filter(|&name| self.is_call(name)).unwrap_or(open))
    }

    /// Where the value stands that begins at a place, without the signs before it.
    pub(super) fn after(&self, start: usize) -> Option<Range<usize>> {
        let mut first = solid_from(self.tokens, start)?;
        while ["-", "+", "~"].iter().any(|sign| self.tokens[first].is(sign)) {
            first = solid_from(self.tokens, first + 1)?;
        }
        let mut end = self.end_of(first)?;
        while let Some(cast) = solid_from(self.tokens, end).filter(|&cast| self.tokens[cast].is("::")) {
            end = self.end_of(solid_from(self.tokens, cast + 1)?)?;
        }
        Some(first..end)
    }

    fn end_of(&self, first: usize) -> Option<usize> {
        let closed = |open: usize| self.standings[open].partner.filter(|&close| close > open);
        if self.tokens[first].is("(") {
            return closed(first).map(|close| close + 1);
        }
        let end = reference(self.tokens, first).map_or(first + 1, |reference| reference.at.end);
        match solid_from(self.tokens, end).filter(|&open| self.tokens[open].is("(")) {
            Some(open) if self.is_call(end - 1) => closed(open).map(|close| close + 1),
            _ => Some(end),
        }
    }

    fn is_call(&self, place: usize) -> bool {
        is_call(self.dialect, self.tokens, place)
    }

    /// The sign or word behind a range.
    pub(super) fn next(&self, at: &Range<usize>) -> Option<usize> {
        solid_from(self.tokens, at.end)
    }

    /// The column that a range names, and nothing else.
    pub(super) fn column(&self, at: &Range<usize>) -> Option<&'a Column> {
        let first = solid_from(self.tokens, at.start).filter(|&first| !self.within[first])?;
        let found = reference(self.tokens, first).filter(|found| found.at.end == at.end)?;
        self.query.referred(self.dialect.backend(), &found)
    }

    /// The name and the arguments of the call that a range is.
    pub(super) fn call(&self, at: &Range<usize>) -> Option<(String, Vec<Range<usize>>)> {
        let close = solid_before(self.tokens, at.end)?;
        let open = self.standings[close].partner.filter(|&open| open > at.start)?;
        let name = solid_before(self.tokens, open).filter(|&name| self.is_call(name))?;
        Some((self.tokens[name].name()?.to_ascii_lowercase(), self.parts(open, close)))
    }

    /// What stands between brackets, cut at its commas.
    pub(super) fn parts(&self, open: usize, close: usize) -> Vec<Range<usize>> {
        let (mut place, mut start, mut parts) = (open + 1, open + 1, Vec::new());
        while place < close {
            if self.tokens[place].is(",") {
                parts.push(start..place);
                start = place + 1;
            }
            place = self.standings[place].partner.filter(|&close| close > place).unwrap_or(place) + 1;
        }
        parts.push(start..close);
        parts
    }

    /// What one value is.
    pub(super) fn kind(&self, at: &Range<usize>) -> Kind {
        if let Some(cast) = self.cast(at) {
            return self.kind_of_type(cast);
        }
        if let Some(column) = self.column(at) {
            return kind_of(&column.attribute);
        }
        if let Some((name, arguments)) = self.call(at) {
            return self.kind_of_call(&name, &arguments);
        }
        let Some(first) = solid_from(self.tokens, at.start) else { return Kind::Unknown };
        match &self.tokens[first] {
            Token::Literal(..) => Kind::Text,
            Token::Word(word) if word.starts_with(|first: char| first.is_ascii_digit() || first == '.') => {
                if word.contains(['.', 'e', 'E']) {
                    Kind::Fraction
                } else {
                    Kind::Whole
                }
            }
            Token::Placeholder(Some(value)) => match value {
                Value::Int(_) | Value::UInt(_) => Kind::Whole,
                Value::Text(_) => Kind::Text,
                Value::Float32(_) | Value::Float64(_) | Value::Decimal(_) | Value::BigDecimal(_) => {
                    Kind::Fraction
                }
                _ => Kind::Unknown,
            },
            bracket if bracket.is("(") && self.standings[first].partner == Some(at.end - 1) => {
                self.kind_of_all(&(first + 1..at.end - 1))
            }
            _ => Kind::Unknown,
        }
    }

    /// Where the type stands that a value is cast to, as in `x::int`.
    pub(super) fn cast(&self, at: &Range<usize>) -> Option<usize> {
        let is_cast = |&place: &usize| place < at.end && self.tokens[place].is("::");
        let (mut end, mut cast) = (self.end_of(at.start)?, None);
        while let Some(sign) = solid_from(self.tokens, end).filter(is_cast) {
            let name = solid_from(self.tokens, sign + 1)?;
            cast = Some(name);
            end = self.end_of(name)?;
        }
        cast
    }

    /// What a sum, product or quotient of values is.
    pub(super) fn kind_of_all(&self, at: &Range<usize>) -> Kind {
        let mut place = at.start;
        let mut all: Option<Kind> = None;
        loop {
            let Some(one) = self.after(place).filter(|one| one.end <= at.end) else { return Kind::Unknown };
            let kind = self.kind(&one);
            let sum = all.map_or(kind, |all| all.and(kind));
            match self.next(&one).filter(|&next| next < at.end) {
                None => return sum,
                Some(sign) if is_reckoning(&self.tokens[sign]) => place = sign + 1,
                Some(_) => return Kind::Unknown,
            }
            all = Some(sum);
        }
    }

    fn kind_of_call(&self, name: &str, arguments: &[Range<usize>]) -> Kind {
        let of = |at: &Range<usize>| self.kind_of_all(at);
        let any_of = |some: &[Range<usize>]| some.iter().map(of).reduce(Kind::or).unwrap_or(Kind::Unknown);
        match (name, arguments) {
            ("cast", [argument]) => {
                let kind = argument.clone().rev().find(|&place| self.tokens[place].is_word("as"));
                kind.and_then(|kind| solid_from(self.tokens, kind + 1))
                    .map_or(Kind::Unknown, |kind| self.kind_of_type(kind))
            }
            ("random", _) if self.dialect.backend().capability().has_storage_classes => Kind::Whole,
            ("random", _) => Kind::Fraction,
            (name, [first, ..]) if OF_FIRST.contains(&name) => of(first),
            ("coalesce" | "ifnull", all) => any_of(all),
            ("if" | "iif", [_, rest @ ..]) => any_of(rest),
            (name, _) if FRACTIONS.contains(&name) => Kind::Fraction,
            (name, _) if WHOLES.contains(&name) => Kind::Whole,
            _ => Kind::Unknown,
        }
    }

    /// What a cast to the type makes that is named at a place.
    fn kind_of_type(&self, place: usize) -> Kind {
        // A decimal number that is whole is an integer where there are no decimals.
        let has_decimals = !self.dialect.backend().capability().has_storage_classes;
        let is_one_of = |words: &[&str]| words.iter().any(|word| self.tokens[place].is_word(word));
        if is_one_of(&["double", "float", "float4", "float8", "real"])
            || (has_decimals && is_one_of(&["dec", "decimal", "numeric"]))
        {
            Kind::Fraction
        } else if is_one_of(&[
            "bigint", "int", "int2", "int4", "int8", "integer", "signed", "smallint", "unsigned",
        ]) {
            Kind::Whole
        } else {
            Kind::Unknown
        }
    }

    /// True unless what stands there is never null.
    pub(super) fn may_be_null(&self, at: &Range<usize>) -> bool {
        let mut place = at.start;
        loop {
            let Some(one) = self.after(place).filter(|one| one.end <= at.end) else { return true };
            if self.one_may_be_null(&one) {
                return true;
            }
            match self.next(&one).filter(|&next| next < at.end) {
                None => return false,
                Some(sign) if ["+", "-", "*", "||"].iter().any(|known| self.tokens[sign].is(known)) => {
                    place = sign + 1;
                }
                Some(_) => return true,
            }
        }
    }

    fn one_may_be_null(&self, at: &Range<usize>) -> bool {
        if let Some(column) = self.column(at) {
            return column.attribute.nullable || self.query.has_optional_source();
        }
        if let Some((name, arguments)) = self.call(at) {
            let mut each = arguments.iter().map(|argument| self.may_be_null(argument));
            return match name.as_str() {
                "coalesce" | "ifnull" => each.all(|null| null),
                "count" | "curdate" | "now" => false,
                name if STRICT.contains(&name) => each.any(|null| null),
                _ => true,
            };
        }
        let Some(first) = solid_from(self.tokens, at.start) else { return true };
        match &self.tokens[first] {
            Token::Literal(..) | Token::Bytes(..) => false,
            Token::Placeholder(value) => matches!(value, None | Some(Value::Null)),
            Token::Word(word) => {
                let is_number = word.starts_with(|first: char| first.is_ascii_digit() || first == '.');
                let is_truth = ["true", "false"].iter().any(|truth| word.eq_ignore_ascii_case(truth));
                !is_number && !is_truth
            }
            bracket if bracket.is("(") && self.standings[first].partner == Some(at.end - 1) => {
                self.may_be_null(&(first + 1..at.end - 1))
            }
            _ => true,
        }
    }
}

/// True for `+`, `-`, `*`, `/` and `%`.
pub(super) fn is_reckoning(token: &Token) -> bool {
    ["+", "-", "*", "/", "%"].iter().any(|sign| token.is(sign))
}

/// What values of an attribute are.
fn kind_of(attribute: &Attribute) -> Kind {
    use NativeCategory::{Float, Integer, Numeric, String, Temporal, Text};

    match &attribute.attribute_type {
        AttributeType::Core(core) => match core {
            CoreType::Int8 | CoreType::Int16 | CoreType::Int32 | CoreType::Int64 => Kind::Whole,
            CoreType::Float32 | CoreType::Float64 | CoreType::Decimal { .. } => Kind::Fraction,
            CoreType::Char(_) | CoreType::Varchar(_) | CoreType::Enum(_) => Kind::Text,
            CoreType::Date | CoreType::DateTime { .. } => Kind::Moment,
            _ => Kind::Unknown,
        },
        AttributeType::Native(native) if has_known_type(attribute) => match native.category {
            Integer => Kind::Whole,
            Float | Numeric => Kind::Fraction,
            String | Text => Kind::Text,
            Temporal => Kind::Moment,
            NativeCategory::Blob => Kind::Unknown,
        },
        AttributeType::Native(_) | AttributeType::Codec(_) => Kind::Unknown,
    }
}
