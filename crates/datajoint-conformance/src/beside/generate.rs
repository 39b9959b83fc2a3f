//! Expressions by chance, each of what its places want, and now and then of something else.

use super::forms::{AGGREGATES, FORMS};
use crate::laws::Random;

/// The columns of each kind.
const COLUMNS: [(char, &[&str]); 11] = [
    ('i', &["n", "m", "big", "nat"]),
    ('d', &["p", "q"]),
    ('f', &["w", "v"]),
    ('s', &["s", "r", "c"]),
    ('e', &["e", "h"]),
    ('b', &["b", "o"]),
    ('D', &["d"]),
    ('M', &["a", "z"]),
    ('u', &["u"]),
    ('y', &["y", "k"]),
    ('j', &["j"]),
];

/// Values as they are written.
const LITERALS: [(char, &[&str]); 8] = [
    ('i', &["0", "1", "-2", "7"]),
    ('d', &["0.5", "2.25", "-1.10"]),
    ('f', &["1.5e0"]),
    ('s', &["'a'", "'abc'", "''", "'5'", "'é'"]),
    ('l', &["'a'", "'b'", "'-'", "'ab%'", "'2020-01-31'", "'2020-02-30'", "'41'", "''"]),
    ('k', &["0", "1", "2", "3"]),
    ('D', &["date('2020-01-02')"]),
    ('b', &["true", "false"]),
];

/// All kinds, and those that have an order.
const KINDS: [char; 11] = ['i', 'd', 'f', 's', 'e', 'b', 'D', 'M', 'u', 'y', 'j'];
const ORDERED: [char; 8] = ['i', 'd', 'f', 's', 'e', 'b', 'D', 'M'];

/// An expression.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) text: String,
    /// The form it is of; a column or a value as it is written has none.
    pub(super) form: Option<&'static str>,
    /// What its parts are.
    pub(super) kinds: String,
    pub(super) parts: Vec<Written>,
    pub(super) stands: Stands,
}

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// It is computed for each row.
    Row,
    /// It is computed for each group of rows.
    Group,
    /// Rows are restricted by it.
    Condition,
    /// Rows are ordered by it.
    Order,
}

impl Written {
    /// True where it or a part of it is of one of these kinds.
    pub(super) fn has(&self, kinds: &str) -> bool {
        self.kinds.contains(|kind| kinds.contains(kind)) || self.parts.iter().any(|part| part.has(kinds))
    }
}

/// How often a place has something else than what it wants, of a hundred.
const ASTRAY: usize = 12;

pub(super) struct Generator<'a> {
    pub(super) random: &'a mut Random,
}

impl Generator<'_> {
    /// The expression of this number: every form in its turn, in rounds.
    pub(super) fn numbered(&mut self, number: usize) -> Written {
        let number = number % (FORMS.len() + AGGREGATES.len());
        let depth = if self.random.chance(30) { 2 } else { 1 };
        match FORMS.get(number) {
            Some(form) => {
                let mut written = self.of_form(form, None, depth, Stands::Row);
                if form.0 == 'b' && self.random.chance(50) {
                    written.stands = Stands::Condition;
                } else if self.random.chance(10) {
                    written.stands = Stands::Order;
                }
                written
            }
            None => self.of_form(&AGGREGATES[number - FORMS.len()], None, depth, Stands::Group),
        }
    }

    fn one_of<T: Copy>(&mut self, from: &[T]) -> T {
        *self.random.pick(from).expect("there are some")
    }

    fn kind_of(&mut self, letter: char) -> char {
        match letter {
            'n' => self.one_of(&['i', 'd', 'f']),
            't' => self.one_of(&['D', 'M']),
            'x' | 'a' => self.one_of(&KINDS),
            'c' => self.one_of(&ORDERED),
            other => other,
        }
    }

    fn of_form(
        &mut self,
        (gives, form): &(char, &'static str),
        wanted: Option<char>,
        depth: usize,
        stands: Stands,
    ) -> Written {
        let shared = match (wanted, gives) {
            (Some(kind), 'x' | 'c') => kind,
            _ if form.contains("{c}") => self.kind_of('c'),
            _ => self.kind_of('x'),
        };
        let (mut text, mut kinds, mut parts) = (String::new(), String::new(), Vec::new());
        let mut rest = *form;
        let mut first: Option<String> = None;
        while let Some((before, after)) = rest.split_once('{') {
            text.push_str(before);
            let (letter, after) = after.split_once('}').expect("a place ends");
            let letter = letter.chars().next().expect("a place has a letter");
            rest = after;
            if letter == 'K' {
                text.push_str("id");
                continue;
            }
            // What is distinct is ordered by itself.
            if let Some(first) = first.as_ref().filter(|_| form.contains("order by {c}")) {
                text.push_str(first);
                continue;
            }
            let mut kind = if matches!(letter, 'x' | 'c') { shared } else { self.kind_of(letter) };
            if !matches!(letter, 'k' | 'l') && self.random.chance(ASTRAY) {
                kind = self.kind_of('a');
            }
            let part = self.value(kind, depth - 1);
            kinds.push(kind);
            let is_atom = (part.form.is_none() && !part.text.starts_with('-'))
                || (part.text.ends_with(')') && !part.text.contains(' '));
            let written = if is_atom { part.text.clone() } else { format!("({})", part.text) };
            text.push_str(&written);
            first = Some(written);
            parts.push(part);
        }
        text.push_str(rest);
        Written { text, form: Some(form), kinds, parts, stands }
    }

    /// A value of a kind.
    fn value(&mut self, kind: char, depth: usize) -> Written {
        if depth > 0 {
            let fitting: Vec<&(char, &'static str)> = FORMS
                .iter()
                .filter(|(gives, _)| {
                    *gives == kind
                        || *gives == 'x'
                        || (*gives == 'c' && ORDERED.contains(&kind))
                        || (*gives == 'n' && "idf".contains(kind))
                })
                .collect();
            if let Some(form) = self.random.pick(&fitting).copied() {
                return self.of_form(form, Some(kind), depth, Stands::Row);
            }
        }
        let named = |from: &[(char, &'static [&'static str])]| {
            from.iter().find(|(known, _)| *known == kind).map(|(_, names)| *names)
        };
        let written = match (named(&COLUMNS), named(&LITERALS)) {
            (Some(columns), Some(literals)) if self.random.chance(15) => {
                let _ = columns;
                self.one_of(literals)
            }
            (Some(columns), _) => self.one_of(columns),
            (None, Some(literals)) => self.one_of(literals),
            (None, None) => "null",
        };
        Written {
            text: written.to_owned(),
            form: None,
            kinds: kind.to_string(),
            parts: Vec::new(),
            stands: Stands::Row,
        }
    }
}
