//! The kind of every value of an expression, read as signs group it, and whether each takes what it is given with one meaning.

use std::ops::Range;

use super::checks::{COMPARED, OF_NO_NUMBER};
use super::kinds::Kinds;
use crate::dialect::Twist;
use crate::select::functions::is_call;
use crate::select::operand::Operands;
use crate::select::reference::reference;
use crate::token::{Token, solid_before, solid_from};

/// So deep may values stand within each other that are looked at.
const DEEPEST: usize = 450;

/// A function or sign that is given what it doesn't take.
pub(super) struct Misuse {
    pub(super) place: usize,
    pub(super) advice: String,
}

/// Returns the first misuse in an expression.
pub(super) fn misuse(operands: &Operands<'_>, twists: &[Twist]) -> Option<Misuse> {
    read(operands, twists).found
}

/// Returns where truths stand that are to count as numbers: beside those, and where a function or sign takes one.
pub(super) fn truths_that_count(operands: &Operands<'_>) -> Vec<Range<usize>> {
    read(operands, &[]).counted
}

fn read<'r, 'a>(operands: &'r Operands<'a>, twists: &'r [Twist]) -> Reader<'r, 'a> {
    let end = operands.tokens.len();
    let mut reader = Reader { operands, twists, place: 0, end, depth: 0, found: None, counted: Vec::new() };
    while reader.peek().is_some() {
        let before = reader.place;
        reader.value(0);
        if reader.place == before {
            reader.place += 1;
        }
    }
    reader
}

/// Said of members of an enum that are told once each, where they are kept as strings.
pub(super) const MEMBERS_IN_ORDER: &str = "members of an enum that are distinct come as strings do here, and as they are declared elsewhere: write \
     `cast(x as char)` for both, or order them in your program";

pub(super) struct Reader<'r, 'a> {
    pub(super) operands: &'r Operands<'a>,
    pub(super) twists: &'r [Twist],
    pub(super) place: usize,
    /// Where what is read ends.
    pub(super) end: usize,
    depth: usize,
    pub(super) found: Option<Misuse>,
    counted: Vec<Range<usize>>,
}

/// What a value may be, and where it stands.
pub(super) type Read = (Kinds, Range<usize>);

/// How a sign or word between two values binds, and what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Joins,
    Compares,
    /// `LIKE` and its kin.
    Matches,
    Bits,
    Reckons,
    Links,
    Other,
}

impl Reader<'_, '_> {
    pub(super) fn peek(&self) -> Option<usize> {
        solid_from(self.operands.tokens, self.place).filter(|&place| place < self.end)
    }

    pub(super) fn is_word(&self, place: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.operands.tokens[place].is_word(word))
    }

    pub(super) fn is_sign(&self, place: usize, signs: &[&str]) -> bool {
        signs.iter().any(|sign| self.operands.tokens[place].is(sign))
    }

    /// Passes over a word that comes next.
    pub(super) fn takes(&mut self, word: &str) -> bool {
        let next = self.peek().filter(|&next| self.operands.tokens[next].is_word(word));
        self.place = next.map_or(self.place, |next| next + 1);
        next.is_some()
    }

    fn passed(&mut self, to: usize) -> Kinds {
        self.place = to;
        Kinds::UNKNOWN
    }

    /// A value whose signs bind as strong or stronger.
    pub(super) fn value(&mut self, least: u8) -> Kinds {
        if self.depth > DEEPEST {
            return self.passed(self.end);
        }
        self.depth += 1;
        let start = self.place;
        let mut left = self.first();
        while let Some((sign, at, strength)) = self.sign().filter(|(.., strength)| *strength >= least) {
            left = self.behind(sign, at, strength, (left, start..self.place));
        }
        self.depth -= 1;
        left
    }

    /// The sign or word that stands next, with a `NOT` before it, and how strong it binds.
    fn sign(&self) -> Option<(Sign, usize, u8)> {
        let next = self.peek()?;
        let at = if self.is_word(next, &["not"]) {
            solid_from(self.operands.tokens, next + 1).filter(|&at| at < self.end)?
        } else {
            next
        };
        if self.is_word(at, &["or"]) {
            return Some((Sign::Joins, at, 1));
        } else if self.is_word(at, &["xor"]) {
            return Some((Sign::Joins, at, 2));
        } else if self.is_word(at, &["and"]) {
            return Some((Sign::Joins, at, 3));
        } else if self.is_word(at, &["is", "in", "between"])
            || self.is_sign(at, &["=", "==", "<>", "!=", "<=>", "<", "<=", ">", ">="])
        {
            return Some((Sign::Compares, at, 5));
        } else if self.is_word(at, &["like", "ilike", "glob", "regexp", "rlike", "match", "similar"]) {
            return Some((Sign::Matches, at, 5));
        }
        let strengths: [(&[&str], Sign, u8); 6] = [
            (&["|", "&", "<<", ">>", "#"], Sign::Bits, 7),
            (&["+", "-"], Sign::Reckons, 9),
            (&["*", "/", "%"], Sign::Reckons, 10),
            (&["^"], Sign::Bits, 11),
            (&["||"], Sign::Links, 12),
            (
                &["->", "->>", "#>", "#>>", "@>", "<@", "?", "?|", "?&", "@?", "@@", "~", "~*", "!~", "!~*"],
                Sign::Other,
                6,
            ),
        ];
        if let Some((_, sign, strength)) = strengths.into_iter().find(|(signs, ..)| self.is_sign(at, signs)) {
            return Some((sign, at, strength));
        }
        self.is_word(at, &["div", "mod"]).then_some((Sign::Reckons, at, 10))
    }

    /// What a sign makes of the value before it and what comes behind it.
    fn behind(&mut self, sign: Sign, at: usize, strength: u8, (left, stands): Read) -> Kinds {
        self.place = at + 1;
        match sign {
            Sign::Joins => {
                let right = self.value(strength + 1);
                for side in [left, right] {
                    self.check_condition(at, side);
                }
                Kinds::VERDICT
            }
            Sign::Compares => {
                self.compared(at, (left, stands));
                Kinds::VERDICT
            }
            Sign::Matches => {
                self.takes("to");
                let right = self.value(6);
                if self.takes("escape") {
                    self.value(6);
                }
                for side in [left, right] {
                    self.check(at, side, Kinds::SAID);
                }
                Kinds::VERDICT
            }
            Sign::Bits => {
                let right = self.value(strength + 1);
                self.count((left, stands));
                self.count((right, at + 1..self.place));
                for side in [left, right] {
                    self.check_with(at, side, Kinds::WHOLE.or(Kinds::TRUTHS), Kinds::ALL);
                }
                Kinds::WHOLE
            }
            Sign::Reckons => {
                let right = self.value(strength + 1);
                let is_known = !left.or(right).meets(Kinds::UNKNOWN);
                let is_of_days = left.or(right).meets(Kinds::TIMES) || !is_known;
                if is_of_days && is_known && self.twists.contains(&Twist::DaysAsNumbers) {
                    self.note(at, || Twist::DaysAsNumbers.advice().to_owned());
                }
                if !is_of_days {
                    self.count((left, stands));
                    self.count((right, at + 1..self.place));
                    for side in [left, right] {
                        self.check_with(at, side, Kinds::COUNTED, OF_NO_NUMBER);
                    }
                }
                let of_both = left.or(right);
                if is_of_days {
                    Kinds::UNKNOWN
                } else if self.is_sign(at, &["/"]) {
                    Kinds::EXACT.or(Kinds::FLOAT)
                } else if of_both.is_in(Kinds::WHOLE.or(Kinds::TRUTHS)) {
                    Kinds::WHOLE
                } else {
                    of_both.without(Kinds::TRUTHS)
                }
            }
            Sign::Links => {
                let right = self.value(strength + 1);
                if self.twists.contains(&Twist::PipesAreOr) {
                    return Kinds::VERDICT;
                }
                for side in [left, right] {
                    self.check_said(at, side);
                }
                Kinds::TEXT
            }
            Sign::Other => {
                self.value(strength + 1);
                Kinds::UNKNOWN
            }
        }
    }

    /// What stands behind a comparison.
    fn compared(&mut self, at: usize, (left, stands): Read) {
        if self.is_word(at, &["is"]) {
            self.takes("not");
            if self.takes("distinct") {
                self.takes("from");
            }
            let right = self.value(6);
            self.check_compared(at, left, right);
        } else if self.is_word(at, &["in"]) {
            let rights = match self.brackets() {
                Some((open, close)) if !self.is_query(open) => self.list(open, close),
                _ => vec![self.value(6)],
            };
            self.count_beside(at, (left, stands), &rights);
            for right in &rights {
                self.check_compared(at, left, *right);
            }
            self.check_family(at, &COMPARED, &rights, Kinds::ALL);
        } else if self.is_word(at, &["between"]) {
            let low = self.value(6);
            self.takes("and");
            let high = self.value(6);
            self.count_beside(at, (left, stands), &[low, high]);
            self.check_compared(at, left, low);
            self.check_compared(at, left, high);
            self.check_family(at, &COMPARED, &[low, high], Kinds::ALL);
        } else {
            let right = self.value(6);
            let other = at + 1..self.place;
            self.count_beside(at, (left, stands), &[right]);
            self.count_beside(at, (right, other), &[left]);
            if left.meets(Kinds::MEMBER)
                && right.meets(Kinds::MEMBER)
                && self.is_sign(at, &["<", "<=", ">", ">="])
            {
                self.note(at, || {
                    "two members of enums come as they are declared on some servers, and as strings on others: compare with a \
                     member as it is written, or `cast(x as char)` both"
                        .to_owned()
                });
            }
            self.check_compared(at, left, right);
        }
    }

    /// Notes a truth that is to be a number.
    pub(super) fn count(&mut self, (kind, stands): Read) {
        // What stands behind a point is a part of something else.
        let first = solid_from(self.operands.tokens, stands.start).unwrap_or(stands.start);
        let is_part = solid_before(self.operands.tokens, first)
            .is_some_and(|before| self.operands.tokens[before].is("."));
        if kind != Kinds::NULL && kind.is_in(Kinds::TRUTHS) && !is_part {
            self.counted.push(stands);
        }
    }

    /// Notes a truth beside numbers; what is bound beside an attribute is read as one of that.
    fn count_beside(&mut self, at: usize, one: Read, others: &[Kinds]) {
        let is_of_numbers = |kind: &Kinds| kind.is_in(Kinds::COUNTED) && kind.meets(Kinds::NUMBERS);
        if others.iter().any(is_of_numbers) && !self.is_beside_attribute(at) {
            self.count(one);
        }
    }

    /// Notes the truths among values one of which is chosen, where others of them are numbers.
    pub(super) fn count_alike(&mut self, all: &[Read]) {
        let of_all = all.iter().fold(Kinds::NULL, |of_all, (kind, _)| of_all.or(*kind));
        if of_all.is_in(Kinds::COUNTED) && of_all.meets(Kinds::NUMBERS) {
            for one in all {
                self.count(one.clone());
            }
        }
    }

    /// The brackets that come next.
    pub(super) fn brackets(&self) -> Option<(usize, usize)> {
        let open = self.peek().filter(|&open| self.is_sign(open, &["("]))?;
        let close =
            self.operands.standings[open].partner.filter(|&close| close > open && close < self.end)?;
        Some((open, close))
    }

    fn is_query(&self, open: usize) -> bool {
        let first = solid_from(self.operands.tokens, open + 1);
        first.is_some_and(|first| self.is_word(first, &["select", "with", "values", "table"]))
    }

    /// Values between brackets, cut at commas; afterwards the place is behind them.
    fn list(&mut self, open: usize, close: usize) -> Vec<Kinds> {
        let end = std::mem::replace(&mut self.end, close);
        self.place = open + 1;
        let mut kinds = Vec::new();
        while self.peek().is_some() {
            let kind = self.value(0);
            let whole = self.peek().is_none_or(|next| self.is_sign(next, &[","]));
            kinds.push(if whole { kind } else { Kinds::UNKNOWN });
            self.behind_comma();
        }
        self.end = end;
        self.place = close + 1;
        kinds
    }

    /// Goes behind the next comma of these brackets, or to their end; what stands before it is looked at, too.
    fn behind_comma(&mut self) {
        while let Some(next) = self.peek() {
            self.place = next + 1;
            if self.is_sign(next, &[","]) {
                return;
            }
            if !self.is_sign(next, &[")"]) {
                self.value(0);
            }
        }
    }

    /// A value without signs between it and another one.
    fn first(&mut self) -> Kinds {
        let Some(at) = self.peek() else { return Kinds::UNKNOWN };
        let tokens = self.operands.tokens;
        self.place = at + 1;
        let kind = match &tokens[at] {
            Token::Literal(said, _) => Kinds::of_string(said),
            Token::Bytes(..) => Kinds::BYTES,
            Token::Placeholder(value) => Kinds::of_value(value.as_ref()),
            Token::Other(sign) => match sign.as_str() {
                "-" | "+" => {
                    let of = self.value(12);
                    self.count((of, at + 1..self.place));
                    self.check_with(at, of, Kinds::COUNTED, OF_NO_NUMBER);
                    if of.is_in(Kinds::COUNTED) { of.counted() } else { Kinds::UNKNOWN }
                }
                "~" => {
                    let of = self.value(12);
                    self.count((of, at + 1..self.place));
                    self.check_with(at, of, Kinds::WHOLE.or(Kinds::TRUTHS), Kinds::ALL);
                    Kinds::WHOLE
                }
                "!" => {
                    let of = self.value(12);
                    self.check_condition(at, of);
                    Kinds::VERDICT
                }
                "(" => {
                    self.place = at;
                    match self.brackets() {
                        Some((open, close)) if self.is_query(open) => self.passed(close + 1),
                        Some((open, close)) => match self.list(open, close)[..] {
                            [one] => one,
                            _ => Kinds::UNKNOWN,
                        },
                        None => self.passed(at + 1),
                    }
                }
                _ => Kinds::UNKNOWN,
            },
            Token::Word(_) | Token::Name(..) => self.named(at),
        };
        self.after(kind)
    }

    /// What a word or name begins.
    fn named(&mut self, at: usize) -> Kinds {
        let tokens = self.operands.tokens;
        if is_call(self.operands.dialect, tokens, at) {
            return self.call(at);
        }
        let end = reference(tokens, at).map_or(at + 1, |found| found.at.end);
        if let Some(column) = self.operands.column(&(at..end)) {
            self.place = end;
            return Kinds::of_attribute(&column.attribute);
        }
        let Token::Word(word) = &tokens[at] else { return self.passed(end) };
        if word.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
            let is_whole = !word.contains(['.', 'e', 'E']);
            let is_float = word.contains(['e', 'E']);
            return if is_whole {
                Kinds::WHOLE
            } else if is_float {
                Kinds::FLOAT
            } else {
                Kinds::EXACT
            };
        }
        let follows = |place: usize| solid_from(tokens, place).filter(|&next| next < self.end);
        match word.to_ascii_lowercase().as_str() {
            "null" => Kinds::NULL,
            "true" | "false" => Kinds::VERDICT,
            "not" => {
                let of = self.value(4);
                self.check_condition(at, of);
                Kinds::VERDICT
            }
            "case" => self.cases(at),
            "exists" | "any" | "all" | "some" => {
                if let Some((_, close)) = self.brackets() {
                    self.place = close + 1;
                }
                Kinds::UNKNOWN
            }
            "interval" => {
                self.value(12);
                // Its unit.
                if let Some(next) = self.peek().filter(|&next| matches!(tokens[next], Token::Word(_))) {
                    self.place = next + 1;
                }
                Kinds::UNKNOWN
            }
            "current_date" | "current_timestamp" | "localtimestamp" => Kinds::DAYS,
            "date" | "timestamp" | "time"
                if follows(at + 1).is_some_and(|next| matches!(tokens[next], Token::Literal(..))) =>
            {
                self.place = follows(at + 1).map_or(self.place, |next| next + 1);
                Kinds::of_type(word)
            }
            "distinct" | "binary" => self.value(12),
            _ => self.passed(end),
        }
    }

    /// A value, and where it stands.
    fn standing(&mut self) -> Read {
        let start = self.place;
        (self.value(0), start..self.place)
    }

    /// `CASE … END`.
    fn cases(&mut self, at: usize) -> Kinds {
        let mut of = None;
        if !self.peek().is_some_and(|next| self.is_word(next, &["when"])) {
            of = Some(self.value(0));
        }
        let mut values = Vec::new();
        loop {
            if self.takes("when") {
                let when = self.value(0);
                match of {
                    Some(of) => self.check_compared(at, of, when),
                    None => self.check_condition(at, when),
                }
                if self.takes("then") {
                    values.push(self.standing());
                }
            } else if self.takes("else") {
                values.push(self.standing());
            } else {
                break;
            }
        }
        if !self.takes("end") {
            return Kinds::UNKNOWN;
        }
        self.count_alike(&values);
        let values: Vec<Kinds> = values.into_iter().map(|(kind, _)| kind).collect();
        self.check_alike(at, &values, Kinds::OPAQUE);
        values.into_iter().fold(Kinds::NULL, Kinds::or).computed()
    }

    /// What stands behind a value and belongs to it.
    fn after(&mut self, kind: Kinds) -> Kinds {
        let tokens = self.operands.tokens;
        let mut kind = kind;
        while let Some(next) = self.peek() {
            if tokens[next].is("::") {
                let Some(name) = solid_from(tokens, next + 1).filter(|&name| name < self.end) else { break };
                self.place = name + 1;
                if let Some((_, close)) = self.brackets() {
                    self.place = close + 1;
                }
                kind = tokens[name].name().map_or(Kinds::UNKNOWN, Kinds::of_type);
            } else if self.is_word(next, &["collate"]) {
                self.place = solid_from(tokens, next + 1).map_or(self.end, |name| name + 1);
            } else if self.is_word(next, &["filter", "over"]) {
                self.place = next + 1;
                match self.brackets() {
                    Some((open, close)) => self.around(open, close),
                    None => break,
                }
                kind = kind.computed();
            } else if tokens[next].is("[") || tokens[next].is(".") || self.is_word(next, &["at", "within"]) {
                // Parts of arrays and rows, zones of time, groups.
                self.place = next + 1;
                kind = Kinds::UNKNOWN;
            } else {
                break;
            }
        }
        kind
    }

    /// Which rows a function is of, and in which order.
    fn around(&mut self, open: usize, close: usize) {
        let end = std::mem::replace(&mut self.end, close);
        self.place = open + 1;
        while let Some(next) = self.peek() {
            let before = self.place;
            if self.is_word(next, &["partition", "order", "by", "where", "asc", "desc"])
                || self.is_sign(next, &[","])
            {
                self.place = next + 1;
            } else {
                let kind = self.value(0);
                self.check(next, kind, Kinds::ALL.without(Kinds::DOCUMENT));
            }
            self.place = self.place.max(before + 1);
        }
        self.end = end;
        self.place = close + 1;
    }
}
