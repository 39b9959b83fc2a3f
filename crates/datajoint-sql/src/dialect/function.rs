use std::collections::HashSet;
use std::sync::OnceLock;

use crate::Value;
use crate::concatenation::Concatenation;
use crate::fragment::Fragment;
use crate::token::Call;

/// Functions in SQL that users write.
pub(crate) trait Functions {
    /// The present moment in the session's time zone, without that zone, as attributes are.
    fn now(&self) -> &'static str {
        "CURRENT_TIMESTAMP"
    }
    /// A call in the backend's words; `None` when it is the same there.
    fn function(&self, name: &str, call: &Call<'_>) -> Option<Fragment>;
    /// Strings of many rows as one.
    fn concatenation(&self, of: &Concatenation<'_>) -> Fragment;
    /// What stands in a call for a value, where a bound one is something else than the same value written out; `function` is
    /// the one that takes it alone as an argument.
    fn as_literal(&self, value: &Value, function: Option<&str>) -> Option<Fragment> {
        let _ = (value, function);
        None
    }
    /// The functions that SQL of users may call, besides those of every backend.
    fn functions(&self) -> &'static Listed;
}

/// The functions of one backend that give a value and do nothing else: they read no file, no settings and no other session,
/// run no text as a statement, and change nothing that is there after the query.
#[derive(Debug)]
pub(crate) struct Listed {
    /// Those that its catalog or its manual has, in lower case, one a line, in order.
    pub(crate) text: &'static str,
    /// What is no function in its catalog but is written as one, and functions that only some of its releases or builds have.
    pub(crate) constructs: &'static [&'static str],
    /// The schema of its own functions, which may stand before their names.
    pub(crate) schema: Option<&'static str>,
    /// True where `(value).f` is a call of `f`.
    pub(crate) calls_by_point: bool,
    /// What [`Self::has`] asks, made at the first question.
    pub(crate) set: OnceLock<HashSet<&'static str>>,
}

impl Listed {
    /// Returns the names of the text.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.lines()
    }

    /// Returns true for a function that may be called.
    pub(crate) fn has(&self, name: &str) -> bool {
        let all = || self.names().chain(self.constructs.iter().copied()).collect();
        self.set.get_or_init(all).contains(name)
    }
}
