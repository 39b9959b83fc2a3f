//! Numbers as a server takes them that has truths of their own, and rounds decimals alone to digits.

use std::ops::Range;

use super::kinds::Kinds;
use super::typed::truths_that_count;
use crate::Value;
use crate::dialect::Dialect;
use crate::kind::is_whole;
use crate::select::Query;
use crate::select::functions::is_call;
use crate::select::operand::Operands;
use crate::select::reference::reference;
use crate::token::{Token, solid_before, solid_from};

/// Functions that give no float for what is none, nor for whole numbers.
const OF_EXACT: [&str; 22] = [
    "abs",
    "avg",
    "cast",
    "char_length",
    "coalesce",
    "count",
    "day",
    "greatest",
    "hour",
    "if",
    "ifnull",
    "least",
    "length",
    "max",
    "min",
    "minute",
    "month",
    "nullif",
    "octet_length",
    "round",
    "sum",
    "year",
];

/// So many digits are rounded to, at most; a float has fewer.
const MOST_DIGITS: i64 = 300;

/// The pieces with truths as numbers where they count, and floats rounded, where the server does neither.
pub(in crate::select) fn with_numbers(
    dialect: &dyn Dialect,
    query: &Query,
    tokens: Vec<Token>,
) -> Vec<Token> {
    if dialect.has_plain_numbers() {
        return tokens;
    }
    let tokens = {
        let operands = Operands::of(dialect, query, &tokens);
        let mut edits = Edits::of(&tokens);
        for at in truths_that_count(&operands) {
            edits.around(&tokens, &at, "(", ")::integer");
        }
        edits.written(tokens.clone())
    };
    if !tokens.iter().any(|token| token.is_word("round")) {
        return tokens;
    }
    let operands = Operands::of(dialect, query, &tokens);
    let mut edits = Edits::of(&tokens);
    for place in (0..tokens.len()).filter(|&place| tokens[place].is_word("round")) {
        operands.round(place, &mut edits);
    }
    edits.written(tokens.clone())
}

/// What is written before and behind pieces, and which are left out.
struct Edits {
    before: Vec<Vec<&'static str>>,
    behind: Vec<Vec<String>>,
    is_out: Vec<bool>,
}

impl Edits {
    fn of(tokens: &[Token]) -> Self {
        let count = tokens.len();
        Self { before: vec![Vec::new(); count], behind: vec![Vec::new(); count], is_out: vec![false; count] }
    }

    fn around(&mut self, tokens: &[Token], at: &Range<usize>, before: &'static str, behind: &str) {
        let first = solid_from(tokens, at.start).filter(|&first| first < at.end);
        let last = solid_before(tokens, at.end);
        if let (Some(first), Some(last)) = (first, last) {
            self.before[first].push(before);
            self.behind[last].push(behind.to_owned());
        }
    }

    fn written(self, tokens: Vec<Token>) -> Vec<Token> {
        let mut written = Vec::with_capacity(tokens.len());
        for (place, token) in tokens.into_iter().enumerate() {
            written.extend(self.before[place].iter().flat_map(|text| pieces(text)));
            if !self.is_out[place] {
                written.push(token);
            }
            // What was put around last stands outermost before it, and behind it, too.
            written.extend(self.behind[place].iter().flat_map(|text| pieces(text)));
        }
        written
    }
}

/// A text of words, numbers and signs in its pieces.
fn pieces(text: &str) -> Vec<Token> {
    let is_of_word = |letter: char| letter.is_ascii_alphanumeric();
    let mut pieces: Vec<Token> = Vec::new();
    for letter in text.chars() {
        match pieces.last_mut() {
            Some(Token::Word(word)) if is_of_word(letter) => word.push(letter),
            Some(Token::Other(sign)) if sign == ":" && letter == ':' => sign.push(letter),
            _ if is_of_word(letter) => pieces.push(Token::Word(letter.to_string())),
            _ => pieces.push(Token::Other(letter.to_string())),
        }
    }
    pieces
}

/// What makes a float of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// Nothing does.
    Exact,
    /// Its mean of whole numbers is one, for all that is known exactly.
    Mean,
    Float,
}

impl Operands<'_> {
    /// Writes the `round(x, 2)` at a place so that a float may be rounded: as a whole number of the last digit, whose sign of
    /// multiplication leaves a float a float and a decimal a decimal.
    fn round(&self, place: usize, edits: &mut Edits) {
        let Some((_, arguments)) = self.after(place).and_then(|at| self.call(&at)) else { return };
        let [of, digits] = &arguments[..] else { return };
        let Some(number) = self.count_of(digits).filter(|number| number.abs() <= MOST_DIGITS) else { return };
        match self.source(of) {
            Source::Exact => {}
            Source::Mean => edits.around(self.tokens, of, "(", ")::numeric"),
            Source::Float => {
                let (sign, back) = if number < 0 { ('/', '*') } else { ('*', '/') };
                let power = number.abs();
                edits.before[place].push("(");
                let first = solid_from(self.tokens, of.start).unwrap_or(of.start);
                edits.before[first].insert(0, "(");
                edits.is_out[of.end..digits.end].fill(true);
                edits.behind[digits.end].push(format!(" {back} 1e{power})"));
                edits.behind[of.end].insert(0, format!(") {sign} 1e{power}"));
            }
        }
    }

    /// What makes a float of something in an expression.
    fn source(&self, at: &Range<usize>) -> Source {
        let tokens = self.tokens;
        let (mut place, mut most) = (at.start, Source::Exact);
        while place < at.end {
            let token = &tokens[place];
            let mut end = place + 1;
            let source = if is_call(self.dialect, tokens, place) {
                let name = token.name().unwrap_or_default().to_ascii_lowercase();
                let is_of_exact = OF_EXACT.contains(&name.as_str());
                if !is_of_exact {
                    Source::Float
                } else if name == "avg" && self.is_mean_of_whole(place) {
                    Source::Mean
                } else {
                    Source::Exact
                }
            } else if ["double", "float", "float4", "float8", "real"].iter().any(|word| token.is_word(word))
                && self.column(&(place..end)).is_none()
            {
                Source::Float
            } else if let Some(found) = reference(tokens, place) {
                end = found.at.end;
                match self.column(&found.at).map(|column| Kinds::of_attribute(&column.attribute)) {
                    Some(kind) if kind.meets(Kinds::FLOAT.or(Kinds::UNKNOWN)) => Source::Float,
                    None if self
                        .query
                        .attributes()
                        .any(|known| known.name.eq_ignore_ascii_case(found.name())) =>
                    {
                        Source::Float
                    }
                    Some(_) | None => Source::Exact,
                }
            } else {
                Source::Exact
            };
            most = most.max(source);
            place = end;
        }
        most
    }

    /// True for the mean of an attribute that is written as a float.
    fn is_mean_of_whole(&self, place: usize) -> bool {
        let call = self.after(place).and_then(|at| self.call(&at));
        call.is_some_and(|(_, arguments)| {
            arguments.first().is_some_and(|of| {
                let mut names = (of.start..of.end).filter_map(|at| reference(self.tokens, at));
                names.any(|name| self.column(&name.at).is_some_and(|column| is_whole(&column.attribute)))
            })
        })
    }

    /// The whole number that is written or bound there alone.
    pub(super) fn count_of(&self, at: &Range<usize>) -> Option<i64> {
        let mut tokens = self.tokens[at.clone()].iter().filter(|token| !token.is_blank());
        let first = tokens.next()?;
        let (sign, number) = if first.is("-") { (-1, tokens.next()?) } else { (1, first) };
        let number = match number {
            Token::Word(digits) => digits.parse().ok(),
            Token::Placeholder(Some(Value::Int(number))) => Some(*number),
            _ => None,
        };
        number.filter(|_| tokens.next().is_none()).and_then(|number: i64| number.checked_mul(sign))
    }
}
