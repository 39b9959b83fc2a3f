//! SQL that users write means the same on every backend, or is refused where a server would make something else of it
//! without a word. What a server refuses itself is for it to say.

mod called;
mod calls;
mod checks;
mod counted;
mod kinds;
mod signatures;
mod typed;

pub(super) use counted::with_numbers;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;

use super::Query;
use super::apart::{Kin, kin};
use super::functions::{follows_operand, is_call};
use super::operand::{Kind, Operands, is_reckoning};
use super::position::begins_operand;
use crate::dialect::{Dialect, Twist};
use crate::kind::members;
use crate::token::{Token, solid_before};
use crate::{Error, Result};

/// Fails for the first piece that means something else on this backend.
pub(super) fn check(dialect: &dyn Dialect, query: &Query, tokens: &[Token], text: &str) -> Result<()> {
    let twists = dialect.twists();
    let reading =
        Reading { operands: Operands::of(dialect, query, tokens), twists, products: RefCell::default() };
    let twisted = (0..tokens.len()).find_map(|place| Some((place, reading.twist(place)?)));
    let twisted = twisted.or_else(|| reading.row_of_comparisons());
    let found = match twisted {
        Some((place, twist)) => Some((place, twist.advice().to_owned())),
        None => typed::misuse(&reading.operands, twists).map(|misuse| (misuse.place, misuse.advice)),
    };
    let Some((place, advice)) = found else { return Ok(()) };
    Err(Error::OtherMeaning {
        text: text.trim().to_owned(),
        piece: tokens[place].name().unwrap_or(tokens[place].text()).to_owned(),
        backend: dialect.backend(),
        advice,
    })
}

/// The signs for bits that have one rank on some servers and several on others.
const BITS: [&str; 5] = ["&", "|", "<<", ">>", "#"];

/// The signs between two things that are compared.
const COMPARISONS: [&str; 9] = ["=", "==", "<>", "!=", "<=>", "<", "<=", ">", ">="];

/// The words between two things that are compared.
const WORDS_BETWEEN: [&str; 7] = ["between", "glob", "in", "is", "like", "match", "regexp"];

/// Words that begin another expression.
const BEGINNINGS: [&str; 22] = [
    "and",
    "as",
    "by",
    "else",
    "except",
    "from",
    "group",
    "having",
    "intersect",
    "join",
    "limit",
    "on",
    "or",
    "order",
    "select",
    "separator",
    "set",
    "then",
    "union",
    "when",
    "where",
    "xor",
];

struct Reading<'a> {
    operands: Operands<'a>,
    twists: &'static [Twist],
    /// What the products are that end before the places of signs.
    products: RefCell<HashMap<usize, Kind>>,
}

impl Reading<'_> {
    /// What the backend makes of the piece at a place that the others don't.
    fn twist(&self, place: usize) -> Option<Twist> {
        let tokens = self.operands.tokens;
        let has = |twist: Twist| self.twists.contains(&twist);
        let found = match &tokens[place] {
            Token::Other(sign) => self.twist_of_sign(sign, place),
            Token::Word(word) if word.starts_with(|first: char| first.is_ascii_digit() || first == '.') => {
                (!is_exact(word)).then_some(Twist::FloatsForNumbers)
            }
            Token::Word(word) if word.eq_ignore_ascii_case("in") || word.eq_ignore_ascii_case("between") => {
                self.are_apart(place).then_some(Twist::KindsApart)
            }
            Token::Word(word)
                if ["regexp", "rlike"].iter().any(|known| word.eq_ignore_ascii_case(known))
                    && has(Twist::NoPatterns)
                    && !begins_operand(tokens, place) =>
            {
                Some(Twist::NoPatterns)
            }
            Token::Word(_) | Token::Name(..) if is_call(self.operands.dialect, tokens, place) => {
                self.twist_of_call(place)
            }
            _ => None,
        };
        found.filter(|twist| self.twists.contains(twist))
    }

    fn twist_of_sign(&self, sign: &str, place: usize) -> Option<Twist> {
        let is_between = || follows_operand(self.operands.tokens, place);
        let has = |twist: Twist| self.twists.contains(&twist);
        match sign {
            "||" if has(Twist::PipesAreOr) => Some(Twist::PipesAreOr),
            "||" => self.stands_beside_reckoning(place).then_some(Twist::PipesFirst),
            "^" => Some(Twist::CaretRaises),
            "~" => self.stands_before_reckoning(place).then_some(Twist::TildeLast),
            "+" | "-" | "*" | "/" | "%"
                if has(Twist::DaysAsNumbers) && is_between() && self.is_of_moment(place) =>
            {
                Some(Twist::DaysAsNumbers)
            }
            "+" | "-" | "*" | "/" | "%" if has(Twist::KindsApart) && self.is_of_members(place) => {
                Some(Twist::KindsApart)
            }
            "/" => self.is_of_wholes(place).then_some(Twist::CutQuotients),
            "%" => (!self.is_certainly_whole(place)).then_some(Twist::CutRemainders),
            sign if BITS.contains(&sign) => self.meets_other_bits(place).then_some(Twist::BitsInTurn),
            sign if COMPARISONS.contains(&sign) => self.are_apart(place).then_some(Twist::KindsApart),
            _ => None,
        }
    }

    /// What the product is that ends before a place. A quotient there is no whole number, since it would have been refused.
    fn product_before(&self, place: usize) -> Kind {
        let operands = &self.operands;
        let mut products = self.products.borrow_mut();
        // What ends before each sign, from the last factor to the first, as far as it is not known.
        let (mut end, mut factors) = (place, Vec::new());
        let mut product = loop {
            if let Some(known) = products.get(&end) {
                break Some(*known);
            }
            let Some(at) = operands.before(end) else { break Some(Kind::Unknown) };
            factors.push((end, operands.kind(&at)));
            match solid_before(operands.tokens, at.start).map(|sign| (sign, &operands.tokens[sign])) {
                Some((_, sign)) if sign.is("/") => break Some(Kind::Fraction),
                Some((sign, token)) if token.is("*") || token.is("%") => end = sign,
                _ => break None,
            }
        };
        for (end, factor) in factors.into_iter().rev() {
            let of_all = product.map_or(factor, |before| before.and(factor));
            let of_all = if of_all.is_number() { of_all } else { Kind::Unknown };
            products.insert(end, of_all);
            product = Some(of_all);
        }
        product.unwrap_or(Kind::Unknown)
    }

    /// True for a quotient of what may be whole numbers.
    fn is_of_wholes(&self, place: usize) -> bool {
        self.twists.contains(&Twist::CutQuotients) && {
            let after = self.operands.after(place + 1).map_or(Kind::Unknown, |at| self.operands.kind(&at));
            after != Kind::Fraction && self.product_before(place) != Kind::Fraction
        }
    }

    fn is_certainly_whole(&self, place: usize) -> bool {
        let after = self.operands.after(place + 1).map_or(Kind::Unknown, |at| self.operands.kind(&at));
        after == Kind::Whole && self.product_before(place) == Kind::Whole
    }

    /// True where a day or time is added to or taken from, but for an `interval`.
    fn is_of_moment(&self, place: usize) -> bool {
        let operands = &self.operands;
        let is_moment =
            |at: &Range<usize>| operands.column(at).is_some() && operands.kind(at) == Kind::Moment;
        let is_interval =
            |place: Option<usize>| place.is_some_and(|at| operands.tokens[at].is_word("interval"));
        let (before, after) = (operands.before(place), operands.after(place + 1));
        let follows_interval = before.as_ref().is_some_and(|unit| {
            let number = solid_before(operands.tokens, unit.start);
            is_interval(number.and_then(|number| solid_before(operands.tokens, number)))
        });
        if is_interval(after.as_ref().map(|at| at.start)) || follows_interval {
            return false;
        }
        [before, after].iter().flatten().any(is_moment)
    }

    /// True where an enum is reckoned with, whose members are numbers elsewhere.
    fn is_of_members(&self, place: usize) -> bool {
        let operands = &self.operands;
        let is_enum = |at: &Range<usize>| {
            operands.column(at).is_some_and(|column| members(&column.attribute).is_some())
        };
        [operands.before(place), operands.after(place + 1)].iter().flatten().any(is_enum)
    }

    /// True where something is added or multiplied beside strings that are joined.
    fn stands_beside_reckoning(&self, place: usize) -> bool {
        let operands = &self.operands;
        let before = operands.before(place).and_then(|at| solid_before(operands.tokens, at.start));
        let after = operands.after(place + 1).and_then(|at| operands.next(&at));
        [before, after].into_iter().flatten().any(|sign| {
            let token = &operands.tokens[sign];
            is_reckoning(token) || BITS.iter().any(|bits| token.is(bits))
        })
    }

    /// True where something is added or multiplied behind what stands there.
    fn stands_before_reckoning(&self, place: usize) -> bool {
        let after = self.operands.after(place + 1).and_then(|at| self.operands.next(&at));
        after.is_some_and(|sign| is_reckoning(&self.operands.tokens[sign]))
    }

    /// True where another sign for bits follows without brackets.
    fn meets_other_bits(&self, place: usize) -> bool {
        let operands = &self.operands;
        let sign = &operands.tokens[place];
        let mut from = place + 1;
        loop {
            let Some(next) = operands.after(from).and_then(|at| operands.next(&at)) else { return false };
            let token = &operands.tokens[next];
            if BITS.iter().any(|bits| token.is(bits)) {
                return token != sign;
            }
            if !is_reckoning(token) {
                return false;
            }
            from = next + 1;
        }
    }

    /// True where an attribute is compared with what is of another kind. What is bound is compared as the attribute is.
    fn are_apart(&self, place: usize) -> bool {
        if !self.twists.contains(&Twist::KindsApart) {
            return false;
        }
        let operands = &self.operands;
        let tokens = operands.tokens;
        let not = solid_before(tokens, place).filter(|&not| tokens[not].is_word("not"));
        let Some(left) = operands.before(not.unwrap_or(place)) else { return false };
        let mut rights: Vec<Range<usize>> = operands.after(place + 1).into_iter().collect();
        if tokens[place].is_word("in")
            && let Some(list) = rights.pop()
        {
            rights = operands
                .parts(list.start, list.end - 1)
                .iter()
                .filter_map(|at| operands.after(at.start))
                .collect();
        } else if tokens[place].is_word("between")
            && let Some(and) = rights.first().and_then(|low| operands.next(low))
        {
            rights.extend(operands.after(and + 1));
        }
        let is_bound = |at: &Range<usize>| matches!(tokens[at.start], Token::Placeholder(_));
        let is_apart = |one: &Range<usize>, other: &Range<usize>| {
            let kin_of = |at: &Range<usize>| operands.column(at).and_then(|column| kin(&column.attribute));
            if let (Some(one), Some(other)) = (kin_of(one), kin_of(other)) {
                return one != other;
            }
            let is_uuid = kin_of(one) == Some(Kin::Uuid);
            operands.column(one).is_some()
                && !self.is_reckoned(one)
                && (is_uuid || matches!(operands.kind(one), Kind::Text | Kind::Moment))
                && (self.is_reckoned(other) || (operands.kind(other).is_number() && !is_bound(other)))
        };
        rights.iter().any(|right| is_apart(&left, right) || is_apart(right, &left))
    }

    /// True for a value that a sign makes a number of, or that is a part of a sum.
    fn is_reckoned(&self, at: &Range<usize>) -> bool {
        let operands = &self.operands;
        let is_sign = |place: Option<usize>| {
            place.is_some_and(|place| {
                let token = &operands.tokens[place];
                is_reckoning(token) || token.is("~") || BITS.iter().any(|bits| token.is(bits))
            })
        };
        is_sign(solid_before(operands.tokens, at.start)) || is_sign(operands.next(at))
    }

    /// The second of two comparisons in a row.
    fn row_of_comparisons(&self) -> Option<(usize, Twist)> {
        if !self.twists.contains(&Twist::OrderBeforeEquality) {
            return None;
        }
        let tokens = self.operands.tokens;
        // Whether a comparison stands before, for each bracket and `CASE` that is open.
        let mut compared = vec![false];
        for (place, token) in tokens.iter().enumerate() {
            let is_word_of = |words: &[&str]| words.iter().any(|word| token.is_word(word));
            let is_comparison = COMPARISONS.iter().any(|sign| token.is(sign))
                || (is_word_of(&WORDS_BETWEEN) && !begins_operand(tokens, place));
            if token.is("(") || token.is_word("case") {
                compared.push(false);
            } else if (token.is(")") || token.is_word("end")) && compared.len() > 1 {
                compared.pop();
            } else if let Some(before) = compared.last_mut() {
                if is_comparison {
                    // What is compared by `is` is all that stands before it, everywhere.
                    if std::mem::replace(before, true) && !token.is_word("is") {
                        return Some((place, Twist::OrderBeforeEquality));
                    }
                } else if token.is(",") || self.begins_another(place) {
                    *before = false;
                }
            }
        }
        None
    }

    /// True for a word behind which another expression begins.
    fn begins_another(&self, place: usize) -> bool {
        let tokens = self.operands.tokens;
        let token = &tokens[place];
        let is_of_distinct = || {
            solid_before(tokens, place).is_some_and(|before| tokens[before].is_word("distinct"))
                && token.is_word("from")
        };
        (BEGINNINGS.iter().any(|word| token.is_word(word))
            && !self.operands.standings[place].is_of_between
            && !is_of_distinct())
            || (token.is_word("not") && !follows_operand(tokens, place) && self.is_prefix(place))
    }

    /// True for a `NOT` before a whole condition.
    fn is_prefix(&self, place: usize) -> bool {
        let tokens = self.operands.tokens;
        solid_before(tokens, place).is_none_or(|before| {
            tokens[before].is("(")
                || tokens[before].is(",")
                || BEGINNINGS.iter().any(|word| tokens[before].is_word(word))
        })
    }
}

/// True for a number that a server without decimals keeps digit by digit.
fn is_exact(number: &str) -> bool {
    if !number.contains(['.', 'e', 'E']) {
        return number.parse::<i64>().is_ok();
    }
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_start_matches('0').trim_end_matches('0').len() <= 15
}
