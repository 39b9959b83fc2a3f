//! Long rows of `AND` and `OR` in SQL that users write.
//!
//! A server that counts how deep an expression is takes a row for that: `a AND b AND c` is `(a AND b) AND c`. Such a row is
//! put into groups, so that it is as deep as a few of them, however long it is.

use std::ops::Range;

use datajoint_definition::Backend;

use super::brackets::{Standing, standings};
use super::reading::is_clause;
use crate::fragment::longest_row;
use crate::token::{Token, solid_before, solid_from};

/// Words after which a row is more than conditions and what stands between them.
const OTHER: [&str; 6] = ["as", "by", "case", "distinct", "partition", "separator"];

/// Returns the pieces with brackets around groups of what stands in a long row, where the backend counts how deep it is.
pub(super) fn grouped(backend: Backend, tokens: Vec<Token>) -> Vec<Token> {
    let is_between_conditions = |token: &&Token| token.is_word("and") || token.is_word("or");
    match longest_row(backend) {
        Some(most) if tokens.iter().filter(is_between_conditions).count() >= most => {
            let standings = standings(&tokens);
            Groups { tokens: &tokens, most, open: vec![0; tokens.len()], close: vec![0; tokens.len()] }
                .written(&standings)
        }
        _ => tokens,
    }
}

/// The brackets that are to be written.
struct Groups<'a> {
    tokens: &'a [Token],
    /// How many stand in a row at most.
    most: usize,
    /// How many open before a piece, and how many close after it.
    open: Vec<usize>,
    close: Vec<usize>,
}

/// What stands between two brackets or commas.
#[derive(Default)]
struct Row {
    start: usize,
    ors: Vec<usize>,
    ands: Vec<usize>,
    /// True when it is more than a row of conditions.
    is_other: bool,
}

impl Groups<'_> {
    fn written(mut self, standings: &[Standing]) -> Vec<Token> {
        let mut rows = vec![Row::default()];
        let mut before = None;
        for (place, token) in self.tokens.iter().enumerate().filter(|(_, token)| !token.is_blank()) {
            let Some(row) = rows.last_mut() else { break };
            match token {
                Token::Word(_) if token.is_word("or") => row.ors.push(place),
                Token::Word(_) if token.is_word("and") && !standings[place].is_of_between => {
                    row.ands.push(place);
                }
                Token::Word(word) => {
                    // `IS DISTINCT FROM` compares.
                    let is_compared = token.is_word("distinct")
                        && before.is_some_and(|token: &Token| token.is_word("is") || token.is_word("not"));
                    let is_other = OTHER.iter().any(|other| token.is_word(other)) && !is_compared;
                    row.is_other |= is_other || is_clause(word, before);
                }
                token if token.is("(") => rows.push(Row { start: place + 1, ..Row::default() }),
                token if token.is(")") || token.is(",") => {
                    if let Some(row) = rows.pop() {
                        self.group_row(&row, place);
                    }
                    if token.is(",") {
                        rows.push(Row { start: place + 1, ..Row::default() });
                    }
                }
                _ => {}
            }
            before = Some(token);
        }
        for row in rows {
            self.group_row(&row, self.tokens.len());
        }
        let mut written = Vec::with_capacity(self.tokens.len());
        let sign = |sign: &str, count: usize| std::iter::repeat_n(Token::Other(sign.to_owned()), count);
        for (place, token) in self.tokens.iter().enumerate() {
            written.extend(sign("(", self.open[place]));
            written.push(token.clone());
            written.extend(sign(")", self.close[place]));
        }
        written
    }

    fn group_row(&mut self, row: &Row, end: usize) {
        if row.is_other {
            return;
        }
        let alternatives = cut(row.start..end, &row.ors);
        let mut ands = &row.ands[..];
        for alternative in &alternatives {
            let (within, after) = ands.split_at(ands.partition_point(|&and| and < alternative.end));
            ands = after;
            self.group(cut(alternative.clone(), within));
        }
        self.group(alternatives);
    }

    fn group(&mut self, mut row: Vec<Range<usize>>) {
        while row.len() > self.most {
            row = row.chunks(self.most).filter_map(|group| self.bracketed(group)).collect();
        }
    }

    /// What reaches from the first to the last of a group, with brackets around it.
    fn bracketed(&mut self, group: &[Range<usize>]) -> Option<Range<usize>> {
        let whole = group.first()?.start..group.last()?.end;
        if group.len() > 1 {
            self.open[solid_from(self.tokens, whole.start)?] += 1;
            self.close[solid_before(self.tokens, whole.end)?] += 1;
        }
        Some(whole)
    }
}

/// The parts between the pieces at some places.
fn cut(whole: Range<usize>, at: &[usize]) -> Vec<Range<usize>> {
    let starts = std::iter::once(whole.start).chain(at.iter().map(|place| place + 1));
    let ends = at.iter().copied().chain([whole.end]);
    starts.zip(ends).map(|(start, end)| start..end).collect()
}
