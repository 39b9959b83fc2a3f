//! Sums and products of decimals where the server has none: rounded to the digits that they have, so that 0.1 and 0.2 are 0.3.

use std::ops::Range;

use super::Query;
use super::operand::{Operands, is_reckoning};
use super::reference::reference;
use crate::Value;
use crate::dialect::Dialect;
use crate::token::{Token, solid_before, solid_from};

/// The digits behind the point that a float still keeps.
const MOST: usize = 15;

/// What makes a half of the float that lies next below it, and nothing of another number of so many digits.
const A_LITTLE_MORE: &str = "1.0000000000000004";

/// Functions that give no float for what is none.
const OF_EXACT: [&str; 10] = ["abs", "avg", "case", "coalesce", "count", "if", "ifnull", "max", "min", "sum"];

/// Words of `CASE` and of conditions.
const OF_CASES: [&str; 14] = [
    "and", "between", "distinct", "else", "end", "false", "in", "is", "not", "null", "or", "then", "true",
    "when",
];

/// Words behind which a sum may begin.
const BEFORE: [&str; 17] = [
    "all", "and", "between", "by", "case", "distinct", "else", "having", "in", "not", "on", "or", "select",
    "then", "when", "where", "xor",
];

/// Signs that take a part of a sum before it is one, or give something else than a number of known digits.
const OTHERS: [&str; 11] = ["/", "%", "||", "&", "|", "<<", ">>", "~", "[", ".", "->"];

/// The pieces with each sum and product of exact numbers rounded, where decimals are floats.
pub(super) fn exact(dialect: &dyn Dialect, query: &Query, tokens: Vec<Token>) -> Vec<Token> {
    let has_reckoning = tokens.iter().any(|token| ["+", "-", "*"].iter().any(|sign| token.is(sign)));
    let rounds = tokens.iter().any(|token| token.is_word("round"));
    if !dialect.backend().capability().has_storage_classes || !(has_reckoning || rounds) {
        return tokens;
    }
    let operands = Operands::of(dialect, query, &tokens);
    let rounded = operands.rounded();
    let sums: Vec<(Range<usize>, usize)> = (0..tokens.len())
        .filter(|&place| begins_sum(&tokens, place))
        .filter_map(|place| {
            let (end, digits) =
                operands.sum_from(place, tokens.len()).filter(|sum| sum.is_many)?.into_parts();
            (1..=MOST).contains(&digits).then_some((place..end, digits))
        })
        .collect();
    if sums.is_empty() && rounded.is_empty() {
        return tokens;
    }
    let mut before = vec![0_usize; tokens.len()];
    let mut after = vec![Vec::new(); tokens.len()];
    for (at, digits) in sums {
        before[at.start] += 1;
        after[at.end - 1].push(digits);
    }
    let mut written = Vec::with_capacity(tokens.len());
    let mut behind = vec![false; tokens.len()];
    let mut beginning = vec![false; tokens.len()];
    for at in rounded {
        beginning[at.start] = true;
        behind[at.end - 1] = true;
    }
    for (place, token) in tokens.into_iter().enumerate() {
        if beginning[place] {
            written.push(Token::Other("(".to_owned()));
        }
        for _ in 0..before[place] {
            written.extend([Token::Word("round".to_owned()), Token::Other("(".to_owned())]);
        }
        written.push(token);
        for digits in after[place].iter().rev() {
            written.extend([Token::Other(",".to_owned()), Token::Other(" ".to_owned())]);
            written.extend([Token::Word(digits.to_string()), Token::Other(")".to_owned())]);
        }
        if behind[place] {
            written.extend([Token::Other(")".to_owned()), Token::Other(" * ".to_owned())]);
            written.push(Token::Word(A_LITTLE_MORE.to_owned()));
        }
    }
    written
}

/// True where an expression begins that is no part of a sum around it.
fn begins_sum(tokens: &[Token], place: usize) -> bool {
    if tokens[place].is_blank() {
        return false;
    }
    solid_before(tokens, place).is_none_or(|before| {
        let before = &tokens[before];
        ["(", ",", "=", "==", "<>", "!=", "<", "<=", ">", ">="].iter().any(|sign| before.is(sign))
            || BEFORE.iter().any(|word| before.is_word(word))
    })
}

/// A sum or product of exact numbers.
struct Sum {
    end: usize,
    /// How many digits it has behind its point.
    digits: usize,
    /// True for more than one number.
    is_many: bool,
}

impl Sum {
    fn into_parts(self) -> (usize, usize) {
        (self.end, self.digits)
    }
}

impl Operands<'_> {
    /// Where what is rounded stands that has a fraction, and no float in it: a half that is written in decimal lies a little
    /// below or above the nearest float.
    fn rounded(&self) -> Vec<Range<usize>> {
        let calls = (0..self.tokens.len()).filter(|&place| self.tokens[place].is_word("round"));
        let arguments = calls.filter_map(|place| {
            let (_, arguments) = self.call(&self.after(place)?)?;
            let first = arguments.into_iter().next()?;
            let start = solid_from(self.tokens, first.start)?;
            Some(start..solid_before(self.tokens, first.end)? + 1)
        });
        arguments.filter(|at| !at.is_empty() && self.has_fractions_alone(at)).collect()
    }

    fn has_fractions_alone(&self, at: &Range<usize>) -> bool {
        let mut has_fraction = false;
        let mut place = at.start;
        while place < at.end {
            let end = reference(self.tokens, place).map_or(place + 1, |found| found.at.end);
            let is_fine = match &self.tokens[place] {
                Token::Word(word)
                    if word.starts_with(|first: char| first.is_ascii_digit() || first == '.') =>
                {
                    has_fraction |= word.contains('.');
                    !word.contains(['e', 'E'])
                }
                Token::Placeholder(Some(Value::Int(_))) => true,
                Token::Placeholder(Some(Value::Decimal(_) | Value::BigDecimal(_))) => {
                    has_fraction = true;
                    true
                }
                Token::Word(_) | Token::Name(..) => match self.column(&(place..end)) {
                    Some(column) => {
                        let digits = super::apart::digits(&column.attribute);
                        has_fraction |= digits.is_some_and(|digits| digits > 0);
                        digits.is_some()
                    }
                    None => OF_EXACT.iter().chain(&OF_CASES).any(|word| self.tokens[place].is_word(word)),
                },
                Token::Literal(..) | Token::Bytes(..) | Token::Placeholder(_) => false,
                Token::Other(sign) => {
                    has_fraction |= sign == "/";
                    true
                }
            };
            if !is_fine {
                return false;
            }
            place = end;
        }
        has_fraction
    }

    /// The whole sum that begins at a place and ends before another one; `None` where it is more than that, or not exact.
    fn sum_from(&self, start: usize, end: usize) -> Option<Sum> {
        let (mut place, mut most, mut product, mut is_many) = (start, 0, 0, false);
        loop {
            let at = self.after(place).filter(|at| at.end <= end)?;
            if self.tokens[place..at.start].iter().any(|sign| sign.is("~")) {
                return None;
            }
            product += self.digits(&at)?;
            let Some(sign) = self.next(&at).filter(|&next| next < end) else {
                return Some(Sum { end: at.end, digits: most.max(product), is_many });
            };
            let token = &self.tokens[sign];
            if OTHERS.iter().any(|other| token.is(other)) {
                return None;
            }
            if !is_reckoning(token) {
                return Some(Sum { end: at.end, digits: most.max(product), is_many });
            }
            if !token.is("*") {
                most = most.max(product);
                product = 0;
            }
            (place, is_many) = (sign + 1, true);
        }
    }

    /// How many digits an exact number has behind its point.
    pub(super) fn digits(&self, at: &Range<usize>) -> Option<usize> {
        if self.cast(at).is_some() {
            return None;
        }
        if let Some(column) = self.column(at) {
            return super::apart::digits(&column.attribute);
        }
        let first = solid_from(self.tokens, at.start)?;
        match &self.tokens[first] {
            Token::Word(word) if word.bytes().all(|digit| digit.is_ascii_digit() || digit == b'.') => {
                Some(word.split_once('.').map_or(0, |(_, digits)| digits.len()))
            }
            // A float or string that is bound makes a float of the sum elsewhere, too.
            Token::Placeholder(Some(
                value @ (Value::Int(_) | Value::UInt(_) | Value::Decimal(_) | Value::BigDecimal(_)),
            )) => {
                let number = crate::decimal_number(value)?;
                usize::try_from(number.fractional_digit_count().max(0)).ok()
            }
            bracket if bracket.is("(") && self.standings[first].partner == Some(at.end - 1) => {
                let sum = self.sum_from(first + 1, at.end - 1)?;
                let is_all = solid_from(self.tokens, sum.end) == Some(at.end - 1);
                is_all.then_some(sum.digits)
            }
            _ => None,
        }
    }
}
