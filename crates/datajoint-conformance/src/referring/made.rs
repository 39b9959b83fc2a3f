//! Tables as other programs make them, with the rows that are theirs.

pub(super) const SCHEMA: &str = "dj_conformance_referring";
pub(super) const OTHER: &str = "dj_conformance_referring_too";

/// No values of a condition.
pub(super) const NONE: [i32; 0] = [];

/// Tables, the rows with which a delete, a trace and an export begin, and what refers to what.
pub(super) struct Case {
    pub(super) name: &'static str,
    /// Parents first, each with its columns and keys, where `<name>` stands for a table, and what is inserted.
    pub(super) tables: &'static [(&'static str, &'static str, &'static str)],
    /// The table, and SQL.
    pub(super) seed: (&'static str, &'static str),
    /// Those from a table stand behind those to it.
    pub(super) edges: &'static [Edge],
    /// False where some table has no primary key, so that its rows can't be exported.
    pub(super) has_keys: bool,
    /// True for what the embedded database alone understands.
    pub(super) is_of_embedded: bool,
}

/// A foreign key, with pairs of columns of the child and the parent.
pub(super) struct Edge {
    pub(super) child: &'static str,
    pub(super) parent: &'static str,
    pub(super) columns: &'static [(&'static str, &'static str)],
}

const fn edge(
    child: &'static str,
    parent: &'static str,
    columns: &'static [(&'static str, &'static str)],
) -> Edge {
    Edge { child, parent, columns }
}

/// The tables to which foreign keys refer.
pub(super) const MENTIONED: [&str; 17] = [
    "plain",
    "trap",
    "turned",
    "twice",
    "other.far",
    "near",
    "pair",
    "inkey",
    "inkey_child",
    "shy",
    "chain",
    "chain_mid",
    "logged",
    "bare",
    "cased",
    "mast",
    "own",
];

const ORDINARY: Case =
    Case { name: "", tables: &[], seed: ("", ""), edges: &[], has_keys: true, is_of_embedded: false };

pub(super) static CASES: [Case; 11] = [
    Case {
        name: "a unique column that is not the key",
        tables: &[
            ("plain", "a int PRIMARY KEY, b int UNIQUE", "(a, b) VALUES (1, 10), (2, 20), (3, NULL)"),
            (
                "plain_child",
                "c int PRIMARY KEY, b int, FOREIGN KEY (b) REFERENCES <plain> (b)",
                "(c, b) VALUES (1, 10), (2, 20), (3, NULL), (4, 10)",
            ),
        ],
        seed: ("plain", "a = 1"),
        edges: &[edge("plain_child", "plain", &[("b", "b")])],
        ..ORDINARY
    },
    Case {
        name: "another column has the name of the parent's key",
        tables: &[
            ("trap", "a int PRIMARY KEY, b int NOT NULL UNIQUE", "(a, b) VALUES (1, 10), (2, 20)"),
            (
                "trap_child",
                "a int PRIMARY KEY, x int NOT NULL, FOREIGN KEY (x) REFERENCES <trap> (b)",
                "(a, x) VALUES (1, 20), (2, 10), (3, 10)",
            ),
        ],
        seed: ("trap", "a = 1"),
        edges: &[edge("trap_child", "trap", &[("x", "b")])],
        ..ORDINARY
    },
    Case {
        name: "two columns whose names are exchanged, in another order than the key's",
        tables: &[
            (
                "turned",
                "a int NOT NULL, b int NOT NULL, PRIMARY KEY (a, b), UNIQUE (b, a)",
                "(a, b) VALUES (1, 2), (2, 1), (3, 3)",
            ),
            (
                "turned_child",
                "c int PRIMARY KEY, a int, b int, FOREIGN KEY (a, b) REFERENCES <turned> (b, a)",
                "(c, a, b) VALUES (1, 2, 1), (2, 1, 2), (3, 3, 3), (4, 2, NULL)",
            ),
        ],
        seed: ("turned", "a = 1"),
        edges: &[edge("turned_child", "turned", &[("a", "b"), ("b", "a")])],
        ..ORDINARY
    },
    Case {
        name: "two references to one parent, one by its key",
        tables: &[
            ("twice", "a int PRIMARY KEY, b int UNIQUE", "(a, b) VALUES (1, 10), (2, 20), (3, 30), (10, 1)"),
            (
                "twice_child",
                "c int PRIMARY KEY, a int, b int, FOREIGN KEY (b) REFERENCES <twice> (a), \
                 FOREIGN KEY (a) REFERENCES <twice> (b)",
                "(c, a, b) VALUES (1, 10, 2), (2, 20, 1), (3, 30, 3), (4, NULL, NULL), (5, NULL, 1), (6, 1, 10)",
            ),
        ],
        seed: ("twice", "a = 1"),
        edges: &[edge("twice_child", "twice", &[("b", "a")]), edge("twice_child", "twice", &[("a", "b")])],
        ..ORDINARY
    },
    Case {
        name: "across schemas and back",
        tables: &[
            ("other.far", "a int PRIMARY KEY, code int UNIQUE", "(a, code) VALUES (1, 7), (2, 8)"),
            (
                "near",
                "n int PRIMARY KEY, code int, k int UNIQUE, FOREIGN KEY (code) REFERENCES <other.far> (code)",
                "(n, code, k) VALUES (1, 7, 1), (2, 8, 2), (3, NULL, 3)",
            ),
            (
                "other.back",
                "a int PRIMARY KEY, nk int, FOREIGN KEY (nk) REFERENCES <near> (k)",
                "(a, nk) VALUES (1, 1), (2, 2), (3, 3), (4, NULL)",
            ),
        ],
        seed: ("other.far", "code = 7"),
        edges: &[edge("near", "other.far", &[("code", "code")]), edge("other.back", "near", &[("nk", "k")])],
        ..ORDINARY
    },
    Case {
        name: "two columns of which some are null",
        tables: &[
            (
                "pair",
                "a int NOT NULL, b int NOT NULL, PRIMARY KEY (a, b)",
                "(a, b) VALUES (1, 1), (1, 2), (2, 1)",
            ),
            (
                "pair_child",
                "c int PRIMARY KEY, x int, y int, FOREIGN KEY (x, y) REFERENCES <pair> (a, b)",
                "(c, x, y) VALUES (1, 1, 1), (2, 1, NULL), (3, NULL, 1), (4, NULL, NULL), (5, 2, 1), (6, 1, 2)",
            ),
        ],
        seed: ("pair", "a = 1 AND b = 1"),
        edges: &[edge("pair_child", "pair", &[("x", "a"), ("y", "b")])],
        ..ORDINARY
    },
    Case {
        name: "columns of the child's own key",
        tables: &[
            ("inkey", "a int PRIMARY KEY, b int NOT NULL UNIQUE", "(a, b) VALUES (1, 10), (2, 20)"),
            (
                "inkey_child",
                "b int NOT NULL, n int NOT NULL, PRIMARY KEY (b, n), FOREIGN KEY (b) REFERENCES <inkey> (b)",
                "(b, n) VALUES (10, 1), (10, 2), (20, 1)",
            ),
            (
                "inkey_leaf",
                "a int PRIMARY KEY, m int, b int, FOREIGN KEY (b, m) REFERENCES <inkey_child> (b, n)",
                "(a, m, b) VALUES (1, 1, 10), (2, 1, 20), (3, NULL, 10)",
            ),
        ],
        seed: ("inkey", "a = 1"),
        edges: &[
            edge("inkey_child", "inkey", &[("b", "b")]),
            edge("inkey_leaf", "inkey_child", &[("m", "n"), ("b", "b")]),
        ],
        ..ORDINARY
    },
    Case {
        name: "columns that nobody is shown",
        tables: &[
            ("shy", "a int PRIMARY KEY, _b int UNIQUE", "(a, _b) VALUES (1, 10), (2, 20)"),
            (
                "shy_child",
                "c int PRIMARY KEY, _p int, FOREIGN KEY (_p) REFERENCES <shy> (_b)",
                "(c, _p) VALUES (1, 10), (2, 20), (3, NULL)",
            ),
        ],
        seed: ("shy", "a = 1"),
        edges: &[edge("shy_child", "shy", &[("_p", "_b")])],
        ..ORDINARY
    },
    Case {
        name: "a chain seen from its middle",
        tables: &[
            ("chain", "a int PRIMARY KEY, b int UNIQUE", "(a, b) VALUES (1, 10), (2, 20), (3, 30)"),
            (
                "chain_mid",
                "k int PRIMARY KEY, b int, code int UNIQUE, FOREIGN KEY (b) REFERENCES <chain> (b)",
                "(k, b, code) VALUES (1, 10, 5), (2, 20, 6), (3, NULL, 7)",
            ),
            (
                "chain_leaf",
                "k int PRIMARY KEY, mc int, FOREIGN KEY (mc) REFERENCES <chain_mid> (code)",
                "(k, mc) VALUES (1, 6), (2, 5), (3, 7), (4, NULL)",
            ),
        ],
        seed: ("chain_mid", "k = 1 OR k = 3"),
        edges: &[
            edge("chain_mid", "chain", &[("b", "b")]),
            edge("chain_leaf", "chain_mid", &[("mc", "code")]),
        ],
        ..ORDINARY
    },
    Case {
        name: "a child without a key",
        tables: &[
            ("logged", "a int PRIMARY KEY, b int UNIQUE", "(a, b) VALUES (1, 10), (2, 20)"),
            (
                "logged_line",
                "n int, b int, FOREIGN KEY (b) REFERENCES <logged> (b)",
                "(n, b) VALUES (1, 10), (1, 10), (1, 20), (NULL, NULL)",
            ),
        ],
        seed: ("logged", "a = 1"),
        edges: &[edge("logged_line", "logged", &[("b", "b")])],
        has_keys: false,
        ..ORDINARY
    },
    Case {
        name: "references that name no column, and that write names in other letters",
        tables: &[
            ("bare", "b int, a int, PRIMARY KEY (a, b)", "(a, b) VALUES (1, 2), (2, 1), (3, 3)"),
            (
                "bare_child",
                "c int PRIMARY KEY, a int, b int, FOREIGN KEY (b, a) REFERENCES <bare>",
                "(c, b, a) VALUES (1, 1, 2), (2, 2, 1), (3, 3, 3), (4, 1, NULL)",
            ),
            (
                "bare_leaf",
                "k int PRIMARY KEY, bc int REFERENCES \"DJ_Conformance_Referring.BARE_child\", \
                 bd int REFERENCES \"dj_conformance_referring.Bare_Child\" (C)",
                "(k, bc, bd) VALUES (1, 1, NULL), (2, NULL, 1), (3, 2, 3), (4, NULL, NULL)",
            ),
        ],
        seed: ("bare", "a = 1"),
        edges: &[
            edge("bare_child", "bare", &[("b", "a"), ("a", "b")]),
            edge("bare_leaf", "bare_child", &[("bc", "c")]),
            edge("bare_leaf", "bare_child", &[("bd", "c")]),
        ],
        is_of_embedded: true,
        ..ORDINARY
    },
];

pub(super) static PARTS: Case = Case {
    name: "parts",
    tables: &[
        ("mast", "a int PRIMARY KEY, b int NOT NULL UNIQUE", "(a, b) VALUES (1, 10), (2, 20), (3, 30)"),
        (
            "mast__piece",
            "id int PRIMARY KEY, b int NOT NULL, FOREIGN KEY (b) REFERENCES <mast> (b)",
            "(id, b) VALUES (1, 10), (2, 10), (3, 20), (4, 30)",
        ),
    ],
    seed: ("mast", "a = 1"),
    ..ORDINARY
};

pub(super) static WITHOUT_KEYS: [Case; 2] = [
    Case {
        name: "no key",
        tables: &[("keyless", "x int", "(x) VALUES (1), (2), (3)")],
        seed: ("keyless", "x = 1"),
        ..ORDINARY
    },
    Case {
        name: "a part of the key is hidden",
        tables: &[(
            "half_hidden",
            "x int NOT NULL, _y int NOT NULL, note int, PRIMARY KEY (x, _y)",
            "(x, _y, note) VALUES (1, 1, 1), (1, 2, 2), (2, 1, 3)",
        )],
        seed: ("half_hidden", "note = 1"),
        ..ORDINARY
    },
];

pub(super) static ITSELF: Case = Case {
    name: "a table that refers to itself",
    tables: &[(
        "own",
        "a int PRIMARY KEY, b int UNIQUE, up int, FOREIGN KEY (up) REFERENCES <own> (b)",
        "(a, b, up) VALUES (1, 10, NULL), (2, 20, 10), (3, 30, 20)",
    )],
    seed: ("own", "a = 1"),
    ..ORDINARY
};
