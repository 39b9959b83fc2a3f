//! Comments with what needs care in SQL.

use super::{Case, Effect, Exception, On, manuals};

macro_rules! comment {
    ($comment:literal) => {
        manuals!(
            $comment,
            "Holder" => concat!("# ", $comment, "\nid : int32  # ", $comment, "\n---\nv = null : int8  # ", $comment),
            "Child" => "-> Holder",
        )
    };
}

pub(crate) static COMMENTS: &[Case] = &[
    comment!("plain"),
    comment!("it's"),
    comment!("100 % of %s and %(x)s").except(PERCENT),
    comment!("naïve → 日本"),
    comment!("a: b; c"),
    comment!("a back\\slash").except(&[Exception {
        why: "a backslash is not escaped, so that MySQL drops it",
        on: On::MysqlFamily,
        effect: Effect::Differs(&["a back\\", "a backs"]),
    }]),
    comment!("one # two"),
    comment!("`ticks`, [brackets] and {braces}"),
    manuals!("no comments", "Holder" => "id : int32"),
    comment!("the \"id\"").except(&[
        Exception {
            why: "BUG-03 and 04: a quote in a comment of a table or of a parent",
            on: On::MysqlFamily,
            effect: Effect::PythonRefuses("syntax"),
        },
        Exception {
            why: "BUG-36: a backslash is kept before the quote",
            on: On::Postgres,
            effect: Effect::Differs(&["the \"id\"", "the \\"]),
        },
    ]),
];

/// A text with a percent sign is not bound but formatted.
pub(super) const PERCENT: &[Exception] = &[
    Exception {
        why: "a percent sign in a definition is taken for a place of a value",
        on: On::MysqlFamily,
        effect: Effect::PythonRefuses("not enough arguments for format string"),
    },
    Exception {
        why: "a percent sign in a definition is taken for a place of a value",
        on: On::Postgres,
        effect: Effect::PythonRefuses("tuple index out of range"),
    },
];
