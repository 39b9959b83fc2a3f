//! What tells the code of a `make` from other code.

use std::fmt;

/// The longest version that a hidden column has room for.
const LONGEST: usize = 48;

/// What a `make` is known by: rows that were made by another one are [stale](crate::Stale).
///
/// `#[make]` names the code of an implementation by what it means, so that white space, comments and
/// documentation change nothing. It does not see what the implementation calls: where that matters, give a version by hand, which
/// counts instead, and change it when results change.
///
/// ```
/// # use datajoint::prelude::*;
/// # schema!("lab");
/// # #[table(Manual)]
/// # /// image_id : int32
/// # pub struct Image;
/// # #[table(Computed)]
/// # /// -> Image
/// # pub struct Seen;
/// use datajoint::Code;
///
/// impl PlainMake for Seen {
///     const CODE: Code = Code::version("2");
///
///     async fn make(cx: &mut MakeContext<'_, Self>) -> MakeResult<()> {
///         cx.insert(SeenRow { image_id: cx.key().image_id }).await
///     }
/// }
/// assert_eq!(<Seen as Make>::CODE.to_string(), "version 2");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Code(Option<Name>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    Version(&'static str),
    Tokens(&'static str),
}

impl Code {
    /// Nothing is known of it: rows are not stale because of their code.
    pub const UNKNOWN: Self = Self(None);

    /// The code with a version that somebody gave it, of at most 48 bytes.
    ///
    /// # Panics
    ///
    /// Panics, when it is compiled, for an empty version and for a longer one.
    pub const fn version(version: &'static str) -> Self {
        assert!(!version.is_empty() && version.len() <= LONGEST, "a version of code has 1 to 48 bytes");
        Self(Some(Name::Version(version)))
    }

    /// Returns true when something is known of it.
    pub const fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// As rows record it.
    pub(crate) fn recorded(&self) -> Option<String> {
        self.is_known().then(|| self.to_string())
    }
}

/// `version 2`, or `code 3fa2…` with what stands for its tokens.
impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => formatter.write_str("unknown"),
            Some(Name::Version(version)) => write!(formatter, "version {version}"),
            Some(Name::Tokens(name)) => write!(formatter, "code {name}"),
        }
    }
}

/// Called by generated code.
#[doc(hidden)]
pub const fn code_of_tokens(name: &'static str) -> Code {
    Code(Some(Name::Tokens(name)))
}
