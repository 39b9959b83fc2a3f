use std::collections::HashSet;
use std::sync::OnceLock;

use super::Twist;
use crate::concatenation::Concatenation;
use crate::fragment::Fragment;
use crate::select::translate::Translator;
use crate::token::{Call, Token};
use crate::{Result, Value};

/// Functions in SQL that users write.
pub(crate) trait Functions {
    /// The present moment in the session's time zone, without that zone, as attributes are.
    fn now(&self) -> &'static str {
        "CURRENT_TIMESTAMP"
    }
    /// A call in the backend's words; `None` when it is the same there. Fails for what can't be said there.
    fn function(&self, within: Translator<'_>, name: &str, call: &Call<'_>) -> Result<Option<Fragment>>;
    /// Strings of many rows as one.
    fn concatenation(&self, within: Translator<'_>, of: &Concatenation<'_>) -> Result<Fragment>;
    /// What stands in a call for a value, where a bound one is something else than the same value written out; `function` is
    /// the one that takes it alone as an argument.
    fn as_literal(&self, value: &Value, function: Option<&str>) -> Option<Fragment> {
        let _ = (value, function);
        None
    }
    /// The name of a function of the server's own, as a statement calls that one and none that somebody else made.
    fn called(&self, name: &str) -> String {
        name.to_owned()
    }
    /// How a call that a user wrote at a place of some pieces is sent, so that it calls nothing of somebody else's.
    fn guard(&self, tokens: &[Token], place: usize, call: &Call<'_>) -> Guard {
        let _ = (tokens, place, call);
        Guard::AsItIs
    }
    /// What it reads differently from the others, so that it is refused.
    fn twists(&self) -> &'static [Twist];
    /// True where a truth is a number, and a float is rounded to digits as decimals are.
    fn has_plain_numbers(&self) -> bool {
        true
    }
    /// The words of the server's own for a type that SQL of users casts to by this name; `None` where they are the same.
    fn own_type(&self, name: &str) -> Option<&'static [&'static str]> {
        let _ = name;
        None
    }
    /// The functions that SQL of users may call, besides those of every backend.
    fn functions(&self) -> &'static Listed;
    /// Those of them that make one value of many rows, in order.
    fn aggregates(&self) -> &'static [&'static str];
}

/// What a call that a user wrote needs to be one of the server's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Guard {
    /// It is one whatever others made.
    AsItIs,
    /// Its name is written as [`Functions::called`] says.
    Named,
    /// A clause at its end that no other call has, and that says what holds without it.
    Clause(&'static str),
}

/// The functions of one backend that give a value and do nothing else: they read no file, no settings and no other session,
/// run no text as a statement, and change nothing that is there after the query.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Those that its catalog or its manual has, in lower case, one a line, in order.
    pub(crate) text: &'static str,
    /// What is no function in its catalog but is written as one.
    pub(crate) syntax: &'static [&'static str],
    /// Functions that only some of its releases or builds have.
    pub(crate) elsewhere: &'static [&'static str],
    /// Words that call nothing before a bracket where they stand behind a value; elsewhere they are functions.
    pub(crate) operators: &'static [&'static str],
    /// The schema of its own functions, which may stand before their names.
    pub(crate) schema: Option<&'static str>,
    /// True where `(value).f` is a call of `f`.
    pub(crate) calls_by_point: bool,
    /// The types of its own, where others can make some.
    pub(crate) types: Option<&'static [&'static str]>,
    /// What [`Self::has`] asks, made at the first question.
    pub(crate) set: OnceLock<HashSet<&'static str>>,
}

impl Listed {
    /// Returns the names of the text.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.lines()
    }

    /// Returns what may be called and is not among them.
    pub(crate) fn beside(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.syntax.iter().chain(self.elsewhere).copied()
    }

    /// Returns true for a function that may be called.
    pub(crate) fn has(&self, name: &str) -> bool {
        let all = || self.names().chain(self.beside()).collect();
        self.set.get_or_init(all).contains(name)
    }
}
