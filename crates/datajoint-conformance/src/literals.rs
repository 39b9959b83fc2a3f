//! Every form of a literal in SQL of users means the same on every backend, or is refused before anything is sent.

use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{Error, Value};

use crate::{Capabilities, Turn};

const SCHEMA: &str = "dj_conformance_literals";

static TURN: Turn = Turn::new(SCHEMA);

/// What a condition finds.
#[derive(Debug, Clone, Copy)]
enum Found {
    /// So many rows.
    Rows(usize),
    /// Nothing: it is refused, with these words.
    Refused(&'static str),
}

use Found::{Refused, Rows};

/// Conditions on rows with `id` from 1 to 299, `n` the same, `s` and `b` the letter A in two of them.
const CONDITIONS: [(&str, Found); 52] = [
    ("id = 0x0A", Rows(1)),
    ("id = 0xa", Rows(1)),
    ("id = 0x1", Rows(1)),
    ("id < 0x10", Rows(15)),
    ("id<0x10", Rows(15)),
    ("id\n< 0x10 -- é 0x11\n and 'é' = 'é' and id <> 0x01", Rows(14)),
    ("n & 0x10 = 16 and id < 0x20", Rows(16)),
    ("id in (0x01, 0x02)", Rows(2)),
    ("id between 0x01 and 0x03", Rows(3)),
    ("id + 0x01 = 2", Rows(1)),
    ("n * 0x01 = 5", Rows(1)),
    ("id < 0x7fffffffffffffff", Rows(299)),
    ("-0x10 < id", Rows(299)),
    ("id < 0x8000000000000000", Refused("more than a hexadecimal number can be")),
    ("id = 0x", Refused("`0x` has no digits")),
    ("id = 0xg", Refused("without signs between its digits")),
    ("id = 0X0A", Refused("without signs between its digits")),
    ("id = 0x0_1", Refused("without signs between its digits")),
    ("b = x'41'", Rows(2)),
    ("b = X'41'", Rows(2)),
    ("b in (x'41', x'42')", Rows(2)),
    ("b <> x'41'", Rows(297)),
    ("b = x''", Rows(0)),
    ("u = x'7c9e6679742540de944be07fc1f90ae7'", Rows(1)),
    ("b = x'4'", Refused("two hexadecimal digits each")),
    ("b = x'4g'", Refused("two hexadecimal digits each")),
    ("id = x'0A'", Refused("literal.id`, declared as int32")),
    ("s = x'41'", Refused("literal.s`, declared as varchar(9)")),
    ("id = b'1010'", Refused("`0x0A`")),
    ("id = B'1010'", Refused("`0x0A`")),
    ("id = 0b1010", Refused("without signs between its digits")),
    ("id = 0o12", Refused("without signs between its digits")),
    ("id = 1_0", Refused("without signs between its digits")),
    ("id = 10L", Refused("`10L`")),
    ("id = 1.0.0", Refused("without signs between its digits")),
    ("id = 1e", Refused("without signs between its digits")),
    ("id = 1abc", Refused("without signs between its digits")),
    ("id = 1'a'", Refused("without signs between its digits")),
    ("id < 1e400", Refused("beyond what a float can hold")),
    ("id > 1e-400", Refused("beyond what a float can hold")),
    ("id > 0e-400", Rows(299)),
    ("id = 1e1", Rows(1)),
    ("id = 10.", Rows(1)),
    ("id = .1e2", Rows(1)),
    ("id = 010", Rows(1)),
    ("s = 'A'", Rows(2)),
    ("s = N'A'", Rows(2)),
    ("s = n'A'", Rows(2)),
    ("s = \"A\"", Refused("a string stands between single quotes")),
    ("s = `A`", Refused("a string stands between single quotes")),
    ("s = q'[A]'", Refused("not every server has strings as")),
    ("s = r'A'", Refused("not every server has strings as")),
];

/// Forms that PostgreSQL alone has.
const OF_POSTGRESQL: [&str; 4] = ["s = E'\\x41'", "s = U&'\\0041'", "s = $$A$$", "s = $a$A$a$"];

/// What is computed of each row.
const COMPUTED: [(&str, f64); 4] =
    [("0xff + 0", 255.0), ("id + 0x0A", 11.0), ("0x41", 65.0), ("abs(-0x10)", 16.0)];

fn is_refused(error: &Error, words: &str) -> bool {
    error.to_string().contains(words)
}

/// Conditions, deletions and computed attributes with each form.
pub async fn a_literal_means_the_same_everywhere_or_is_refused(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let definition = "id : int32\n---\nn : int64\ns : varchar(9)\nb : bytes\nu : uuid\nindex (n)";
    let table = crate::matrix::declare(dj, SCHEMA, "Literal", definition).await;
    let rows = (1_i32..300).map(|id| {
        let letter = if id == 7 || id == 250 { "A" } else { "z" };
        let last = if id == 7 { 7 } else { 8 };
        let mut row = DynamicRow::new().with("id", id).unwrap().with("n", i64::from(id)).unwrap();
        row.set("s", Value::Text(letter.to_owned()));
        row.set("b", Value::Bytes(letter.as_bytes().to_vec()));
        row.set("u", Value::Text(format!("7c9e6679-7425-40de-944b-e07fc1f90ae{last}")));
        row
    });
    table.insert(dj, rows).await.unwrap();
    let of_postgresql = OF_POSTGRESQL.into_iter().map(|condition| {
        let is_there = dj.backend().capability().protocol == Some(datajoint::Protocol::Postgresql);
        (condition, if is_there { Rows(2) } else { Refused("") })
    });
    for (condition, expected) in CONDITIONS.into_iter().chain(of_postgresql) {
        let query = &table & sql(condition, ());
        let found = query.count(dj).await;
        match (expected, found) {
            (Rows(rows), Ok(found)) => assert_eq!(usize::try_from(found).unwrap(), rows, "{condition}"),
            (Refused(words), Err(error)) => assert!(is_refused(&error, words), "{condition}: {error}"),
            (_, found) => panic!("{condition}: {found:?}"),
        }
    }
    for (computed, expected) in COMPUTED {
        let rows = (&table & [("id", 1)]).proj(compute("x", computed)).fetch_json(dj).await.unwrap();
        assert_eq!(rows[0]["x"].as_f64(), Some(expected), "{computed}: {rows:?}");
    }
    let deleted = (&table & sql("id < 0x10", ())).delete(dj).confirmed().await.unwrap();
    assert_eq!(deleted.total(), 15);
    assert_eq!(table.count(dj).await.unwrap(), 284);
    if dj.backend().capability().has_expression_indexes {
        let definition = "id : int32\n---\nflags = 3 : int32\nindex ((flags & 0x10))";
        crate::matrix::declare(dj, SCHEMA, "Flagged", definition).await;
    }
    turn.end(dj).await;
}

/// Conditions that call what each backend calls in its own way, and name attributes as words of the servers' are called.
const ASKED: [(&str, u64); 30] = [
    ("ifnull(note, 'none') = 'none'", 1),
    ("if(id = 1, 'a', 'b') = 'a'", 1),
    ("year(born) = 2024 and month(born) = 1 and day(born) = 31", 1),
    ("now() > born", 2),
    ("curdate() > born", 2),
    ("current_timestamp > born", 2),
    ("timestampdiff(day, born, made) = 1", 2),
    ("floor(w) = 1", 1),
    ("floor(w) = -3", 1),
    ("ceil(w) = 2", 1),
    ("ceil(w) = -2", 1),
    ("floor(id) = id and ceil(id) = id and floor(w * 1e17) <> 0", 2),
    ("dec = 1.5", 1),
    ("DEC = 1.5 and rank > 0", 1),
    ("not dec = 1.5", 1),
    ("case when dec = 1.5 then rank else 0 end = 7", 1),
    ("user = 'ann'", 1),
    ("user in ('ann', 'bob')", 2),
    ("lower(user) = 'ann' and rank between 7 and 7", 1),
    ("concat(c, 'x') = ?", 1),
    ("concat('x', c, 'x') = concat('x', ?)", 1),
    ("coalesce(c, '') = 'ab'", 1),
    ("concat(c, c) = 'abab'", 1),
    ("concat(coalesce(c, 'z'), 'x') = 'abx'", 1),
    ("c = 'ab'", 1),
    ("c in ('ab', 'cd') and length(c) = 2", 2),
    ("c like 'a%'", 1),
    ("c not like ('a%')", 1),
    ("user like ('a%') and user not like ('b%')", 1),
    ("not (user like ((('a%'))))", 1),
];

/// The same words and functions in conditions and in what is computed, and strings of `char(n)` without what fills them up.
pub async fn conditions_call_and_name_what_computed_values_do(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let definition = "id : int32\n---\nnote = null : varchar(9)\nborn : date\nmade : datetime\nw : float64\n\
                      dec : decimal(4,2)\nrank : int32\nuser : varchar(9)\nc : char(8)\nindex (c)";
    let table = crate::matrix::declare(dj, SCHEMA, "Asked", definition).await;
    let rows = [
        json!({"id": 1, "born": "2024-01-31", "made": "2024-02-01 10:00:00", "w": 1.5, "dec": "1.5", "rank": 7, "user": "ann",
               "c": "ab"}),
        json!({"id": 2, "note": "x", "born": "2020-12-03", "made": "2020-12-04 10:00:00", "w": -2.5, "dec": "2.5", "rank": 8,
               "user": "bob", "c": "cd"}),
    ];
    table.insert(dj, rows).await.unwrap();
    for (condition, rows) in ASKED {
        let values = vec!["abx"; condition.matches('?').count()];
        let found = (&table & sql(condition, values)).count(dj).await;
        assert_eq!(found.unwrap_or_else(|error| panic!("{condition}: {error}")), rows, "{condition}");
    }
    for (computed, expected) in [
        ("concat(c, 'x')", json!("abx")),
        ("coalesce(c, 'z')", json!("ab")),
        ("case when id = 1 then c else 'z' end", json!("ab")),
        ("dec", json!("1.50")),
        ("concat(user, rank)", json!("ann7")),
        ("max(c)", json!("ab")),
    ] {
        let row = &table & [("id", 1)];
        let found = if computed.starts_with("max") {
            row.proj(Proj::key()).aggr(&table, compute("x", computed)).fetch_json(dj).await
        } else {
            row.proj(compute("x", computed)).fetch_json(dj).await
        };
        let found = found.unwrap_or_else(|error| panic!("{computed}: {error}"));
        assert_eq!(found[0]["x"].as_str(), expected.as_str(), "{computed}: {found:?}");
    }
    // A function that a backend has not is refused by us.
    if dj.backend().capability().is_embedded {
        let error = (&table & sql("sqrt(w) > 1", ())).count(dj).await.unwrap_err();
        assert!(error.to_string().contains("none of the functions of sqlite"), "{error}");
    } else {
        assert_eq!(
            (&table & sql("sqrt(abs(w)) > 1 and current_timestamp(3) > born", ())).count(dj).await.unwrap(),
            2
        );
    }
    turn.end(dj).await;
}
