//! Every form of index.

use super::{Case, Effect, Exception, On, manuals};

macro_rules! index {
    ($($line:literal),+ $(,)?) => {
        manuals!(
            concat!($($line, "; "),+),
            "Holder" => concat!(
                "id : int32\nother : int32\n---\na : int32\nb : varchar(20)\nd : date\ndoc : json", $("\n", $line),+
            ),
        )
    };
}

pub(crate) static INDEXES: &[Case] = &[
    index!("index (a)"),
    index!("index (a, b)"),
    index!("unique index (b)"),
    index!("unique index (b, a)", "index (d)"),
    index!("INDEX(a,b,d)", "Unique Index ( d , a )"),
    index!("index (a)  # with a comment"),
    index!("index (other)"),
    index!("index (id, other)"),
    manuals!("an index before a column", "Holder" => "id : int32\n---\na : int32\nindex (a)\nb : int32"),
    manuals!(
        "an index that serves a foreign key",
        "Parent" => "p : int32",
        "Child" => "c : int32\n---\n-> Parent\nv : int8\nindex (p, v)",
    ),
    manuals!(
        "an index on a foreign key alone",
        "Parent" => "p : int32",
        "Child" => "c : int32\n---\n-> Parent\nindex (p)",
    ),
    manuals!(
        "a foreign key within a longer one",
        "Parent" => "p : int32",
        "Long" => "-> Parent\nq : int32",
        "Child" => "c : int32\n---\n-> [nullable] Parent\n-> [nullable] Long.proj(q2='q')",
    ),
    index!("index ((a + 1))").except(EXPRESSION),
    index!("index ((year(d)))").except(FUNCTION),
    index!("index (doc.x:char(20))").except(EXPRESSION),
    index!("unique index ((a * 2), b)").except(EXPRESSION),
];

const EXPRESSION: &[Exception] = &[
    Exception {
        why: "BUG-07: an index on an expression is not understood",
        on: On::Postgres,
        effect: Effect::PythonRefuses(""),
    },
    Exception {
        why: "MariaDB has no indexes on expressions",
        on: On::Mariadb,
        effect: Effect::BothRefuse("", ""),
    },
];

const FUNCTION: &[Exception] = &[
    Exception {
        why: "Python writes MySQL's function as it is, Rust that of the server",
        on: On::Postgres,
        effect: Effect::PythonRefuses("year"),
    },
    Exception {
        why: "MariaDB has no indexes on expressions",
        on: On::Mariadb,
        effect: Effect::BothRefuse("", ""),
    },
];
