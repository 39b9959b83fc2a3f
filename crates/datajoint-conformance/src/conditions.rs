//! Conditions and queries of every number and depth: asked, or refused before the server with words that say what to do.

use datajoint::error::{DatabaseError, DatabaseErrorKind};
use datajoint::prelude::*;
use datajoint::types::serde_json::json;
use datajoint::{Condition, DynamicDeclaration, DynamicTable, Error, Query, Tier, attribute};

use crate::{Capabilities, Turn};

static TURN: Turn = Turn::new("dj_conformance_conditions");

/// How many of each there are; with the last two, which the long form has, a statement may be too large.
const COUNTS: [usize; 6] = [0, 1, 150, 1_000, 10_000, 100_000];

#[expect(clippy::disallowed_methods, reason = "this variable is for the proof, no setting")]
fn counts() -> &'static [usize] {
    if std::env::var_os("DATAJOINT_CONDITIONS").is_some() { &COUNTS } else { &COUNTS[..4] }
}

type Rows = Query<DynamicRow>;

/// A query that grows with a number, and how many of the two rows it has.
type Shape = (&'static str, fn(&DynamicTable, usize) -> Rows, fn(usize) -> u64);

fn grown(table: &DynamicTable, count: usize, step: fn(Rows, &DynamicTable, usize) -> Rows) -> Rows {
    (0..count).fold(table.query(), |query, number| step(query, table, number))
}

fn nested(count: usize, step: fn(Condition, i64) -> Condition) -> Condition {
    (0..i64::try_from(count).unwrap()).fold(attribute("n").ge(1), step)
}

/// A condition so many times, and once more.
fn in_a_row(count: usize, condition: &str, word: &str) -> Condition {
    sql(vec![condition; count + 1].join(word), ())
}

fn all(_: usize) -> u64 {
    2
}

const SHAPES: [Shape; 21] = [
    (
        "restrictions",
        |t, count| grown(t, count, |q, _, n| q & attribute("n").ne(10 + i64::try_from(n).unwrap())),
        all,
    ),
    ("restrictions in SQL", |t, count| grown(t, count, |q, _, _| q & sql("n > 0", ())), all),
    ("restrictions by the same query", |t, count| grown(t, count, |q, t, _| q & t), all),
    (
        "antijoins",
        |t, count| grown(t, count, |q, _, n| q - attribute("n").eq(10 + i64::try_from(n).unwrap())),
        all,
    ),
    ("and", |t, count| t & nested(count, |c, n| c & attribute("n").lt(10 + n)), all),
    ("or", |t, count| t & nested(count, |c, n| c | attribute("n").eq(10 + n)), all),
    ("or of unlike", |t, count| t & nested(count, |c, n| c | attribute("name").gt(format!("x{n}"))), all),
    (
        "a list",
        |t, count| t & (0..count).map(|n| [("n", i64::try_from(n).unwrap())]).collect::<Vec<_>>(),
        |count| (count as u64).saturating_sub(1).min(2),
    ),
    ("not", |t, count| t & nested(2 * count, |c, _| !c), all),
    ("not of and", |t, count| t & nested(2 * count, |c, _| !(c & attribute("n").ge(1))), all),
    ("restrictions within each other", |t, count| grown(t, count, |q, t, _| t & q), all),
    (
        "projections",
        |t, count| grown(t, count, |q, _, n| q.proj(Proj::all().compute(format!("x{n}"), "n + 1"))),
        all,
    ),
    ("comparisons in SQL", |t, count| t & in_a_row(count, "n > 0", " and "), all),
    ("bounds in SQL", |t, count| t & in_a_row(count, "n between 0 and 2", " and "), all),
    ("alternatives in SQL", |t, count| t & in_a_row(count, "n = 1 or n < 3 and name <> 'x'", " or "), all),
    (
        "values in SQL",
        |t, count| {
            let text = vec!["n <> ?"; count + 1].join(" and ");
            t & sql(text, (10..=10 + i64::try_from(count).unwrap()).collect::<Vec<_>>())
        },
        all,
    ),
    (
        "brackets in SQL",
        |t, count| t & sql(format!("{}n > 0{}", "(".repeat(count), " or n = 3)".repeat(count)), ()),
        all,
    ),
    ("sums in SQL", |t, count| t & sql(format!("n{} > 0", " + 0".repeat(count)), ()), all),
    ("joins", |t, count| grown(t, count, |q, t, _| q * t), all),
    ("joins with itself", |t, count| grown(t, count, |q, _, _| &q * &q), all),
    ("unions", |t, count| grown(t, count, |q, t, _| q.proj(()) + t.proj(())), all),
];

/// Each shape gives its rows in every number, or an error that says that it is too large; a thousand restrictions,
/// alternatives and values are none too many. `DATAJOINT_CONDITIONS=all` has up to 100,000.
#[expect(clippy::print_stdout, reason = "the counts are what the proof is run for")]
pub async fn conditions_of_every_number_are_asked_or_refused(dj: &Instance, _: Capabilities) {
    let turn = TURN.take(dj).await;
    let (schema, class_name, tier) = ("dj_conformance_conditions", "Two", Tier::Manual);
    let definition = "n : int32\nname : varchar(9)";
    let declared = DynamicDeclaration { schema, class_name, tier, definition, master: None };
    let table = dj.declare_dynamic(declared).await.unwrap();
    table.insert(dj, [json!({"n": 1, "name": "a"}), json!({"n": 2, "name": "b"})]).await.unwrap();
    let (mut asked, mut refused) = (0, 0);
    for (name, shape, rows) in SHAPES {
        for &count in counts() {
            let query = shape(&table, count);
            match query.count(dj).await {
                Ok(found) => {
                    assert_eq!(found, rows(count), "{count} {name}");
                    asked += 1;
                }
                Err(error) => {
                    let is_too_complex = error.of_database().and_then(DatabaseError::kind)
                        == Some(DatabaseErrorKind::TooComplex);
                    let is_ours = matches!(error, Error::Sql(_) | Error::Value(_)) || is_too_complex;
                    let error = error.to_string();
                    let is_told = ["too large", "within each other", "is made of more than"];
                    assert!(
                        is_ours && is_told.iter().any(|said| error.contains(said)),
                        "{count} {name}: {error}"
                    );
                    refused += 1;
                    let is_plain = !matches!(
                        name,
                        "restrictions by the same query"
                            | "not of and"
                            | "restrictions within each other"
                            | "projections"
                            | "joins"
                            | "joins with itself"
                            | "brackets in SQL"
                            | "sums in SQL"
                            | "unions"
                    );
                    assert!(count > 1_000 || (count > 1 && !is_plain), "{count} {name}: {error}");
                }
            }
            // Its words are few, however large it is.
            assert!(format!("{query:?}").len() < 20_000, "{count} {name}");
        }
    }
    println!("{}: {} shapes, {asked} asked, {refused} refused", dj.backend(), SHAPES.len());
    turn.end(dj).await;
}
