//! Which verbs a proof takes.

use super::{Verb, all};

/// The verbs that a variable asks for: `all`; a share of them such as `2/3`, so that several runs take them all; or those with
/// this part in their name. Without it the short form is meant.
pub(crate) struct Wish(String);

impl Wish {
    /// Returns the wish in a variable of the environment.
    #[expect(clippy::disallowed_methods, reason = "these variables are for the tests, not settings")]
    pub(crate) fn of(variable: &str) -> Self {
        Self(std::env::var(variable).unwrap_or_default())
    }

    /// Returns whether every place of a verb is tried, not a few.
    pub(crate) fn is_long(&self) -> bool {
        !self.0.is_empty()
    }

    /// Returns the verbs that it asks for, of those that are `meant`; in the short form those that `is_short` takes.
    ///
    /// Fails when there are none: a proof of nothing would pass.
    pub(crate) fn verbs(
        &self,
        meant: impl Fn(&Verb) -> bool,
        is_short: impl Fn(&Verb) -> bool,
    ) -> Vec<&'static Verb> {
        let share = self.share();
        let verbs: Vec<_> = all()
            .filter(|verb| meant(verb))
            .enumerate()
            .filter(|(number, verb)| match (self.0.as_str(), share) {
                ("", _) => is_short(verb),
                ("all", _) => true,
                (_, Some((part, parts))) => number % parts == part - 1,
                (name, None) => verb.name.contains(name),
            })
            .map(|(_, verb)| verb)
            .collect();
        assert!(!verbs.is_empty(), "no verb is wanted by `{}`", self.0);
        verbs
    }

    /// The second of three, where a share is asked for.
    fn share(&self) -> Option<(usize, usize)> {
        let (part, parts) = self.0.split_once('/')?;
        let share = (part.parse().ok()?, parts.parse().ok()?);
        (1..=share.1).contains(&share.0).then_some(share)
    }
}
