//! Strings by which somebody would try to run a statement of his own.

use datajoint::Backend;

use super::CANARY;

/// How many strings of the grammar take each road in the long form.
#[expect(clippy::disallowed_methods, reason = "this variable is for the tests, not a setting")]
pub(super) fn count() -> Option<usize> {
    std::env::var("DATAJOINT_ROADS").ok().and_then(|count| count.parse().ok())
}

/// Strings that harm nobody, with a mark where SQL may stand.
pub(super) const HARMLESS: [&str; 15] = [
    "plain",
    "a",
    "name",
    "a > 1",
    "1",
    "4711",
    "4711 = 4711",
    "4711 + a + 4711",
    "(4711 + a + 4711)",
    "(4711)",
    "'4711'",
    "max(4711)",
    "int32",
    "varchar(9)",
    "Mouse",
];
/// Statements that end transactions, whichever verb has begun them.
pub(super) const ASIDE: [&str; 3] = ["BEGIN", "COMMIT", "ROLLBACK"];

/// What ends what the string stands in.
const CLOSERS: [&str; 24] = [
    "",
    "'",
    "\"",
    "`",
    "''",
    "\\'",
    "\\",
    "')",
    "'))",
    "\")",
    ")",
    "))",
    ") , (1",
    "*/",
    "$$",
    "$datajoint$",
    "]",
    "\u{2019}",
    "' '",
    ">",
    "::int",
    "' || '",
    "\0'",
    "\n",
];
/// What begins a statement of its own, or widens the one that is there.
const JOINTS: [&str; 10] =
    [";", "; ", "\n;\n", " or true ", " or 1=1 ", "; -- \n", ";;", " union ", ", ", " "];
/// What hides the rest.
const TAILS: [&str; 14] =
    ["", "--", "-- ", " -- -", "#", "/*", ";", "; --", "' --", "\" --", "` -- ", "(", "('", "/*!50000 */"];

/// Statements that somebody would like to run.
fn payloads(backend: Backend) -> [String; 6] {
    let canary = match backend {
        Backend::Sqlite => format!("\"{CANARY}.canary\""),
        _ => format!("{CANARY}.canary"),
    };
    [
        format!("DROP TABLE {canary}"),
        format!("DELETE FROM {canary}"),
        format!("UPDATE {canary} SET note = 'pwned'"),
        format!("INSERT INTO {canary} VALUES (2, 'pwned')"),
        format!(
            "CREATE TABLE {} (a int)",
            canary.replace("canary\"", "pwned\"").replace(".canary", ".pwned")
        ),
        format!("SELECT * FROM {canary}"),
    ]
}

/// What widens a condition.
const WIDENING: [&str; 3] = [" or true", " or 1=1", " or 'x' = 'x'"];

/// What would end a condition early, go on with another one, close the brackets around it and hide the rest. In the long
/// form, with everything that hides.
pub(super) fn widening() -> Vec<String> {
    let tails: &[&str] = if count().is_some() { &TAILS } else { &["", "-- "] };
    let mut strings = Vec::new();
    for closer in CLOSERS {
        for brackets in ["", ")", "))"] {
            for tail in tails {
                let widening = WIDENING[strings.len() % WIDENING.len()];
                strings.push(format!("x{closer}{widening}{brackets} {tail}"));
            }
        }
    }
    strings
}

/// Texts of several statements.
pub(super) fn several(backend: Backend) -> Vec<String> {
    let payloads = payloads(backend);
    let texts = payloads.iter().flat_map(|payload| {
        [";", "; ", "\n;\n", "; -- \n", ";;", "; /* */"].map(|joint| format!("SELECT 1{joint}{payload}"))
    });
    texts.collect()
}

/// The fixed strings, then so many of the grammar, or, without a number, a few of both; the same each time.
pub(super) fn hostile(backend: Backend, road: u64, name: &str, count: Option<usize>) -> Vec<String> {
    let payloads = payloads(backend);
    let mut strings = vec![
        format!("CURRENT_TIMESTAMP()); {}; -- ", payloads[0]),
        format!("lower(name || '('), name) ; {}; SELECT (1, ')'", payloads[0]),
        format!("a); {}; -- ", payloads[0]),
        format!("'); {}; -- ", payloads[1]),
        format!("\"); {}; -- ", payloads[1]),
        format!("`); {}; -- ", payloads[1]),
        "int is not null or true and 1".to_owned(),
        "int) is not null or (1".to_owned(),
    ];
    let mut state = road.wrapping_add(1);
    let mut pick = |count: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % count
    };
    if count.is_none() {
        // Where one of the fixed strings was once a fault of its own, all of them are tried, elsewhere two.
        let is_known =
            ["default", "moment", "index", "type of a place"].iter().any(|part| name.contains(part));
        let (first, length) = (pick(strings.len()), strings.len());
        strings.rotate_left(first);
        strings.truncate(if is_known { length } else { length / 3 });
    }
    for _ in 0..count.unwrap_or(2) {
        let beginning = ["a", "name", "1", "x", "", "doc.a:int", "varchar(9)"][pick(7)];
        let (closer, joint) = (CLOSERS[pick(CLOSERS.len())], JOINTS[pick(JOINTS.len())]);
        let (payload, tail) = (&payloads[pick(payloads.len())], TAILS[pick(TAILS.len())]);
        strings.push(format!("{beginning}{closer}{joint}{payload}{tail}"));
    }
    strings
}
