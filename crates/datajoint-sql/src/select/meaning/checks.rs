//! Whether functions and signs are given what they take with one meaning.

use std::ops::Range;

use super::kinds::Kinds;
use super::typed::{Misuse, Reader};
use crate::dialect::Twist;
use crate::token::{Token, solid_before};

/// What servers take for a day each in its own way.
const OF_NO_DAY: Kinds = Kinds::OPAQUE.or(Kinds::COUNTED).or(Kinds::PLAIN);

/// What no server takes for a number as others do.
pub(super) const OF_NO_NUMBER: Kinds = Kinds::OPAQUE.or(Kinds::MEMBER);

const SAID: Kinds = Kinds::WRITTEN.or(Kinds::PLAIN);

/// What is compared with each other: a string that is written is read as the other one is.
pub(super) const COMPARED: [Kinds; 8] = [
    Kinds::COUNTED.or(SAID),
    Kinds::STRINGS,
    Kinds::DAY.or(SAID),
    Kinds::MOMENT.or(SAID),
    Kinds::TIME.or(SAID),
    Kinds::UUID.or(SAID).or(Kinds::BYTES),
    Kinds::BYTES.or(SAID),
    Kinds::DOCUMENT.or(SAID),
];

impl Reader<'_, '_> {
    /// Notes a misuse, unless there is one before it.
    pub(super) fn note(&mut self, place: usize, advice: impl FnOnce() -> String) {
        if self.found.as_ref().is_none_or(|found| place < found.place) {
            self.found = Some(Misuse { place, advice: advice() });
        }
    }

    /// Looks at one value.
    pub(super) fn check(&mut self, at: usize, kind: Kinds, takes: Kinds) {
        self.check_with(at, kind, takes, Kinds::OPAQUE);
    }

    /// Looks at one value. Some of what it doesn't take is refused everywhere, the rest where the server has its own way with
    /// it.
    pub(super) fn check_with(&mut self, at: usize, kind: Kinds, takes: Kinds, nowhere: Kinds) {
        let astray = kind.astray(takes);
        if astray.meets(nowhere) || (astray != Kinds::NULL && self.is_loose()) {
            self.note(at, || {
                let next = if astray.meets(Kinds::OPAQUE) {
                    "fetch that, and compute in your program"
                } else {
                    "cast that, as in `cast(x as signed)` or `cast(x as char)`, or compute in your program"
                };
                format!(
                    "it takes {takes}, and is given {astray}, of which servers make different things: {next}"
                )
            });
        }
    }

    /// Looks at a condition.
    pub(super) fn check_condition(&mut self, at: usize, kind: Kinds) {
        self.check(at, kind, Kinds::COUNTED);
    }

    /// Looks at a value that becomes a string.
    pub(super) fn check_said(&mut self, at: usize, kind: Kinds) {
        if kind.meets(Kinds::VERDICT) && self.twists.contains(&Twist::TruthsAsWords) {
            self.note(at, || Twist::TruthsAsWords.advice().to_owned());
        }
        self.check(at, kind, Kinds::SAID);
    }

    pub(super) fn check_cast(&mut self, at: usize, of: Kinds, to: Kinds) {
        if to == Kinds::TEXT {
            self.check_said(at, of);
        } else if to == Kinds::WHOLE {
            if self.is_loose() && of.meets(Kinds::EXACT.or(Kinds::FLOAT)) && !of.meets(Kinds::UNKNOWN) {
                self.note(at, || Twist::CutCasts.advice().to_owned());
            }
            self.check_with(at, of, Kinds::COUNTED.or(Kinds::STRINGS), OF_NO_NUMBER);
        } else if to.is_in(Kinds::NUMBERS) {
            self.check_with(at, of, Kinds::COUNTED.or(Kinds::STRINGS), OF_NO_NUMBER);
        } else if to.is_in(Kinds::DAYS) {
            self.check_with(at, of, Kinds::DAYS.or(Kinds::WRITTEN), OF_NO_DAY);
        }
    }

    /// Looks at values one of which is chosen: they are of one family.
    pub(super) fn check_alike(&mut self, at: usize, all: &[Kinds], nowhere: Kinds) {
        const FAMILIES: [Kinds; 8] = [
            Kinds::COUNTED,
            Kinds::STRINGS,
            Kinds::DAY.or(Kinds::WRITTEN),
            Kinds::MOMENT.or(Kinds::WRITTEN),
            Kinds::TIME.or(Kinds::WRITTEN),
            Kinds::UUID.or(SAID),
            Kinds::BYTES,
            Kinds::DOCUMENT,
        ];
        let of_all = all.iter().copied().fold(Kinds::NULL, Kinds::or);
        let is_of_both = of_all.meets(Kinds::COUNTED) && of_all.meets(Kinds::TIMES);
        self.check_family(at, &FAMILIES, all, if is_of_both { Kinds::ALL } else { nowhere });
    }

    /// Looks at two values that are compared; two documents are the same by what they say on some servers, and by how they are
    /// written on others.
    pub(super) fn check_compared(&mut self, at: usize, one: Kinds, other: Kinds) {
        // A value beside an attribute is read as one of that, or refused by its name.
        if self.is_beside_attribute(at) {
            return;
        }
        if one.meets(Kinds::DOCUMENT) && other.meets(Kinds::DOCUMENT) {
            self.note(at, || {
                "two documents are compared by how they are written on some servers: compare places within them, as in `j.a = k.a`"
                    .to_owned()
            });
        }
        self.check_family(at, &COMPARED, &[one, other], Kinds::OPAQUE);
    }

    /// True where an attribute stands on one side of a comparison, and a value as it is written or bound on the other.
    pub(super) fn is_beside_attribute(&self, at: usize) -> bool {
        let operands = self.operands;
        let not = solid_before(operands.tokens, at).filter(|&not| operands.tokens[not].is_word("not"));
        let sides = operands.before(not.unwrap_or(at)).zip(operands.after(at + 1));
        let is_value = |at: &Range<usize>| {
            let first = &operands.tokens[at.start];
            matches!(first, Token::Bytes(..) | Token::Placeholder(_)) && at.end == at.start + 1
        };
        let has_values = |at: &Range<usize>| {
            let mut listed = operands.tokens[at.clone()].iter();
            listed.any(|token| matches!(token, Token::Bytes(..) | Token::Placeholder(_)))
        };
        sides.is_some_and(|(left, right)| {
            let of_left = operands.column(&left).is_some()
                && (is_value(&right) || (self.is_word(at, &["in"]) && has_values(&right)));
            of_left || (operands.column(&right).is_some() && is_value(&left))
        })
    }

    pub(super) fn check_family(&mut self, at: usize, families: &[Kinds], all: &[Kinds], nowhere: Kinds) {
        let of_all = all.iter().copied().fold(Kinds::NULL, Kinds::or);
        let is_now = all.contains(&Kinds::DAYS) && of_all.is_in(Kinds::DAYS.or(Kinds::STRINGS));
        let is_one = is_now || families.iter().any(|family| of_all.is_in(*family));
        if of_all.meets(Kinds::UNKNOWN) || is_one {
            return;
        }
        if of_all.meets(nowhere) || self.is_loose() {
            self.note(at, || {
                format!(
                    "it is given {of_all}, which servers bring together in ways of their own: give it values of one kind, as in \
                     `cast(x as char)`"
                )
            });
        }
    }

    /// True where the server has no types of its own for what is computed.
    pub(super) fn is_loose(&self) -> bool {
        self.twists.contains(&Twist::KindsApart)
    }
}
