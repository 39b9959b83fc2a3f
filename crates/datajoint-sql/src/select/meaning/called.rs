//! Calls and casts: what stands between their brackets, and what they give.

use super::kinds::Kinds;
use super::signatures::{Gives, SIGNATURES, Signature};
use super::typed::{MEMBERS_IN_ORDER, Read, Reader};
use crate::token::solid_from;

impl Reader<'_, '_> {
    /// A call whose name stands at a place.
    pub(super) fn call(&mut self, at: usize) -> Kinds {
        let tokens = self.operands.tokens;
        self.place = at + 1;
        let Some((open, close)) = self.brackets() else { return Kinds::UNKNOWN };
        let name = tokens[at].name().unwrap_or_default().to_ascii_lowercase();
        let end = std::mem::replace(&mut self.end, close);
        self.place = open + 1;
        let (arguments, cast) = self.arguments(&name);
        let kinds: Vec<Kinds> = arguments.iter().map(|(kind, _)| *kind).collect();
        self.end = end;
        self.place = close + 1;
        if let Some(to) = cast {
            let of = kinds.first().copied().unwrap_or(Kinds::UNKNOWN);
            self.check_cast(at, of, to);
            if to.is_in(Kinds::NUMBERS)
                && let Some(first) = arguments.into_iter().next()
            {
                self.count(first);
            }
            return to;
        }
        if name == "extract" {
            for kind in &kinds {
                self.check_with(at, *kind, Kinds::TIMES, Kinds::OPAQUE.or(Kinds::COUNTED));
            }
            return Kinds::NUMBERS;
        }
        let has_name = |signature: &&Signature| signature.names.contains(&name.as_str());
        let Some(signature) = SIGNATURES.iter().find(has_name) else { return Kinds::UNKNOWN };
        let takes = |place: usize| signature.takes.get(place).or(signature.takes.last());
        for (place, kind) in kinds.iter().enumerate() {
            let Some(takes) = takes(place) else { continue };
            // An attribute that is summed up is counted there.
            let is_summed = matches!(name.as_str(), "avg" | "sum") && *kind == Kinds::TRUTH;
            if takes.is_in(Kinds::COUNTED) && !matches!(name.as_str(), "if" | "iif") && !is_summed {
                self.count(arguments[place].clone());
            }
            if *takes == Kinds::SAID {
                self.check_said(at, *kind);
            }
            self.check_with(at, *kind, *takes, signature.nowhere);
        }
        if name == "round" && kinds.len() == 1 {
            return Kinds::WHOLE;
        }
        match signature.gives {
            Gives::Always(kinds) => kinds,
            Gives::First => {
                let first = kinds.first().copied().unwrap_or(Kinds::UNKNOWN);
                let is_number = signature.takes.first().is_some_and(|takes| takes.is_in(Kinds::COUNTED));
                if is_number { first.counted() } else { first.computed() }
            }
            Gives::OneOf(from) => {
                let of = kinds.get(from..).unwrap_or_default();
                self.count_alike(arguments.get(from..).unwrap_or_default());
                if name == "nullif" && kinds.len() == 2 {
                    self.check_compared(at, kinds[0], kinds[1]);
                    return kinds[0].computed();
                }
                self.check_alike(at, of, signature.nowhere);
                of.iter().copied().fold(Kinds::NULL, Kinds::or).computed()
            }
        }
    }

    /// The arguments of a call, and the type that the first is cast to.
    fn arguments(&mut self, name: &str) -> (Vec<Read>, Option<Kinds>) {
        let tokens = self.operands.tokens;
        let (mut kinds, mut cast) = (Vec::new(), None);
        let is_distinct = self.peek().is_some_and(|first| self.is_word(first, &["distinct"]));
        // A unit of time.
        if matches!(name, "extract" | "timestampdiff" | "timestampadd")
            && let Some(unit) = self.peek()
        {
            self.place = unit + 1;
            if name == "timestampdiff" {
                kinds.push((Kinds::UNKNOWN, unit..self.place));
            }
        }
        // `IN` stands between two values.
        let least = if name == "position" { 6 } else { 0 };
        while let Some(next) = self.peek() {
            if self.is_sign(next, &[",", "*"])
                || self.is_word(
                    next,
                    &[
                        "distinct", "all", "both", "leading", "trailing", "from", "for", "in", "using",
                        "placing",
                    ],
                )
            {
                self.place = next + 1;
            } else if self.is_word(next, &["as"]) {
                let kind = solid_from(tokens, next + 1).filter(|&kind| kind < self.end);
                cast = Some(kind.and_then(|kind| tokens[kind].name()).map_or(Kinds::UNKNOWN, Kinds::of_type));
                self.place = self.end;
            } else if self.is_word(next, &["order"]) {
                // What comes in an order is of many kinds, as is what keeps its values apart.
                self.place = next + 1;
                self.takes("by");
                while self.peek().is_some() {
                    let by = self.value(0);
                    if is_distinct && by.meets(Kinds::MEMBER) && self.is_loose() {
                        self.note(next, || MEMBERS_IN_ORDER.to_owned());
                    }
                    if let Some(next) = self.peek() {
                        self.place = next + 1;
                    }
                }
            } else {
                let before = self.place;
                let kind = self.value(least);
                if self.place == before {
                    self.place = next + 1;
                }
                kinds.push((kind, before..self.place));
            }
        }
        (kinds, cast)
    }
}
