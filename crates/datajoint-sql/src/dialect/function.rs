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
    /// True for functions, their names in lower case, that set, lock, write or end something.
    fn outlasts_query(&self, name: &str) -> bool;
}
