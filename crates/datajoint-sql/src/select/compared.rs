//! Comparisons of an attribute with a value in SQL that users write.
//!
//! Each means what the same comparison of [`Condition::Compare`](crate::Condition::Compare) means: a string is read as a
//! value of the attribute's type, enums come as they are declared, and a pattern is matched letter for letter. What is no
//! such comparison is for the server to say.

use std::collections::HashSet;
use std::ops::Range;

use datajoint_definition::{AttributeType, CoreType};
use uuid::Uuid;

use super::apart::becomes_string;
use super::brackets::{Standing, standings};
use super::computed_type::alone;
use super::functions::is_call;
use super::literals::literals;
use super::patterns::patterns;
use super::position::begins_operand;
use super::query::{Column, Query};
use super::reference::{in_subquery, reference};
use super::{Lower, condition};
use crate::backends::dialect;
use crate::bind::{fault, show};
use crate::dialect::Dialect;
use crate::fragment::Fragment;
use crate::kind::members;
use crate::token::{Token, fragment_of, of_fragment, solid_before, solid_from};
use crate::{Error, Result, Value};

/// The signs between two things that are compared, and whether order counts.
const SIGNS: [(&str, bool); 9] = [
    ("=", false),
    ("==", false),
    ("<>", false),
    ("!=", false),
    ("<=>", false),
    ("<", true),
    ("<=", true),
    (">", true),
    (">=", true),
];

/// What may stand before the first thing of a comparison, and after its last.
const BEFORE: [&str; 8] = ["and", "or", "xor", "not", "when", "then", "else", "case"];
const AFTER: [&str; 7] = ["and", "or", "xor", "when", "then", "else", "end"];

impl Lower {
    /// The pieces with each value as its comparison takes it.
    pub(super) fn compared(
        &self,
        query: &Query,
        text: &str,
        tokens: &[Token],
        is_computed: bool,
    ) -> Result<Vec<Token>> {
        let mut reading = Reading {
            lower: self,
            standings: standings(tokens),
            query,
            tokens,
            within: in_subquery(tokens),
            edits: Vec::new(),
            placed: vec![false; tokens.len()],
            compared: HashSet::new(),
            patterns: HashSet::new(),
        };
        for place in 0..tokens.len() {
            if !reading.within[place] {
                reading.comparison(place)?;
            }
        }
        reading.check_uuids(text)?;
        reading.make_strings(is_computed);
        let dialect = dialect(self.backend);
        reading.end_patterns(dialect.after_pattern());
        let known = reading.edits.iter().map(|(at, _)| at.start).collect();
        let literals = literals(dialect, tokens, &reading.standings, &reading.placed, &known);
        let mut edits = reading.edits;
        edits.extend(literals);
        edits.sort_by_key(|(at, _)| (at.start, at.end));
        let mut written = Vec::with_capacity(tokens.len());
        let mut place = 0;
        for (at, fragment) in edits {
            written.extend(tokens[place..at.start].iter().cloned());
            written.extend(of_fragment(fragment));
            place = at.end;
        }
        written.extend(tokens[place..].iter().cloned());
        Ok(written)
    }
}

/// An expression as it is looked through.
struct Reading<'a> {
    lower: &'a Lower,
    query: &'a Query,
    tokens: &'a [Token],
    standings: Vec<Standing>,
    /// Which pieces stand in a query of their own.
    within: Vec<bool>,
    /// What is to stand where.
    edits: Vec<(Range<usize>, Fragment)>,
    /// Which pieces are values whose place is known.
    placed: Vec<bool>,
    /// Where the columns stand that are compared with a value.
    compared: HashSet<usize>,
    /// Where each `LIKE` stands that is written with its pattern.
    patterns: HashSet<usize>,
}

/// One of the things that are compared.
#[derive(Debug, Clone)]
enum Item<'a> {
    Column(&'a Column, Range<usize>),
    Value(Value, usize),
    Other,
}

impl Item<'_> {
    fn into_value(self) -> Option<(Value, usize)> {
        match self {
            Self::Value(value, of) => Some((value, of)),
            Self::Column(..) | Self::Other => None,
        }
    }
}

impl<'a> Reading<'a> {
    /// A comparison whose sign or word stands at a place.
    fn comparison(&mut self, place: usize) -> Result<()> {
        let tokens = self.tokens;
        let token = &tokens[place];
        if let Some((_, is_ordered)) = SIGNS.iter().find(|(sign, _)| token.is(sign)) {
            let (Some(left), Some(right)) = (self.before(place), self.after(place + 1)) else {
                return Ok(());
            };
            for (left, right) in left.into_iter().zip(right) {
                match (left, right) {
                    (Item::Column(column, at), Item::Value(value, of))
                    | (Item::Value(value, of), Item::Column(column, at)) => {
                        self.compare(column, at, *is_ordered, vec![(value, of)])?;
                    }
                    _ => {}
                }
            }
            return Ok(());
        }
        let is_negated = |this: &Self| {
            solid_before(this.tokens, place).filter(|&before| this.tokens[before].is_word("not"))
        };
        if token.is_word("in") {
            let start = is_negated(self).unwrap_or(place);
            self.widen_numbers(start, place + 1);
            let (Some(left), Some(rows)) = (self.before(start), self.rows(place + 1)) else { return Ok(()) };
            for row in rows {
                for (left, right) in left.iter().zip(row) {
                    if let (Item::Column(column, at), Item::Value(value, of)) = (left, right) {
                        self.compare(column, at.clone(), false, vec![(value, of)])?;
                    }
                }
            }
        } else if token.is_word("between") {
            let start = is_negated(self).unwrap_or(place);
            let Some(bounds) = self.bounds(place + 1) else { return Ok(()) };
            if let Some([Item::Column(column, at)]) = self.before(start).as_deref() {
                let values: Vec<(Value, usize)> = bounds.into_iter().filter_map(Item::into_value).collect();
                self.compare(column, at.clone(), values.len() == 2, values)?;
            }
        } else if token.is_word("like") {
            let negated = is_negated(self);
            let left = self.before(negated.unwrap_or(place));
            let right = self.after(place + 1);
            if let (Some([Item::Column(column, at)]), Some([Item::Value(pattern, of)])) =
                (left.as_deref(), right.as_deref())
            {
                // The brackets around both go with them.
                let last = solid_before(self.tokens, negated.unwrap_or(place))
                    .filter(|&last| self.tokens[last].is(")"));
                let start = last.and_then(|last| self.standings[last].partner).unwrap_or(at.start);
                let end =
                    solid_from(self.tokens, place + 1).and_then(|open| self.closing(open)).unwrap_or(*of) + 1;
                if self.like(column, &(start..end), at, negated.is_some(), (pattern, *of))? {
                    self.patterns.insert(place);
                }
            }
        }
        Ok(())
    }

    /// Values compared with a column that stands at a place.
    fn compare(
        &mut self,
        column: &Column,
        at: Range<usize>,
        is_ordered: bool,
        values: Vec<(Value, usize)>,
    ) -> Result<()> {
        let backend = self.lower.backend;
        // A list compares it once for each of its values.
        let is_new = self.compared.insert(at.start);
        for (_, of) in &values {
            self.placed[*of] = !is_computed(column);
        }
        if let [(value, _), ..] = &values[..] {
            condition::check_comparable(column, value)?;
        }
        if has_no_order(column) {
            return Ok(());
        }
        let of_column = || fragment_of(&self.tokens[at.clone()]);
        let rank = if is_ordered { dialect(backend).rank(&column.attribute, of_column()) } else { None };
        let is_placed = is_ordered && rank.is_some() && members(&column.attribute).is_some();
        for (value, of) in values {
            let operand = if rank.is_some() {
                self.lower.ranked_operand(column, &value)?
            } else {
                self.lower.operand(column, &value)?
            };
            // A string is what its place wants there. A number is of its own type: 0.1 is no 32-bit float.
            if backend.capability().reads_strings_by_place && !is_placed && matches!(value, Value::Text(_)) {
                continue;
            }
            let mut as_it_is = Fragment::default();
            as_it_is.push_value(value);
            if operand != as_it_is {
                self.edits.push((of..of + 1, operand));
            }
        }
        let as_compared = || {
            let compared = dialect(backend).compared(&column.attribute, of_column());
            (compared != of_column() && is_new).then_some(compared)
        };
        self.edits.extend(rank.or_else(as_compared).map(|sql| (at.clone(), sql)));
        Ok(())
    }

    /// A pattern that a column, which stands at a place, is compared with; what is said of both stands in `whole`. Returns true
    /// where that is written anew.
    fn like(
        &mut self,
        column: &Column,
        whole: &Range<usize>,
        at: &Range<usize>,
        is_negated: bool,
        (pattern, of): (&Value, usize),
    ) -> Result<bool> {
        self.placed[of] = true;
        self.compared.insert(at.start);
        if has_no_order(column) || !matches!(pattern, Value::Text(_)) {
            return Ok(false);
        }
        condition::check_pattern(self.lower.backend, column, pattern)?;
        let mut bound = Fragment::default();
        bound.push_value(pattern.clone());
        let of_column = fragment_of(&self.tokens[at.clone()]);
        let like = dialect(self.lower.backend).like(&column.attribute, of_column, bound);
        let mut sql = Fragment::text(if is_negated { "NOT " } else { "" });
        sql.append(like.parenthesised());
        self.edits.push((whole.clone(), sql));
        Ok(true)
    }

    /// Writes behind the other patterns what makes a backslash in them mean what it means everywhere.
    fn end_patterns(&mut self, escape: &str) {
        if escape.is_empty() {
            return;
        }
        for (place, end) in patterns(self.tokens, &self.standings) {
            if !self.patterns.contains(&place) {
                self.edits.push((end..end, Fragment::text(escape)));
            }
        }
    }

    /// Sees to it that in a call, in `CASE` and in what is computed a string has nothing that the server fills it up with, and
    /// that an enum is a string. A column that is compared stays as it is, so that its index serves, and so does one by which
    /// rows are ordered.
    fn make_strings(&mut self, is_computed: bool) {
        let tokens = self.tokens;
        let dialect = dialect(self.lower.backend);
        if alone(tokens).is_some() {
            return;
        }
        let mut cases = 0_usize;
        for place in 0..tokens.len() {
            if tokens[place].is_word("case") && begins_operand(tokens, place) {
                cases += 1;
            } else if tokens[place].is_word("end") {
                cases = cases.saturating_sub(1);
            }
            if self.within[place] || self.compared.contains(&place) {
                continue;
            }
            let Some(found) = reference(tokens, place) else { continue };
            let Some(column) = self.query.referred(self.lower.backend, &found) else { continue };
            let is_enum = members(&column.attribute).is_some();
            let function = called_around(dialect, tokens, &self.standings, place);
            if becomes_string(dialect, tokens, function, &found.at)
                && let Some(said) = dialect.as_said(&column.attribute, fragment_of(found.pieces))
            {
                self.edits.push((found.at, said));
                continue;
            }
            let Some(string) = dialect.plain_string(&column.attribute, fragment_of(found.pieces)) else {
                continue;
            };
            // The type of what is computed by the rows around it is not known, so that its blanks would stay.
            if !is_enum && function.is_some_and(|place| self.is_over(place)) {
                let ranked = dialect.rank(&column.attribute, string.clone());
                self.edits.push((found.at, ranked.unwrap_or(string)));
                continue;
            }
            // Those have the attribute's own order, and its type.
            let keeps = (is_enum && self.standings[place].by.is_some())
                || function.is_some_and(|place| {
                    ["count", "max", "min"].iter().any(|name| is_called(&tokens[place], name))
                });
            if !keeps && (is_computed || function.is_some() || (is_enum && cases > 0)) {
                self.edits.push((found.at, string));
            }
        }
    }

    /// True for a function that is computed by the rows around each.
    fn is_over(&self, function: usize) -> bool {
        let close = solid_from(self.tokens, function + 1).and_then(|open| self.standings[open].partner);
        let next = close.and_then(|close| solid_from(self.tokens, close + 1));
        next.is_some_and(|next| self.tokens[next].is_word("over"))
    }

    /// Fails for a string that looks like a UUID, where the database keeps bytes and no place says that they are meant: beside
    /// an attribute that is one or may be one, and in a query within, whose attributes nobody knows here.
    fn check_uuids(&self, text: &str) -> Result<()> {
        let backend = self.lower.backend;
        if backend.capability().has_uuid {
            return Ok(());
        }
        let unplaced = (0..self.tokens.len()).filter_map(|place| match value(&self.tokens[place]) {
            Some(Value::Text(said)) if !self.placed[place] && !self.is_cast(place) => {
                (said.len() >= 32 && Uuid::parse_str(&said).is_ok()).then_some((place, said))
            }
            _ => None,
        });
        let may_be_uuid = |column: &&Column| {
            is_computed(column) || column.attribute.attribute_type == AttributeType::Core(CoreType::Uuid)
        };
        let mut named = (0..self.tokens.len()).filter_map(|place| {
            let reference = reference(self.tokens, place)?;
            self.query.referred(backend, &reference).filter(may_be_uuid)
        });
        let column = named.next();
        for (place, said) in unplaced {
            let text = text.trim();
            let string = format!("cast(? as {})", dialect(backend).string_type());
            if self.within[place] {
                let advice = format!(
                    "`{said}` stands in a subquery, where the types of attributes are not known, and a UUID is bytes, which no \
                     string equals: bind a `Uuid`, or, where a string is meant, write `{string}`"
                );
                return Err(Error::Fragment { text: text.to_owned(), advice });
            }
            let Some(column) = column else { continue };
            let alone = if is_computed(column) {
                String::new()
            } else {
                format!(", compare `{} = ?` alone", column.attribute.name)
            };
            let advice = format!(
                "in `{text}` a UUID is bytes, as a string it equals none: give it as a `Uuid`{alone}, or, where a string is \
                 meant, write `{string}`"
            );
            let error = fault(&column.attribute, show(&Value::Text(said)), advice);
            return Err(column.table_name().map_or(error.clone(), |table| error.in_table(table)));
        }
        Ok(())
    }

    /// True for what stands in `cast(… as type)`.
    fn is_cast(&self, place: usize) -> bool {
        let tokens = self.tokens;
        let open = solid_before(tokens, place).filter(|&open| tokens[open].is("("));
        let cast = open.and_then(|open| solid_before(tokens, open));
        cast.is_some_and(|cast| tokens[cast].is_word("cast"))
            && solid_from(tokens, place + 1).is_some_and(|next| tokens[next].is_word("as"))
    }

    /// What stands in some pieces.
    fn item(&self, at: Range<usize>) -> Item<'a> {
        let Some(first) = solid_from(self.tokens, at.start).filter(|&first| first < at.end) else {
            return Item::Other;
        };
        // Brackets around it change nothing.
        let last = solid_before(self.tokens, at.end);
        if let Some(close) = self.closing(first).filter(|_| self.tokens[first].is("("))
            && last == Some(close)
        {
            return self.item(first + 1..close);
        }
        let is_all = |end: usize| solid_from(self.tokens, end).is_none_or(|next| next >= at.end);
        if let Some(value) = value(&self.tokens[first]).filter(|_| is_all(first + 1)) {
            return Item::Value(value, first);
        }
        match reference(self.tokens, first).filter(|reference| is_all(reference.at.end)) {
            Some(reference) => match self.query.referred(self.lower.backend, &reference) {
                Some(column) => Item::Column(column, reference.at),
                None => Item::Other,
            },
            None => Item::Other,
        }
    }

    /// What stands between brackets, cut at its commas.
    fn items(&self, open: usize, close: usize) -> Vec<Item<'a>> {
        self.parts(open, close).into_iter().map(|at| self.item(at)).collect()
    }

    fn parts(&self, open: usize, close: usize) -> Vec<Range<usize>> {
        let (mut place, mut start, mut parts) = (open + 1, open + 1, Vec::new());
        while place < close {
            if self.tokens[place].is(",") {
                parts.push(start..place);
                start = place + 1;
            }
            // What stands between brackets is passed over at once.
            place = self.closing(place).unwrap_or(place) + 1;
        }
        parts.push(start..close);
        parts
    }

    /// The thing, or the row of things, that ends before a place, where it is the whole left side.
    fn before(&self, end: usize) -> Option<Vec<Item<'a>>> {
        let last = solid_before(self.tokens, end)?;
        let (start, items) = if self.tokens[last].is(")") {
            let open = self.standings[last].partner?;
            (open, self.items(open, last))
        } else {
            let mut start = last;
            // The names before a point belong to it.
            while let Some(dot) = solid_before(self.tokens, start).filter(|&dot| self.tokens[dot].is(".")) {
                start = solid_before(self.tokens, dot)?;
            }
            (start, vec![self.item(start..end)])
        };
        let before = solid_before(self.tokens, start);
        let is_whole = before.is_none_or(|before| {
            let token = &self.tokens[before];
            token.is("(")
                || token.is(",")
                || (BEFORE.iter().any(|word| token.is_word(word)) && !self.standings[before].is_of_between)
        });
        is_whole.then_some(items)
    }

    /// The thing, or the row of things, that begins at a place, where it is the whole right side.
    fn after(&self, start: usize) -> Option<Vec<Item<'a>>> {
        let first = solid_from(self.tokens, start)?;
        let (end, items) = if self.tokens[first].is("(") {
            let close = self.closing(first)?;
            (close + 1, self.items(first, close))
        } else {
            let end = reference(self.tokens, first).map_or(first + 1, |reference| reference.at.end);
            (end, vec![self.item(first..end)])
        };
        self.is_end(end).then_some(items)
    }

    /// True where an expression ends before a place.
    fn is_end(&self, place: usize) -> bool {
        solid_from(self.tokens, place).is_none_or(|next| {
            let token = &self.tokens[next];
            token.is(")") || token.is(",") || AFTER.iter().any(|word| token.is_word(word))
        })
    }

    /// The rows of a list that begins at a place.
    fn rows(&self, start: usize) -> Option<Vec<Vec<Item<'a>>>> {
        let open = solid_from(self.tokens, start).filter(|&open| self.tokens[open].is("("))?;
        let close = self.closing(open)?;
        let row = |at: Range<usize>| {
            let first = solid_from(self.tokens, at.start).filter(|&first| first < at.end);
            match first.filter(|&first| self.tokens[first].is("(")) {
                Some(first) => self.closing(first).map(|close| self.items(first, close)).unwrap_or_default(),
                None => vec![self.item(at)],
            }
        };
        Some(self.parts(open, close).into_iter().map(row).collect())
    }

    /// Both bounds of a `BETWEEN`, which begin at a place.
    fn bounds(&self, start: usize) -> Option<[Item<'a>; 2]> {
        let end = |first: usize| self.closing(first).unwrap_or(first) + 1;
        let low = solid_from(self.tokens, start)?;
        let and = solid_from(self.tokens, end(low)).filter(|&and| self.tokens[and].is_word("and"))?;
        let high = solid_from(self.tokens, and + 1)?;
        self.is_end(end(high)).then(|| [self.item(low..end(low)), self.item(high..end(high))])
    }

    /// Sees to it that narrow floats before a place are compared with the numbers of a list as with each of them alone.
    fn widen_numbers(&mut self, end: usize, list: usize) {
        let tokens = self.tokens;
        let Some(wide) = dialect(self.lower.backend).wide_float() else { return };
        let Some(open) = solid_from(tokens, list).filter(|&open| tokens[open].is("(")) else { return };
        let Some(close) = self.closing(open) else { return };
        let around = self.standings[open].open;
        let begins = |place: &usize| {
            self.standings[*place].open == around && BEFORE.iter().any(|word| tokens[*place].is_word(word))
        };
        let start = (around.map_or(0, |open| open + 1)..end).rev().find(begins).unwrap_or_default();
        let is_narrow = (start..end).any(|place| {
            let found = reference(tokens, place);
            let column = found.and_then(|found| self.query.referred(self.lower.backend, &found));
            column.is_some_and(|column| {
                column.attribute.attribute_type == AttributeType::Core(CoreType::Float32)
            })
        });
        if !is_narrow {
            return;
        }
        for (place, token) in tokens.iter().enumerate().take(close).skip(open + 1) {
            let Token::Word(word) = token else { continue };
            let is_number = word.starts_with(|first: char| first.is_ascii_digit() || first == '.');
            let is_own = self.standings[place].open == Some(open) && !self.within[place];
            if is_number && is_own && (word.contains(['.', 'e', 'E']) || self.is_item(place)) {
                self.edits.push((place..place + 1, Fragment::text(format!("{word}::{wide}"))));
            }
        }
    }

    /// True for a number that is, perhaps with a sign, one of a list.
    fn is_item(&self, place: usize) -> bool {
        let tokens = self.tokens;
        let is_sign = |at: &usize| tokens[*at].is("-") || tokens[*at].is("+");
        let before = solid_before(tokens, place);
        let before = match before.filter(is_sign) {
            Some(sign) => solid_before(tokens, sign),
            None => before,
        };
        let after = solid_from(tokens, place + 1);
        before.is_some_and(|before| tokens[before].is("(") || tokens[before].is(","))
            && after.is_some_and(|after| tokens[after].is(")") || tokens[after].is(","))
    }

    /// The bracket that closes the one at a place.
    fn closing(&self, open: usize) -> Option<usize> {
        self.standings[open].partner.filter(|&close| close > open)
    }
}

/// The function in whose call a piece stands.
fn called_around(
    dialect: &dyn Dialect,
    tokens: &[Token],
    standings: &[Standing],
    place: usize,
) -> Option<usize> {
    let mut open = standings[place].open;
    while let Some(bracket) = open {
        let before = solid_before(tokens, bracket).filter(|&before| is_call(dialect, tokens, before));
        if before.is_some() {
            return before;
        }
        open = standings[bracket].open;
    }
    None
}

fn is_called(token: &Token, name: &str) -> bool {
    token.name().is_some_and(|called| called.eq_ignore_ascii_case(name))
}

/// True for a column whose values are compared as the server does it: documents, and bytes of any kind.
fn has_no_order(column: &Column) -> bool {
    match &column.attribute.attribute_type {
        AttributeType::Core(core) => matches!(core, CoreType::Json | CoreType::Bytes),
        AttributeType::Codec(_) => true,
        AttributeType::Native(_) => is_computed(column),
    }
}

/// True for a value that an expression gives, whose type nobody knows here.
fn is_computed(column: &Column) -> bool {
    matches!(column.attribute.attribute_type, AttributeType::Native(_)) && column.table.is_none()
}

/// The value that is bound or written as a string, but null.
fn value(token: &Token) -> Option<Value> {
    match token {
        Token::Placeholder(Some(value)) if *value != Value::Null => Some(value.clone()),
        Token::Literal(said, _) => Some(Value::Text(said.clone())),
        Token::Bytes(bytes, _) => Some(Value::Bytes(bytes.clone())),
        _ => None,
    }
}
