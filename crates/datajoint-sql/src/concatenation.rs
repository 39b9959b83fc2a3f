//! Strings of many rows as one.

use crate::token::{Call, Token, trimmed};

/// What a call of `group_concat` or `string_agg` says.
pub(crate) struct Concatenation<'a> {
    pub(crate) of: &'a [Token],
    pub(crate) is_distinct: bool,
    pub(crate) separator: &'a [Token],
    pub(crate) order: &'a [Token],
}

impl<'a> Concatenation<'a> {
    pub(crate) fn of(call: &Call<'a>) -> Self {
        let (first, order_of_first, separator) = Self::clauses(call.arguments[0]);
        let (second, order, _) = Self::clauses(call.arguments.get(1).copied().unwrap_or_default());
        let (of, is_distinct) = match first {
            [distinct, of @ ..] if distinct.is_word("distinct") => (trimmed(of), true),
            of => (of, false),
        };
        Self {
            of,
            is_distinct,
            separator: if separator.is_empty() { second } else { separator },
            order: if order_of_first.is_empty() { order } else { order_of_first },
        }
    }

    /// Whether it descends, where the values are ordered by themselves.
    pub(crate) fn order_by_itself(&self) -> Option<bool> {
        let (order, descends) = match self.order {
            [order @ .., last] if last.is_word("desc") => (trimmed(order), true),
            [order @ .., last] if last.is_word("asc") => (trimmed(order), false),
            order => (order, false),
        };
        (order == self.of).then_some(descends)
    }

    /// `x ORDER BY y SEPARATOR s` in its parts.
    fn clauses(tokens: &'a [Token]) -> (&'a [Token], &'a [Token], &'a [Token]) {
        let cut = |tokens: &'a [Token], word: &str| {
            tokens.iter().position(|token| token.is_word(word)).map_or((tokens, &tokens[..0]), |place| {
                (trimmed(&tokens[..place]), trimmed(&tokens[place + 1..]))
            })
        };
        let (rest, separator) = cut(tokens, "separator");
        let (of, order) = cut(rest, "order");
        let order = match order {
            [first, order @ ..] if first.is_word("by") => trimmed(order),
            other => other,
        };
        (of, order, separator)
    }
}
